"""The six fields of a cron expression: text to the values they stand for.  Knows no calendar.

AWS reads them as the scheduler library Quartz 2.2 does, oddities included (recorded on AWS, Sep 2026): a range may wrap
around (`FRI-MON`), a step may be 0 or beyond the field (just the first value), and whatever follows a valid beginning
is ignored (`0x`, `MONDAY`, `1-31W`).  Where no recording says otherwise, Quartz decides.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emulator.timing.schedule import InvalidSchedule

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = {name: number for number, name in enumerate(_MONTHS, 1)}
WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAYS, 1)}
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """The values of a field; `names` may stand for them; `largest_step` holds for `*/step` only."""

    first: int
    last: int
    largest_step: int
    names: dict[str, int]

    def wrapped(self, start: int, stop: int, step: int) -> Iterator[int]:
        """`start`, `start + step`, … up to `stop`; if that lies before `start`, around the end of the field."""
        size = self.last - self.first + 1
        if stop < start:
            stop += size
        for value in range(start, stop + 1, step):
            yield (value - self.first) % size + self.first


MINUTE = Bounds(0, 59, 59, {})
HOUR = Bounds(0, 23, 23, {})
DAY = Bounds(1, 31, 31, {})
MONTH = Bounds(1, 12, 12, MONTHS)
WEEKDAY = Bounds(1, 7, 7, WEEKDAYS)

_EVERY = re.compile(r"\*?/([0-9]+)|\*(?!/).*", re.DOTALL)
_NUMBERS = re.compile(
    r"([0-9]++)"  # never less than all digits: the `1` of `12L` is no number
    r"(?:-(?P<stop>[0-9]++)(?:/(?P<range_step>[0-9]++)|(?!/))"
    r"|/(?P<step>[0-9]\Z|[0-9]{2,})"
    r"|(?![-/LW#]))"
)
_LAST_DAY = re.compile(r"L(?:-([0-9]+))?(W?)")


def items(field: str) -> list[str]:
    """`1,,5-7` -> `["1", "5-7"]`."""
    return [item for item in field.split(",") if item]


def values(field: str, bounds: Bounds) -> frozenset[int]:
    """All values of a field that has no special letters; raises InvalidSchedule (whose text is the field)."""
    found = frozenset(value for item in items(field) for value in item_values(item, bounds))
    if not found:
        raise InvalidSchedule(field)
    return found


def item_values(item: str, bounds: Bounds) -> Iterable[int]:
    if every := _EVERY.fullmatch(item):
        step = number(every[1] or "1")
        if step > bounds.largest_step:
            raise InvalidSchedule(item)
        return range(bounds.first, bounds.last + 1, step or 1)
    if item[:3] in bounds.names:
        return _named(item, bounds)
    start, stop, step = span(item)
    if not bounds.first <= start <= bounds.last or (stop or 0) > bounds.last:
        raise InvalidSchedule(item)
    if step == 0:
        return [start]
    return bounds.wrapped(start, bounds.last if stop is None else stop, step)


def _named(item: str, bounds: Bounds) -> Iterable[int]:
    """`MON`, `MON-FRI`; a step is not read."""
    start = bounds.names[item[:3]]
    if item[3:4] != "-":
        return [start]
    if item[4:7] not in bounds.names:
        raise InvalidSchedule(item)
    return bounds.wrapped(start, bounds.names[item[4:7]], 1)


def span(item: str) -> tuple[int, int | None, int]:
    """`7` -> (7, 7, 0), `7-9/2` -> (7, 9, 2), `7/2` -> (7, None, 2): start, stop, step (0: just the start)."""
    found = _NUMBERS.match(item)
    if found is None:
        raise InvalidSchedule(item)
    start = number(found[1])
    if found["stop"] is not None:
        return start, number(found["stop"]), number(found["range_step"] or "1")
    if found["step"] is not None:
        return start, None, number(found["step"])
    return start, start, 0


def number(digits: str) -> int:
    if len(digits) > 256 or int(digits) > _LARGEST:
        raise InvalidSchedule(digits)
    return int(digits)


def years(field: str, last: int) -> tuple[range, ...]:
    """The years as ranges, for they may be many (2147483647 is admitted); `last` ends a range that names no end."""
    return tuple(_years(item, last) for item in items(field)) or _refuse(field)


def _years(item: str, last: int) -> range:
    if every := _EVERY.fullmatch(item):
        return range(1970, last + 1, number(every[1] or "1") or 1)
    start, stop, step = span(item)
    if stop is not None and stop < start:  # years alone do not wrap
        raise InvalidSchedule(item)
    return range(start, (last if stop is None else stop) + 1, step) if step else range(start, start + 1)


def _refuse(field: str) -> tuple[range, ...]:
    raise InvalidSchedule(field)


def last_day(item: str) -> tuple[int, bool] | None:
    """`L-3W` -> (3, True): days before the last of the month, and is a weekday wanted; None for other items."""
    found = _LAST_DAY.fullmatch(item)
    if found is None:
        return None
    offset = number(found[1] or "0")
    if offset > 30:
        raise InvalidSchedule(item)
    return offset, bool(found[2])
