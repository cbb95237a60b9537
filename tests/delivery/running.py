"""A whole emulator on a virtual clock, with real handlers, for tests of what follows a delivery."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from emulator.app import ACCOUNT, REGION, Emulator
from emulator.clock import VirtualClock
from emulator.delivery.steps import Step
from emulator.store.database import Store
from emulator.store.functions import LATEST, FunctionRow
from emulator.store.queues import Message, QueueKey
from emulator.store.settings import SettingKey
from emulator.wire.service import Scope

FAILING = "def handler(event, context):\n    raise KeyError('amount')\n"
WORKING = "def handler(event, context):\n    return {'ok': True}\n"


def put_event_invoke(
    store: Store, function: str, *, retries: int | None = None, max_event_age: int | None = None,
    on_failure: str = "", on_success: str = "",
) -> None:  # fmt: skip
    """What its queue does with what it is given, and who hears of it."""
    sides = {"OnFailure": on_failure, "OnSuccess": on_success}
    members: dict[str, Any] = {"DestinationConfig": {s: {"Destination": arn} for s, arn in sides.items() if arn}}
    if retries is not None:
        members["MaximumRetryAttempts"] = retries
    if max_event_age is not None:
        members["MaximumEventAgeInSeconds"] = max_event_age
    store.settings.put(SettingKey("event_invoke", ACCOUNT, REGION, function, LATEST), members, 0)


class Running:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.emulator = Emulator(clock=VirtualClock(1_790_000_000))
        self.store = self.emulator.store
        self.steps: list[Step] = []
        self.emulator.steps.listen(self.steps.append)

    def function(
        self, name: str, code: str = WORKING, *, retries: int | None = None, max_event_age: int | None = None,
        on_failure: str = "", on_success: str = "", reserved: int | None = None, **columns: Any,
    ) -> str:  # fmt: skip
        """A function as config.yaml would make it."""
        path = self.folder / f"{name}.py"
        path.write_text(code)
        row = FunctionRow(ACCOUNT, REGION, name, str(path), revision_id=name, **columns)
        self.store.functions.put(row)
        if reserved is not None:
            key = SettingKey("concurrency", ACCOUNT, REGION, name)
            self.store.settings.put(key, {"ReservedConcurrentExecutions": reserved}, 0)
        put_event_invoke(
            self.store, name, retries=retries, max_event_age=max_event_age, on_failure=on_failure, on_success=on_success
        )
        return row.arn

    def queue(self, name: str) -> str:
        key = QueueKey(ACCOUNT, REGION, name)
        self.store.queues.put(key, 0)
        return key.arn

    def messages(self, name: str) -> list[Message]:
        return self.store.queues.messages(QueueKey(ACCOUNT, REGION, name), 1_000)

    async def bus(self, name: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
        await self.emulator.api("events", "CreateEventBus", {"Name": name}, Scope(account, region))
        return f"arn:aws:events:{region}:{account}:event-bus/{name}"

    async def rule(self, name: str, *targets: Mapping[str, Any], bus: str = "default", region: str = REGION) -> None:
        """A rule for every event whose source is shop or lambda."""
        scope, pattern = Scope(ACCOUNT, region), json.dumps({"source": ["shop", "lambda"]})
        rule = {"Name": name, "EventBusName": bus, "EventPattern": pattern}
        await self.emulator.api("events", "PutRule", rule, scope)
        members = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        await self.emulator.api("events", "PutTargets", {"Rule": name, "EventBusName": bus, "Targets": members}, scope)

    async def put(self, times: int = 1, bus: str = "default") -> str:
        """Events of the source shop; the id of the last."""
        entry = {"Source": "shop", "DetailType": "T", "Detail": '{"n":1}', "EventBusName": bus}
        answer = await self.emulator.api("events", "PutEvents", {"Entries": [entry] * times})
        return str(answer["Entries"][-1]["EventId"])

    async def passes(self) -> None:
        """The clock goes over all retries."""
        assert (await self.emulator.settle(10, advance=True)).settled


def running(folder: Path, scenario: Callable[[Running], Awaitable[None]]) -> None:
    async def main() -> None:
        ready = Running(folder)
        await ready.emulator.start()
        try:
            await scenario(ready)
        finally:
            await ready.emulator.stop()

    asyncio.run(main())
