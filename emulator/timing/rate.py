"""rate(5 minutes): every so many seconds, counted from when the schedule was enabled."""

import re
from dataclasses import dataclass

from emulator.timing.schedule import END, InvalidSchedule

_RATE = re.compile(r"rate\(([0-9]+) (minute|hour|day)(s?)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_LARGEST = 2**31 - 1
"""Of the number, whatever its unit (recorded on AWS, Sep 2026)."""


@dataclass(frozen=True, slots=True)
class Rate:
    seconds: int

    def next_after(self, moment: float, anchor: float) -> float | None:
        """The first `anchor + n * seconds` after `moment`; n is at least 1."""
        periods = max((moment - anchor) // self.seconds, 0) + 1
        due = anchor + periods * self.seconds
        if due <= moment:  # rounding
            due += self.seconds
        return due if due < END else None


def parse_rate(text: str, *, any_plural: bool = False) -> Rate:
    """Raises InvalidSchedule; `any_plural` admits `rate(1 minutes)` and `rate(5 minute)` as well."""
    found = _RATE.fullmatch(text)
    if found is None or len(found[1]) > 256:  # longer than any expression, and Python would refuse to convert it
        raise InvalidSchedule(text)
    number, plural = int(found[1]), found[3] == "s"
    if not 1 <= number <= _LARGEST or (plural == (number == 1) and not any_plural):
        raise InvalidSchedule(text)
    return Rate(number * _SECONDS[found[2]])
