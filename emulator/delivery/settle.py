"""Is everything still, and if not, what is in flight?

In flight is what runs, what is due and what has ended but is not yet written down: deliveries, direct invocations, and
requests that may be changing something at a neighbour.  A handler's own requests to this server lie within its
invocation.  What waits for a later moment is not in flight.
"""

from dataclasses import dataclass
from itertools import islice

from emulator.backends.neighbours import Neighbours
from emulator.delivery.invoke import Invoker
from emulator.delivery.worker import Worker
from emulator.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One attempt that has begun at `since` (seconds since 1970) and has not ended.  `rule` and `bus` are empty, and
    `event_id` is the id of the request, where no event caused it.  Of a request to a neighbour, `target` is its
    operation (`sqs:SendMessage`) and `event_id` empty."""

    target: str
    since: float
    event_id: str
    rule: str = ""
    bus: str = ""
    attempt: int = 1


class Settle:
    """On the event loop's thread."""

    def __init__(self, store: Store, worker: Worker, invoker: Invoker, neighbours: Neighbours) -> None:
        self._store = store
        self._worker = worker
        self._invoker = invoker
        self._neighbours = neighbours

    def still(self) -> bool:
        return not self._worker.busy() and not self._invoker.direct and not self._neighbours.in_flight

    async def stillness(self) -> None:
        """Returns as soon as nothing is in flight; sleeps in between, without looking again and again."""
        while not self.still():
            if self._worker.busy():
                await self._worker.next_settlement()
            elif self._invoker.direct:
                await self._invoker.next_end()
            else:
                await self._neighbours.next_end()

    def running(self, limit: int) -> list[Running]:
        """What runs now, what has run longest first."""
        since = dict(islice(self._worker.running().items(), limit))
        found = [
            Running(target=d.target_arn, since=since[d.id], event_id=d.event_id, rule=d.rule, bus=d.bus,
                    attempt=d.attempts + 1)
            for d in self._store.deliveries.get(since)
        ]  # fmt: skip
        direct = self._invoker.direct.items()
        found += [Running(target=arn, since=at, event_id=request_id) for request_id, (arn, at) in direct]
        changing = islice(self._neighbours.in_flight.values(), limit)
        found += [Running(target=what, since=at, event_id="") for what, at in changing]
        return sorted(found, key=lambda running: running.since)[:limit]
