"""The days of a month that a cron expression names: by number (`15`, `L-3`, `3W`) or weekday (`FRI`, `6L`, `SAT#3`)."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from emulator.timing.cron_fields import DAY, WEEKDAY, item_values, items, last_day, values
from emulator.timing.schedule import InvalidSchedule

SATURDAY, SUNDAY = 7, 1


class Days(Protocol):
    def of(self, year: int, month: int) -> Sequence[int]:
        """The days of this month, ascending."""


@dataclass(frozen=True, slots=True)
class DaysByNumber:
    days: tuple[int, ...]

    def of(self, year: int, month: int) -> Sequence[int]:
        length = monthrange(year, month)[1]
        return self.days if self.days[-1] <= length else [day for day in self.days if day <= length]


@dataclass(frozen=True, slots=True)
class LastDay:
    """`L-3`: so many days before the last one."""

    offset: int

    def of(self, year: int, month: int) -> Sequence[int]:
        day = monthrange(year, month)[1] - self.offset
        return [day] if day > 0 else []


@dataclass(frozen=True, slots=True)
class NearestWeekday:
    """`3W`: the days themselves, but Friday or Monday where one is a Saturday or Sunday, without leaving the month."""

    days: Days

    def of(self, year: int, month: int) -> Sequence[int]:
        length = monthrange(year, month)[1]
        return [_nearest(day, weekday(year, month, day), length) for day in self.days.of(year, month)]


def _nearest(day: int, weekday: int, length: int) -> int:
    if weekday == SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == SUNDAY:
        return day + 1 if day < length else day - 2
    return day


@dataclass(frozen=True, slots=True)
class DaysByWeekday:
    """Every one of these weekdays (1 is Sunday); with `nth` 1 to 5 only the nth of the month, with -1 only the last."""

    weekdays: frozenset[int]
    nth: int = 0

    def of(self, year: int, month: int) -> Sequence[int]:
        first, length = weekday(year, month, 1), monthrange(year, month)[1]
        days = [day for day in range(1, length + 1) if (first + day - 2) % 7 + 1 in self.weekdays]
        if self.nth == 0:
            return days
        if self.nth < 0:
            return days[-1:]
        return days[self.nth - 1 : self.nth]


def weekday(year: int, month: int, day: int) -> int:
    """1 for Sunday to 7 for Saturday."""
    return (monthrange(year, month)[0] + day) % 7 + 1


_NTH = re.compile(r"([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#([1-5])")
_LAST = re.compile(r"([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)L.*", re.DOTALL)
_WEEKDAY = re.compile(r"([0-9]+)W.*", re.DOTALL)


def parse_days(day_of_month: str, day_of_week: str) -> Days:
    """Exactly one of the two fields is `?` (one character after it is ignored); raises InvalidSchedule."""
    by_number, by_weekday = not _unspecified(day_of_month), not _unspecified(day_of_week)
    if by_number == by_weekday:
        raise InvalidSchedule(f"{day_of_month} {day_of_week}")
    return _by_number(day_of_month) if by_number else _by_weekday(day_of_week)


def _unspecified(field: str) -> bool:
    return field.startswith("?") and len(field) <= 2


def _by_number(field: str) -> Days:
    last = last_day(field)
    if last is not None:
        offset, to_weekday = last
        return NearestWeekday(LastDay(offset)) if to_weekday else LastDay(offset)
    numbers, to_weekday = set[int](), False
    for item in items(field):
        if found := _WEEKDAY.fullmatch(item):
            numbers |= values(found[1], DAY)
            to_weekday = True
        else:
            numbers |= values(item, DAY)
    if not numbers:
        raise InvalidSchedule(field)
    # of a list with a W in it, only the first day counts
    return NearestWeekday(DaysByNumber((min(numbers),))) if to_weekday else DaysByNumber(tuple(sorted(numbers)))


def _by_weekday(field: str) -> Days:
    if field.count("#") > 1 or ("," in field and "L" in field):
        raise InvalidSchedule(field)
    weekdays, nth = set[int](), 0
    for item in items(field):
        if found := _NTH.fullmatch(item):
            weekdays |= values(found[1], WEEKDAY)
            nth = int(found[2])
        elif "#" in item:
            raise InvalidSchedule(item)
        elif found := _LAST.fullmatch(item):
            weekdays |= values(found[1], WEEKDAY)
            nth = -1
        else:
            weekdays |= {SATURDAY} if last_day(item) else set(item_values(item, WEEKDAY))
    if not weekdays:
        raise InvalidSchedule(field)
    return DaysByWeekday(frozenset({min(weekdays)} if nth else weekdays), nth)
