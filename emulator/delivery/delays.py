"""Direct invocations that a fault has made late: each waits for its moment of the clock, and its caller with it.

On the machine's clock they begin by themselves; a virtual one is moved over them (`delivery.timeline`).
"""

import asyncio
import heapq
from itertools import count

from emulator.clock import Clock
from emulator.delivery.due import Due

_Waiting = tuple[float, int, Due, "asyncio.Future[None]"]


class Delays:
    """On the event loop's thread.  In memory: a caller does not survive the process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = count()
        self._waiting: list[_Waiting] = []
        self._timer: asyncio.TimerHandle | None = None

    async def until(self, due: Due) -> None:
        """Returns when the clock shows `due.at`; raises what `refuse` is told."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (due.at, next(self._numbers), due, future))
        self._sleep()
        try:
            await future
        finally:
            self._waiting = [waiting for waiting in self._waiting if waiting[3] is not future]
            heapq.heapify(self._waiting)

    def refuse(self, error: Exception) -> int:
        """Nobody has to wait any longer; how many did."""
        waiting, self._waiting = self._waiting, []
        for *_, future in waiting:
            if not future.done():
                future.set_exception(error)
        self._sleep()
        return len(waiting)

    def next_at(self) -> float | None:
        return self._waiting[0][0] if self._waiting else None

    def fire_due(self) -> list[Due]:
        fired = []
        while self._waiting and self._waiting[0][0] <= self._clock.now():
            _, _, due, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)
            fired.append(due)
        self._sleep()
        return fired

    def waiting(self, limit: int) -> list[Due]:
        return [due for _, _, due, _ in heapq.nsmallest(limit, self._waiting)]

    def clock_changed(self) -> None:
        self._sleep()

    def _sleep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and not self._clock.virtual:
            wait = max(self._waiting[0][0] - self._clock.now(), 0)
            self._timer = asyncio.get_running_loop().call_later(wait, self.fire_due)
