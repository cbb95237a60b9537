"""cron(0 12 * * ? *): minute, hour, day of month, month, day of week, year, as AWS reads them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from emulator.timing import cron_fields as fields
from emulator.timing.cron_days import Days, parse_days
from emulator.timing.schedule import END, InvalidSchedule

LAST_YEAR = 2199
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cron:
    """Minutes, hours and months ascending; the wall clock is that of `zone`."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: Days
    months: tuple[int, ...]
    years: tuple[range, ...]
    zone: tzinfo = UTC

    def next_after(self, moment: float, anchor: float) -> float | None:
        """The first full minute after `moment` that the six fields name; `anchor` does not matter.

        An hour that a zone's clocks leave out has no firings, one that they repeat has them once (documented of
        EventBridge Scheduler).
        """
        if moment >= END:
            return None
        wall: datetime | None = datetime.fromtimestamp(max(moment, -86400.0), self.zone).replace(tzinfo=None)
        while wall is not None and (wall := self._next_on_wall(wall)) is not None:
            due = wall.replace(tzinfo=self.zone).timestamp()
            if due > moment and datetime.fromtimestamp(due, self.zone).replace(tzinfo=None) == wall:
                return due
        return None

    def _next_on_wall(self, wall: datetime) -> datetime | None:
        """Year by year, then month by month, then day by day: a date that never comes costs a few hundred steps."""
        start = wall.replace(second=0, microsecond=0) + _MINUTE
        for year in range(max(start.year, 1970), LAST_YEAR + 1):
            if not any(year in some for some in self.years):
                continue
            for month in self.months:
                if (year, month) < (start.year, start.month):
                    continue
                for day in self.days.of(year, month):
                    if (year, month, day) < (start.year, start.month, start.day):
                        continue
                    today = (year, month, day) == (start.year, start.month, start.day)
                    time = self._time_from(start.hour, start.minute) if today else (self.hours[0], self.minutes[0])
                    if time is not None:
                        return datetime(year, month, day, *time)  # noqa: DTZ001 - a wall clock has no zone
        return None

    def _time_from(self, hour: int, minute: int) -> tuple[int, int] | None:
        """The first time of the day that is not before `hour`:`minute`."""
        if hour in self.hours:
            later = next((each for each in self.minutes if each >= minute), None)
            if later is not None:
                return hour, later
        following = next((each for each in self.hours if each > hour), None)
        return None if following is None else (following, self.minutes[0])


def parse_cron(text: str, zone: tzinfo = UTC) -> Cron:
    """Raises InvalidSchedule.  Single blanks between the six fields, none around them; names in upper or lower case."""
    parts = text[5:-1].upper().split(" ")
    if not (text.startswith("cron(") and text.endswith(")")) or len(parts) != 6 or not all(parts) or "\t" in text:
        raise InvalidSchedule(text)
    minute, hour, day_of_month, month, day_of_week, year = parts
    try:
        return Cron(
            minutes=tuple(sorted(fields.values(minute, fields.MINUTE))),
            hours=tuple(sorted(fields.values(hour, fields.HOUR))),
            days=parse_days(day_of_month, day_of_week),
            months=tuple(sorted(fields.values(month, fields.MONTH))),
            years=fields.years(year, LAST_YEAR),
            zone=zone,
        )
    except InvalidSchedule:
        raise InvalidSchedule(text) from None
