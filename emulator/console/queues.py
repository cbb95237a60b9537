"""Queues and what lies in them; and what waits for the targets."""

from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query

from emulator.app import ACCOUNT, REGION, Emulator
from emulator.clock import iso_millis
from emulator.config.addresses import BAD_QUEUE, QUEUE_NAME
from emulator.store.queues import Message, Queue, QueueKey

_LINKS = {"self": "/_ebl/queues", "backlog": "/_ebl/backlog"}


def add_queues(routes: FastAPI, emulator: Emulator) -> None:
    queues = emulator.store.queues

    def found(name: str) -> list[Queue]:
        there = queues.named(name)
        if not there:
            known = ", ".join(sorted({queue.key.name for queue in queues.all()})) or "none"
            raise HTTPException(404, f"There is no queue {name!r}. There is: {known}.")
        return there

    @routes.get("/_ebl/queues")
    async def all_queues() -> dict[str, Any]:
        """All queues, and how many messages lie in each."""
        return {"queues": [_queue(queue) for queue in queues.all()], "links": _LINKS}

    @routes.get("/_ebl/queues/{name}")
    async def queue(name: str, limit: Annotated[int, Query(ge=1, le=10_000)] = 100) -> dict[str, Any]:
        """The messages of a queue, oldest first; reading takes none away."""
        there = found(name)
        messages = [_message(each.key, message) for each in there for message in queues.messages(each.key, limit)]
        return {**_queue(there[0]), "messages": messages, "links": _LINKS}

    @routes.post("/_ebl/queues/{name}")
    async def make(
        name: str,
        account: Annotated[str, Query(pattern=r"^\d{12}$")] = ACCOUNT,
        region: Annotated[str, Query(pattern=r"^[a-z]{2,5}(-[a-z]+)+-\d+$")] = REGION,
    ) -> dict[str, Any]:
        """Make a queue, unless it is there."""
        if not QUEUE_NAME.fullmatch(name):
            raise HTTPException(422, f"{name[:200]!r}: {BAD_QUEUE}.")
        key = QueueKey(account, region, name)
        with emulator.store.transaction():
            made = queues.put(key, emulator.clock.now())
        return {"made": made, "arn": key.arn, "links": _LINKS}

    @routes.post("/_ebl/queues/{name}/purge")
    async def purge(name: str) -> dict[str, Any]:
        """Throw away all messages of a queue."""
        with emulator.store.transaction():
            gone = sum(queues.purge(each.key) for each in found(name))
        return {"purged": gone, "links": _LINKS}

    @routes.get("/_ebl/backlog")
    async def backlog() -> dict[str, Any]:
        """What runs and what waits, by target: who is slow."""
        pending = emulator.store.deliveries.pending_counts()
        lanes = {lane.target: lane for lane in emulator.worker.lanes()}
        waiting = {each.target: each for each in emulator.worker.backlog.waiting()}
        targets = [
            {
                "target": target,
                "running": lanes[target].running if target in lanes else 0,
                "waiting": waiting[target].waiting if target in waiting else 0,
                "oldest": waiting[target].oldest if target in waiting else 0,
                "behind": target in waiting and waiting[target].is_behind,
                "unfinished": pending.get(target, 0),
                "at_once": lanes[target].space.most if target in lanes else None,
            }
            for target in sorted(pending.keys() | lanes)
        ]
        return {"targets": targets, "links": {"self": "/_ebl/backlog", "queues": "/_ebl/queues"}}


def _queue(queue: Queue) -> dict[str, Any]:
    return {
        "name": queue.key.name,
        "arn": queue.key.arn,
        "count": queue.messages,
        "sent": queue.sent,
        "dropped": queue.dropped,
        "created": iso_millis(queue.created),
        "link": f"/_ebl/queues/{queue.key.name}",
    }


def _message(key: QueueKey, message: Message) -> dict[str, Any]:
    return {
        "queue": key.arn,
        "message_id": message.id,
        "sent": iso_millis(message.sent),
        "body": message.body,
        "attributes": message.attributes,
        "system": message.system,
    }
