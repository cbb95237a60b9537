"""at(2026-11-20T13:00:00): once.  EventBridge Scheduler only."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from emulator.timing.schedule import InvalidSchedule

_AT = re.compile(r"at\(([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\)")


@dataclass(frozen=True, slots=True)
class At:
    """`due` in seconds since 1970; it may have passed (AWS admits that)."""

    due: float

    def next_after(self, moment: float, anchor: float) -> float | None:
        return self.due if self.due > moment else None


def parse_at(text: str, zone: tzinfo = UTC) -> At:
    """A time that the zone's clocks leave out counts from the clock before they change; raises InvalidSchedule."""
    found = _AT.fullmatch(text)
    if found is None:
        raise InvalidSchedule(text)
    try:
        return At(datetime.fromisoformat(found[1]).replace(tzinfo=zone).timestamp())
    except (ValueError, OverflowError):
        raise InvalidSchedule(text) from None
