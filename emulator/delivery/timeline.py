"""The timeline: what is due when, and how a virtual clock is moved along it.

The clock goes from one due moment to the next.  At each of them everything that is due begins (retries, then
schedules), and runs to its end before the clock goes on; so a handler finds the moment at which it was due.
One caller moves at a time; each has a limit of real time, and is told what still runs when that is over.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from emulator.clock import SwitchableClock
from emulator.delivery.delays import Delays
from emulator.delivery.due import Due, Timed
from emulator.delivery.retries import Retries
from emulator.delivery.settle import Running, Settle
from emulator.errors import EblError

MAX_LISTED = 1_000
"""So many of the things that fired, run or wait are listed; the others are only counted."""
FURTHEST = 86_400.0
"""Seconds that `settle(advance=True)` moves the clock at most: EventBridge gives up on an event after 24 hours."""


class ClockIsReal(EblError):
    """The machine's clock cannot be moved."""

    def __init__(self) -> None:
        super().__init__(
            "The clock is the machine's own, which cannot be moved. Start with --clock virtual, or set the clock first"
            " (`ebl clock set now`)."
        )


@dataclass(slots=True)
class Passage:
    """What came of a wait, or of moving the clock.

    `settled`: nothing is in flight any more, and the clock is where it was to be moved.  `fired` is what the clock was
    moved over, in the order in which it began (of `fired_count` the first MAX_LISTED); `running` and `waiting` are what
    is in flight, and what waits for a later moment, at the end.
    """

    settled: bool = False
    fired: list[Due] = field(default_factory=list)
    fired_count: int = 0
    running: list[Running] = field(default_factory=list)
    waiting: list[Due] = field(default_factory=list)

    def add(self, fired: list[Due]) -> None:
        self.fired_count += len(fired)
        self.fired += fired[: MAX_LISTED - len(self.fired)]


class Timeline:
    """`settle` and the verbs of the clock; all of them wait, and `timeout` (seconds of real time) bounds each."""

    def __init__(
        self, clock: SwitchableClock, settle: Settle, retries: Retries, delays: Delays, *others: Timed
    ) -> None:
        self._clock = clock
        self._settle = settle
        self._retries = retries
        self._delays = delays
        self._all: list[Timed] = [retries, delays, *others]
        self._moving: asyncio.Lock | None = None

    def next_at(self) -> float | None:
        """The next moment at which something is due; None when nothing ever is."""
        moments = [at for timed in self._all if (at := timed.next_at()) is not None]
        return min(moments, default=None)

    def waiting(self, limit: int = MAX_LISTED) -> list[Due]:
        """What comes next, the earliest first."""
        found = [due for timed in self._all for due in timed.waiting(limit)]
        return sorted(found, key=lambda due: due.at)[:limit]

    async def settle(self, timeout: float, *, advance: bool = False) -> Passage:
        """Wait until nothing is in flight.  With `advance` the clock goes from retry to retry until none is left.

        What comes due on that way fires too, as when time passes.  But the clock is not moved for the retries of what a
        schedule has sent meanwhile, or of what came of that, nor further than FURTHEST: a rule that fires each minute
        and fails does not make it endless.
        """
        if advance:
            self._must_be_virtual()

        async def move(passage: Passage) -> bool:
            passage.add(self._fire_due())
            await self._settle.stillness()
            return not advance or await self._over_retries(passage)

        return await self._bounded(timeout, move)

    async def advance(self, seconds: float, timeout: float) -> Passage:
        """Move the clock by so many seconds, over everything that is due meanwhile."""
        self._must_be_virtual()

        async def move(passage: Passage) -> bool:
            await self._settle.stillness()
            end = self._clock.now() + seconds
            await self._pass(passage, lambda: at if (at := self.next_at()) is not None and at <= end else None)
            self._clock.set(end)
            return True

        return await self._bounded(timeout, move)

    async def next(self, timeout: float) -> Passage:
        """Move the clock to the next moment at which something is due; nowhere when nothing is."""
        self._must_be_virtual()

        async def move(passage: Passage) -> bool:
            await self._settle.stillness()
            moments = [at for at in [self.next_at()] if at is not None]
            await self._pass(passage, lambda: moments.pop() if moments else None)
            return True

        return await self._bounded(timeout, move)

    async def set(self, moment: float, timeout: float) -> Passage:
        """Stand still at `moment`, virtual from here on, once nothing is in flight.

        This is a jump: schedules in between do not fire, and count from `moment` on.  Retries that are overdue then
        (after a jump forwards) begin at once; they are in `fired`.
        """
        return await self._jump(lambda: self._clock.set(moment), timeout)

    async def be_real(self, timeout: float) -> Passage:
        """Show the machine's time again, once nothing is in flight; a jump like that of `set`."""
        return await self._jump(self._clock.be_real, timeout)

    async def _jump(self, jump: Callable[[], None], timeout: float) -> Passage:
        async def move(passage: Passage) -> bool:
            await self._settle.stillness()
            jump()
            for timed in self._all:
                timed.clock_changed()
            passage.add(self._fire_due())
            await self._settle.stillness()
            return True

        return await self._bounded(timeout, move)

    async def _bounded(self, timeout: float, move: Callable[[Passage], Awaitable[bool]]) -> Passage:
        if self._moving is None:  # made here: a lock belongs to the loop on which it is first used
            self._moving = asyncio.Lock()
        passage = Passage()
        try:
            async with asyncio.timeout(timeout), self._moving:
                passage.settled = await move(passage)
        except TimeoutError:
            passage.running = self._settle.running(MAX_LISTED)
        passage.waiting = self.waiting()
        return passage

    async def _over_retries(self, passage: Passage) -> bool:
        """From retry to retry; whether none is left."""
        furthest = self._clock.now() + FURTHEST
        scheduled: set[str] = set()

        def wanted() -> float | None:
            scheduled.update(due.event_id for due in passage.fired if due.kind == "schedule")
            moment = self._next_besides(scheduled)
            return self.next_at() if moment is not None and moment <= furthest else None

        await self._pass(passage, wanted)
        return self._next_besides(scheduled) is None

    def _next_besides(self, scheduled: Collection[str]) -> float | None:
        """The next moment of what somebody waits for."""
        moments = (self._retries.next_besides(scheduled), self._delays.next_at())
        return min((at for at in moments if at is not None), default=None)

    async def _pass(self, passage: Passage, wanted: Callable[[], float | None]) -> None:
        """Go from moment to moment, for as long as `wanted` names one."""
        while (moment := wanted()) is not None:
            self._clock.set(max(moment, self._clock.now()))
            passage.add(self._fire_due())
            await asyncio.sleep(0)  # what fires may leave nothing to wait for, and the time limit must still be seen
            await self._settle.stillness()

    def _fire_due(self) -> list[Due]:
        return [due for timed in self._all for due in timed.fire_due()]

    def _must_be_virtual(self) -> None:
        if not self._clock.virtual:
            raise ClockIsReal
