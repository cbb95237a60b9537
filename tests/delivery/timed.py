"""An emulator on a virtual clock, with handlers written into a folder: time passes when a test says so."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from emulator.app import ACCOUNT, REGION, Emulator
from emulator.clock import Clock, VirtualClock
from emulator.store.functions import FunctionRow

START = 1_790_000_000.0  # 2026-09-21T14:13:20Z
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
OK = "def handler(event, context): return 1"
FAILS = "def handler(event, context): raise ValueError('no')"


class Timed:
    """`emulator`, and short words for what tests of time need."""

    def __init__(self, folder: Path, clock: Clock | None) -> None:
        self.folder = folder
        self.emulator = Emulator(clock=clock)

    def function(self, name: str, source: str = OK) -> None:
        path = self.folder / f"{name}.py"
        path.write_text(source)
        self.emulator.store.functions.put(FunctionRow(ACCOUNT, REGION, name, str(path), revision_id="1"))

    async def rule(self, name: str, *targets: str, **members: str) -> None:
        """`EventPattern` or `ScheduleExpression`, and functions by name."""
        await self.emulator.api("events", "PutRule", {"Name": name, **members})
        if targets:
            aims = [{"Id": target, "Arn": LAMBDA + target} for target in targets]
            await self.emulator.api("events", "PutTargets", {"Rule": name, "Targets": aims})

    async def put(self, source: str = "shop", detail: str = "{}") -> str:
        """The id of the event."""
        entry = {"Source": source, "DetailType": "T", "Detail": detail}
        answer = await self.emulator.api("events", "PutEvents", {"Entries": [entry]})
        event_id: str = answer["Entries"][0]["EventId"]
        return event_id

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self.emulator.clock.now() - START

    def fired(self, passage: Any) -> list[tuple[float, str, str]]:
        return [(due.at - START, due.kind, due.rule) for due in passage.fired]


def in_time(folder: Path, scenario: Callable[[Timed], Awaitable[None]], *, real: bool = False) -> None:
    """Run `scenario` on a running emulator; its clock stands at START, unless it is the machine's."""

    async def main() -> None:
        timed = Timed(folder, None if real else VirtualClock(START))
        await timed.emulator.start()
        try:
            await scenario(timed)
        finally:
            await timed.emulator.stop(0)

    asyncio.run(main())
