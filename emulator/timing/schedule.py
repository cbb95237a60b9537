"""What every kind of schedule can say: when it fires next.  Pure: the moment is passed in."""

from typing import Protocol

END = 7258118400.0
"""2200-01-01T00:00:00Z: AWS documents years up to 2199.  Later years are admitted, but here they never come."""


class InvalidSchedule(ValueError):
    """Not an expression that AWS admits.  AWS gives no reason, so this has none: its text is the expression."""


class Schedule(Protocol):
    def next_after(self, moment: float, anchor: float) -> float | None:
        """The first time after `moment` at which this fires, None for never again.  Seconds since 1970, UTC.

        `anchor` is when the schedule was enabled: rates count from there, all others ignore it.
        """
