"""The numbers of deliveries that wait for a later moment, and the timer that wakes whoever is to begin them."""

import asyncio
import heapq
from collections.abc import Callable, Iterable, Sequence

from emulator.clock import Clock


class Later:
    """On the event loop's thread.  Whoever moves a virtual clock wakes by himself: then there is no timer."""

    def __init__(self, clock: Clock, wake: Callable[[], None]) -> None:
        self._clock = clock
        self._wake = wake
        self._heap: list[tuple[float, int]] = []
        self._timer: asyncio.TimerHandle | None = None

    def put(self, at: float, number: int) -> None:
        heapq.heappush(self._heap, (at, number))

    def replace(self, entries: Iterable[tuple[float, int]]) -> None:
        """These, and no others."""
        self._heap = list(entries)
        heapq.heapify(self._heap)

    def is_due(self, now: float) -> bool:
        return bool(self._heap) and self._heap[0][0] <= now

    def take(self, now: float, limit: int) -> list[int]:
        """Those that are due, the earliest first; they wait no more."""
        due: list[int] = []
        while self.is_due(now) and len(due) < limit:
            due.append(heapq.heappop(self._heap)[1])
        return due

    def all(self) -> Sequence[tuple[float, int]]:
        """When, and the number, of each: the earliest first, the others not in order."""
        return self._heap

    def sleep(self) -> None:
        """Wake up by myself when the next is due."""
        self.stop()
        if self._heap and not self._clock.virtual:
            wait = max(self._heap[0][0] - self._clock.now(), 0)
            self._timer = asyncio.get_running_loop().call_later(wait, self._wake)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
