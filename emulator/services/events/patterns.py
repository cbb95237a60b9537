"""TestEventPattern: does this pattern match that event?"""

from emulator.matching import compile_pattern, matches, parse_event
from emulator.services.call import Call
from emulator.services.events.names import invalid
from emulator.services.events.rules import check_pattern
from emulator.services.events.service import events
from emulator.wire.service import Members

_NEEDED = ("id", "account", "source", "time", "region", "resources", "detail-type")


@events.operation("TestEventPattern")
def test_event_pattern(call: Call, *, event_pattern: str, event: str) -> Members:
    check_pattern(event_pattern)
    try:
        tree = parse_event(event)
    except ValueError:
        raise invalid("Parameter Event is not valid.") from None
    if not all(name in tree for name in _NEEDED):
        raise invalid("Parameter Event is not valid.")
    return {"Result": matches(compile_pattern(event_pattern), tree)}
