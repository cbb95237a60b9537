"""What time is it?  The only module that asks; everybody else is given a Clock."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970 (UTC), as a float."""

    def now(self) -> float: ...

    @property
    def virtual(self) -> bool:
        """It stands still until somebody moves it: nobody may wait for it with a timer."""
        ...


class SystemClock:
    """The machine's own clock."""

    virtual = False

    def now(self) -> float:
        return time.time()


class VirtualClock:
    """A clock that stands still until it is told to move."""

    virtual = True

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start

    def now(self) -> float:
        return self._now

    def set(self, moment: float) -> None:
        """Jump to `moment` (seconds since 1970), which may lie in the past."""
        self._now = moment

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self._now += ((days * 24 + hours) * 60 + minutes) * 60 + seconds


class SwitchableClock:
    """The one clock that everybody in an emulator holds.  Behind it stands the machine's or a virtual one, and that may
    change while it runs: nobody sees the one behind, so nobody need be told but those who sleep until a moment. Whoever
    moves or switches the clock wakes them (`delivery.timeline`).

    `now` may be called from any thread, everything else from the event loop's.
    """

    def __init__(self, behind: Clock | None = None) -> None:
        self._behind: Clock = behind or SystemClock()

    @property
    def virtual(self) -> bool:
        return self._behind.virtual

    def now(self) -> float:
        return self._behind.now()

    def set(self, moment: float) -> None:
        """Stand still at `moment` (seconds since 1970): from here on the clock is virtual."""
        self._behind = VirtualClock(moment)

    def be_real(self) -> None:
        """Show the machine's time from here on."""
        self._behind = SystemClock()


def iso_seconds(moment: float) -> str:
    """`2026-01-02T03:04:05Z`: the form of an event's `time`, fraction cut off (as AWS does)."""
    return f"{datetime.fromtimestamp(moment // 1, UTC).replace(tzinfo=None).isoformat()}Z"


def iso_millis(moment: float) -> str:
    """`2026-01-02T03:04:05.678Z`: the form of an ingestion time."""
    millis = int(moment * 1000)
    return f"{iso_seconds(millis // 1000)[:-1]}.{millis % 1000:03d}Z"
