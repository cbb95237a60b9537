"""What is ready to be delivered: one lane for each target, taken in turn.  A target with ten thousand waiting
deliveries, or one that hangs, keeps no other from getting its own.

Knows no clock and no store: `fill` puts into a lane what the store has for it.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from emulator.store.deliveries import Delivery

MAX_HELD = 10_000
"""For each target, in memory; what is beyond waits in the store."""
MAX_OF_A_FUNCTION = 48
"""Less than the executor has workers: sixteen are left for the others when one function hangs."""
MAX_OF_OTHERS = 500


@dataclass(slots=True, eq=False)
class Lane:
    """One target's: `held` are ready, `running` are out, what is numbered above `unread` is still to be read from the
    store (None: nothing is)."""

    target: str
    limit: int
    held: deque[Delivery] = field(default_factory=deque)
    running: int = 0
    unread: int | None = None
    queued: bool = False


class Lanes:
    """Lanes are made when they are needed, and go when nothing is in them."""

    def __init__(self, fill: Callable[[Lane], None]) -> None:
        self._fill = fill
        self._lanes: dict[str, Lane] = {}
        self._turns: deque[Lane] = deque()

    def offer(self, deliveries: Iterable[Delivery]) -> None:
        """These have just been stored; a lane that is full remembers to read them later."""
        lanes = self._lanes
        for delivery in deliveries:
            lane = lanes.get(delivery.target_arn) or self._open(delivery.target_arn)
            if lane.unread is None:
                if len(lane.held) < MAX_HELD:
                    lane.held.append(delivery)
                else:
                    lane.unread = delivery.id - 1
            self._queue(lane)

    def put_back(self, deliveries: Iterable[Delivery]) -> None:
        """These were read from the store, and are due: held whatever their number."""
        for delivery in deliveries:
            lane = self._lanes.get(delivery.target_arn) or self._open(delivery.target_arn)
            lane.held.append(delivery)
            self._queue(lane)

    def unread(self, target: str) -> None:
        """The store has something for this target that nobody has read."""
        lane = self._lanes.get(target) or self._open(target)
        lane.unread = 0
        self._queue(lane)

    def next(self) -> Delivery | None:
        """The next that may run, of the lane whose turn it is; it counts as running from here on."""
        turns = self._turns
        while turns:
            lane = turns[0]
            has_room = lane.running < lane.limit
            if has_room and not lane.held and lane.unread is not None:
                self._fill(lane)
            if has_room and lane.held:
                lane.running += 1
                turns.rotate(-1)
                return lane.held.popleft()
            turns.popleft()
            lane.queued = False
            self._drop_empty(lane)
        return None

    def ended(self, target: str) -> None:
        """A delivery that `next` gave is out no more."""
        lane = self._lanes[target]
        lane.running -= 1
        if lane.held or lane.unread is not None:
            self._queue(lane)
        elif not lane.queued:
            self._drop_empty(lane)

    def waiting(self) -> bool:
        """Is there anything that has not begun?"""
        return any(lane.held or lane.unread is not None for lane in self._lanes.values())

    def all(self) -> list[Lane]:
        return list(self._lanes.values())

    def clear(self) -> None:
        """Forget what has not begun (the store was emptied)."""
        for lane in self._lanes.values():
            lane.held.clear()
            lane.unread = None

    def _open(self, target: str) -> Lane:
        limit = MAX_OF_A_FUNCTION if ":lambda:" in target else MAX_OF_OTHERS
        lane = self._lanes[target] = Lane(target, limit)
        return lane

    def _queue(self, lane: Lane) -> None:
        if not lane.queued:
            lane.queued = True
            self._turns.append(lane)

    def _drop_empty(self, lane: Lane) -> None:
        if not lane.running and not lane.held and lane.unread is None:
            del self._lanes[lane.target]
