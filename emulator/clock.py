"""What time is it?  The only module that asks; everybody else is given a Clock."""

import heapq
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970 (UTC), as a float."""

    def now(self) -> float: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()


class VirtualClock:
    """A clock that stands still until it is told to move.

    `advance` moves it; `advance_to_next` jumps to the earliest of the moments that somebody announced with `announce`.
    """

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._moments: list[float] = []

    def now(self) -> float:
        return self._now

    def set(self, moment: float) -> None:
        """Jump to `moment` (seconds since 1970), which may lie in the past."""
        self._now = moment

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self._now += ((days * 24 + hours) * 60 + minutes) * 60 + seconds

    def announce(self, moment: float) -> None:
        """Something is due at `moment`."""
        heapq.heappush(self._moments, moment)

    def advance_to_next(self) -> float | None:
        """Jump to the earliest announced moment that has not passed; None (and no jump) when there is none."""
        while self._moments:
            moment = heapq.heappop(self._moments)
            if moment > self._now:
                self._now = moment
                return moment
        return None


def iso_seconds(moment: float) -> str:
    """`2026-01-02T03:04:05Z`: the form of an event's `time`, fraction cut off (as AWS does)."""
    return f"{datetime.fromtimestamp(moment // 1, UTC).replace(tzinfo=None).isoformat()}Z"


def iso_millis(moment: float) -> str:
    """`2026-01-02T03:04:05.678Z`: the form of an ingestion time."""
    millis = int(moment * 1000)
    return f"{iso_seconds(millis // 1000)[:-1]}.{millis % 1000:03d}Z"
