"""TestEventPattern: does this pattern match that event?"""

from datetime import datetime
from typing import Any

from emulator.matching import matches, parse_event
from emulator.services.call import Call
from emulator.services.events.names import invalid
from emulator.services.events.rules import compiled
from emulator.services.events.service import events
from emulator.wire.service import Members

# Recorded on AWS (September 2026): version, resources and detail may be missing; of the types, time's alone counts.
_NEEDED = ("id", "detail-type", "source", "account", "time", "region")


@events.operation("TestEventPattern")
def test_event_pattern(call: Call, *, event_pattern: str, event: str) -> Members:
    pattern = compiled(event_pattern)
    return {"Result": matches(pattern, _envelope(event))}


def _envelope(text: str) -> dict[str, Any]:
    try:
        event = parse_event(text)
    except ValueError:
        raise invalid("Parameter Event is not valid.") from None
    if not all(name in event for name in _NEEDED):
        raise invalid("Parameter Event is not valid.")
    if not _is_time(event["time"]):
        raise invalid("Parameter Event is not valid. Reason: Invalid time.")
    return event


def _is_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return False
    return True
