"""Fire a rule by hand: its event comes in now.

For a rule with a schedule that is the event which the schedule would send.  For a rule with a pattern it is an event
that the caller gives, or a sample made from the pattern.  Either way it comes to the rule's bus as any event does, so
other rules that match it get it too.  The cadence of a schedule does not move.
"""

from collections.abc import Mapping
from typing import Any

from emulator.clock import Clock, iso_seconds
from emulator.delivery.publish import Event, Publisher
from emulator.delivery.sample import sample_of
from emulator.delivery.schedules import scheduled_event
from emulator.errors import EblError
from emulator.ids import new_id
from emulator.matching import compile_pattern, explain, matches
from emulator.store.rules import Rule


class CannotFire(EblError):
    """This rule cannot be fired so; the text says why, and what to do."""


def fire(publisher: Publisher, clock: Clock, rule: Rule, given: Mapping[str, Any] | None = None) -> Event:
    """Publish the event, and return it.  `given` has any of an event's members; the others are filled in."""
    if not rule.enabled:
        raise CannotFire(f"The rule {rule.name} is disabled; enable it first (EnableRule, or `state:` in config.yaml).")
    if given is None and rule.schedule:
        event = scheduled_event(rule, clock.now(), clock.now())
    else:
        event = Event(rule.bus_key, _envelope(rule, clock.now(), given), clock.now())
    publisher.publish([event])
    return event


def _envelope(rule: Rule, now: float, given: Mapping[str, Any] | None) -> dict[str, Any]:
    if not rule.pattern:
        raise CannotFire(f"The rule {rule.name} has no pattern: it only fires its own scheduled event, without yours.")
    members = sample_of(rule.pattern) if given is None else given
    if members is None:
        raise CannotFire(f"No sample could be made from the pattern of {rule.name}; give an event.")
    envelope: dict[str, Any] = {
        "version": "0", "id": new_id(), "detail-type": "Fired by hand", "source": "ebl.fire", "account": rule.account,
        "time": iso_seconds(now), "region": rule.region, "resources": [], "detail": {},
    }  # fmt: skip
    envelope |= {name: value for name, value in members.items() if name != "id"}  # an id is given once
    pattern = compile_pattern(rule.pattern)
    if not matches(pattern, envelope):
        lines = explain(envelope, [(rule.name, pattern)]).lines()
        raise CannotFire("\n".join([f"The event does not match {rule.name}:", *lines]))
    return envelope
