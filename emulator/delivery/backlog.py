"""Who is behind: targets for which events come faster than they are taken.

PutEvents accepts what comes, as on AWS, where a target that is slow delays its events and loses none; so it is here
that one sees it.  Looked at once a second, and only while something waits.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from emulator.clock import Clock
from emulator.delivery.lanes import Lane
from emulator.delivery.steps import Kind, Step, Steps

MANY = 1_000
"""A target for which so many wait is behind."""
LONG = 10.0
"""And so is one whose oldest has waited for so many seconds."""
_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one target, `oldest` seconds at the longest, while so many are `running`."""

    target: str
    waiting: int
    oldest: float
    running: int

    @property
    def is_behind(self) -> bool:
        return self.waiting >= MANY or self.oldest >= LONG


class Backlog:
    """`lanes` are the worker's.  On the event loop's thread."""

    def __init__(self, lanes: Callable[[], Iterable[Lane]], clock: Clock, steps: Steps) -> None:
        self._lanes = lanes
        self._clock = clock
        self._steps = steps
        self._told: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Something waits: look from now on."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_EVERY, self.look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def waiting(self) -> list[Waiting]:
        """By target; who has waited longest comes first."""
        now = self._clock.now()
        found = [_waiting(lane, now) for lane in self._lanes() if lane.waiting]
        return sorted(found, key=lambda each: -each.oldest)

    def look(self) -> None:
        """Tell who has fallen behind, again when it has become twice as much, and who has caught up."""
        self._timer = None
        found = self.waiting()
        for each in found:
            if each.is_behind and each.waiting >= 2 * self._told.get(each.target, 0):
                self._told[each.target] = each.waiting
                self._tell(each)
        behind = {each.target for each in found}
        for target in self._told.keys() - behind:
            del self._told[target]
            self._tell(Waiting(target, 0, 0.0, 0))
        if found:
            self.watch()

    def _tell(self, each: Waiting) -> None:
        details = {"waiting": each.waiting, "oldest": each.oldest, "running": each.running}
        self._steps.tell(Step(Kind.BACKLOG, self._clock.now(), target=each.target, details=details))


def _waiting(lane: Lane, now: float) -> Waiting:
    oldest = max(0.0, now - lane.held[0].due) if lane.held else 0.0
    return Waiting(lane.target, lane.waiting, round(oldest, 3), lane.running)
