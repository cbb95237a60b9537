"""What is ready to be delivered: one lane for each target, taken in turn.  A target with ten thousand waiting
deliveries, or one that hangs, keeps no other from getting its own.

Knows no clock and no store: `fill` puts into a lane what the store has for it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from emulator.store.deliveries import Delivery

MAX_HELD = 10_000
"""For each target, in memory; what is beyond waits in the store."""
MAX_HELD_IN_ALL = 50_000
"""For all targets together, but for the first _FEW of each."""
MAX_OF_FUNCTIONS = 448
"""Less than the executor has workers: 64 are left for direct invocations."""
MAX_OF_A_FUNCTION = 48
MAX_OF_OTHERS = 552
_FEW = 100


@dataclass(slots=True)
class Space:
    """What all targets of a kind may run at once.  One target gets `most`, and no more than a `share` of what is still
    free: so the next that hangs gets less than the one before, and there is room for forty of them and one more.
    """

    capacity: int
    most: int
    share: int
    running: int = 0

    def has_room(self, running: int) -> bool:
        """For one more of a target of which so many run."""
        free = self.capacity - self.running
        return free > 0 and running < self.most and running < max(1, free // self.share)


@dataclass(slots=True, eq=False)
class Lane:
    """One target's: `held` are ready, `running` are out, what is numbered above `unread` is still to be read from the
    store (None: nothing is).  `waiting` have not begun, held or not."""

    target: str
    space: Space
    held: deque[Delivery] = field(default_factory=deque)
    running: int = 0
    waiting: int = 0
    unread: int | None = None
    queued: bool = False
    blocked: bool = False


class Lanes:
    """Lanes are made when they are needed, and go when nothing is in them."""

    def __init__(self, fill: Callable[[Lane], None]) -> None:
        self._fill = fill
        self._lanes: dict[str, Lane] = {}
        self._turns: deque[Lane] = deque()
        self._blocked: deque[Lane] = deque()
        self._held = 0
        self._functions = Space(MAX_OF_FUNCTIONS, MAX_OF_A_FUNCTION, 8)
        self._others = Space(MAX_OF_OTHERS, MAX_OF_OTHERS, 4)

    def offer(self, deliveries: Iterable[Delivery]) -> None:
        """These have just been stored; a lane that is full remembers to read them later."""
        for delivery in deliveries:
            lane = self._lanes.get(delivery.target_arn) or self._open(delivery.target_arn)
            lane.waiting += 1
            if lane.unread is None:
                if self._is_full(lane):
                    lane.unread = delivery.id - 1
                else:
                    self._hold(lane, delivery)
            self._queue(lane)

    def put_back(self, deliveries: Iterable[Delivery]) -> None:
        """These were read from the store, and are due; what has no room is read again."""
        for delivery in deliveries:
            lane = self._lanes.get(delivery.target_arn) or self._open(delivery.target_arn)
            lane.waiting += 1
            if not self._is_full(lane):
                self._hold(lane, delivery)
            elif lane.unread is None or lane.unread >= delivery.id:
                lane.unread = delivery.id - 1
            self._queue(lane)

    def unread(self, targets: Mapping[str, int]) -> None:
        """The store has so many for these targets that nobody has read."""
        for target, count in targets.items():
            lane = self._lanes.get(target) or self._open(target)
            lane.unread, lane.waiting = 0, count
            self._queue(lane)

    def next(self) -> Delivery | None:
        """The next that may run, of the lane whose turn it is; it counts as running from here on."""
        while self._turns:
            lane = self._turns[0]
            if lane.space.has_room(lane.running):
                delivery = self._take(lane)
                if delivery is not None:
                    self._turns.rotate(-1)
                    return delivery
            self._turns.popleft()
            lane.queued = False
            if lane.waiting and lane.running < lane.space.most and not lane.blocked:
                lane.blocked = True
                self._blocked.append(lane)
            self._drop_empty(lane)
        return None

    def ended(self, target: str) -> None:
        """A delivery that `next` gave is out no more."""
        lane = self._lanes[target]
        lane.running -= 1
        lane.space.running -= 1
        if lane.waiting:
            self._queue(lane)
        elif not lane.queued:
            self._drop_empty(lane)
        while self._blocked:  # whoever had no room for the others' sake may have some now
            lane = self._blocked.popleft()
            lane.blocked = False
            self._queue(lane)

    def waiting(self) -> bool:
        """Is there anything that has not begun?"""
        return any(lane.held or lane.unread is not None for lane in self._lanes.values())

    def all(self) -> list[Lane]:
        return list(self._lanes.values())

    def _take(self, lane: Lane) -> Delivery | None:
        if not lane.held:
            if lane.unread is not None:
                self._fill(lane)
                self._held += len(lane.held)
            if lane.unread is None:
                lane.waiting = len(lane.held)
        if not lane.held:
            return None
        self._held -= 1
        lane.waiting -= 1
        lane.running += 1
        lane.space.running += 1
        return lane.held.popleft()

    def _is_full(self, lane: Lane) -> bool:
        held = len(lane.held)
        return held >= MAX_HELD or (self._held >= MAX_HELD_IN_ALL and held >= _FEW)

    def _hold(self, lane: Lane, delivery: Delivery) -> None:
        lane.held.append(delivery)
        self._held += 1

    def _open(self, target: str) -> Lane:
        lane = self._lanes[target] = Lane(target, self._functions if ":lambda:" in target else self._others)
        return lane

    def _queue(self, lane: Lane) -> None:
        if not lane.queued:
            lane.queued = True
            self._turns.append(lane)

    def _drop_empty(self, lane: Lane) -> None:
        if not lane.running and not lane.held and lane.unread is None:
            self._lanes.pop(lane.target, None)
