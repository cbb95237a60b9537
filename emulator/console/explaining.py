"""Why did an event (not) match?  Asked of the rules as they are now."""

from collections.abc import Mapping
from typing import Any

from emulator.app import Emulator
from emulator.delivery.publish import Event
from emulator.matching import Explanation, parse_event
from emulator.store.buses import BusKey
from emulator.store.journal import Way

MAX_RULES = 5_000
"""With more rules than this on its bus, an unmatched event is explained only when asked with a rule."""


def bus_of(way: Way) -> BusKey:
    return BusKey(way.account, way.region, way.bus)


def disabled(emulator: Emulator, way: Way) -> list[str]:
    """The rules that are switched off and would have matched."""
    if way.verdict == "unknown_bus":
        return []
    names = emulator.publisher.disabled(bus_of(way), parse_event(way.envelope))
    return [name for name in names if name not in way.rules]


def explained(emulator: Emulator, way: Way, limit: int = 1) -> dict[str, Any] | None:
    """The closest rules; None when the bus has none, or too many."""
    bus = bus_of(way)
    if len(emulator.store.rules.of(bus)) > MAX_RULES:
        return None
    explanation = emulator.publisher.explain(Event(bus, parse_event(way.envelope), way.at), limit)
    return explanation_json(explanation) if explanation is not None and explanation.rules else None


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """`{rules: […], matched: [name], text}`: matching's own JSON, and what a terminal shows."""
    said: Mapping[str, Any] = explanation.to_json()
    return {**said, "matched": [rule.name for rule in explanation.matched], "text": explanation.text()}
