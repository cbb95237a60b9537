"""The one way in for events: match, shape, enqueue.

PutEvents, schedules and whatever else makes events ends here.  Everything is stored before `publish` returns, and
nothing has run yet: the worker is woken and takes it from there.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.clock import Clock
from emulator.delivery.routes import Route, Routes
from emulator.delivery.senders import Senders
from emulator.delivery.steps import Kind, Step, Steps
from emulator.ids import new_id
from emulator.matching import Explanation, Pattern, compile_pattern, explain, matches
from emulator.store.buses import BusKey
from emulator.store.database import Store
from emulator.store.deliveries import Delivery, Received
from emulator.store.forwards import NO_HOPS, Hops
from emulator.transform import Input, InputContext, InvalidRendering

# Explaining costs microseconds per rule: with more rules than this an unmatched event is not explained on the spot.
_EXPLAINED_RULES = 500

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Event:
    """An event on its way to a bus.

    `envelope` has AWS's keys in AWS's order (version, id, detail-type, source, account, time, region, resources,
    detail), `ingested` is in seconds since 1970, `trace` an X-Ray header or None.  `fired` names the rule whose
    schedule made the event: it gets it whether or not its pattern matches, and once.  `cause` is how the request id of
    the invocation begins whose handler put the event.
    """

    bus: BusKey
    envelope: dict[str, Any]
    ingested: float
    trace: str | None = None
    fired: str | None = None
    cause: str | None = None
    hops: Hops = NO_HOPS


class Publisher:
    """Owns the rule indexes.  Touched by the event loop's thread alone, like the store."""

    def __init__(
        self, store: Store, clock: Clock, senders: Senders, steps: Steps, offer: Callable[[Sequence[Delivery]], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._senders = senders
        self._steps = steps
        self._offer = offer
        self._buses: dict[BusKey, Routes] = {}
        self._disabled: dict[BusKey, list[tuple[str, Pattern]]] = {}
        self._changed: Callable[[BusKey, str], None] = lambda bus, name: None

    def on_rule_change(self, listener: Callable[[BusKey, str], None]) -> None:
        """`listener` (the schedules) hears of every rule that changes."""
        self._changed = listener

    def publish(self, events: Sequence[Event]) -> None:
        """Match every event and store what is to be delivered, in one transaction."""
        received: list[Received] = []
        deliveries: list[Delivery] = []
        told: list[Step] = []
        for event in events:
            routes = self._routes(event.bus)
            names = routes.match(event.envelope, event.fired) if routes is not None else []
            text = _to_json(event.envelope)
            received.append(self._received(event, text, routes, names))
            if routes is not None and names:
                deliveries.extend(self._deliveries(event, text, received[-1].id, [routes.rules[n] for n in names]))
            if self._steps.wanted:
                told.extend(self._receipt(event, routes, names))
        with self._store.transaction():
            self._store.deliveries.add(received, deliveries)
            for event, row in zip(events, received, strict=True):
                if event.hops is not NO_HOPS:
                    self._store.forwards.put(row.id, event.hops)
        for step in told:
            self._steps.tell(step)
        if deliveries:
            self._offer(deliveries)

    def rule_changed(self, bus: BusKey, name: str) -> None:
        """This rule was added, changed, switched or removed, or its targets were: read it again."""
        self._changed(bus, name)
        self._disabled.pop(bus, None)
        routes = self._buses.get(bus)
        if routes is None:
            return  # nothing derived yet; the first event reads everything
        routes.drop(name)
        rule = self._store.rules.find(bus, name)
        if rule is not None and rule.enabled:
            routes.put(rule, self._store.rules.targets(bus, name))

    def bus_removed(self, bus: BusKey) -> None:
        self._buses.pop(bus, None)
        self._disabled.pop(bus, None)

    def forget(self) -> None:
        """Everything derived is stale (the store was emptied or replaced)."""
        self._buses.clear()
        self._disabled.clear()

    def refusal(self, target_arn: str) -> str | None:
        """A sentence why this target cannot be delivered to, or None when it can."""
        return self._senders.refusal(target_arn)

    def explain(self, event: Event, limit: int | None = None) -> Explanation | None:
        """Why the rules of its bus do (not) match this event; None for a bus that does not exist."""
        routes = self._routes(event.bus)
        if routes is None:
            return None
        patterns = ((route.name, route.pattern) for route in routes.rules.values() if route.pattern is not None)
        return explain(event.envelope, patterns, limit)

    def disabled(self, bus: BusKey, envelope: Mapping[str, Any]) -> list[str]:
        """The rules of the bus that are switched off and would match this event."""
        patterns = self._disabled.get(bus)
        if patterns is None:
            rules = [rule for rule in self._store.rules.of(bus) if rule.pattern and not rule.enabled]
            patterns = self._disabled[bus] = [(rule.name, compile_pattern(rule.pattern or "")) for rule in rules]
        return [name for name, pattern in patterns if matches(pattern, envelope)]

    def _received(self, event: Event, text: str, routes: Routes | None, names: Sequence[str]) -> Received:
        bus = event.bus
        verdict = "unknown_bus" if routes is None else "matched" if names else "unmatched"
        return Received(
            self._store.deliveries.new_received(), bus.account, bus.region, bus.name, event.envelope["id"], text,
            event.ingested, verdict, event.trace, " ".join(names), event.cause,
        )  # fmt: skip

    def _deliveries(self, event: Event, text: str, received: int, matched: Iterable[Route]) -> Iterator[Delivery]:
        bus, event_id, number = event.bus, event.envelope["id"], self._store.deliveries.new_delivery
        for route in matched:
            for aim in route.aims:
                payload, problem = (text, None) if aim.shape is None else _shaped(aim.shape, event, text, route)
                if payload:  # AWS delivers no empty body, and makes no dead letter of it (recorded)
                    yield Delivery(
                        number(), received, bus.account, bus.region, bus.name, event_id, route.name, aim.id, aim.arn,
                        payload, problem, event.trace, new_id(), 0, event.ingested, event.ingested,
                    )  # fmt: skip

    def _routes(self, bus: BusKey) -> Routes | None:
        routes = self._buses.get(bus)
        if routes is not None:
            return routes
        if not self._store.buses.exists(bus):
            return None
        routes = self._buses[bus] = Routes()
        for rule in self._store.rules.of(bus):
            if rule.enabled:
                routes.put(rule, self._store.rules.targets(bus, rule.name))
        return routes

    def _receipt(self, event: Event, routes: Routes | None, names: Sequence[str]) -> Iterator[Step]:
        at, bus, event_id = event.ingested, event.bus.name, event.envelope["id"]
        yield Step(Kind.EVENT_RECEIPT, at, bus, event_id, details={"event": event.envelope})
        if routes is None:
            places = self._store.buses.places(bus)
            yield Step(Kind.EVENT_INGEST_FAILURE, at, bus, event_id, details={"elsewhere": places})
        elif names:
            for name in names:
                targets = [aim.arn for aim in routes.rules[name].aims]
                yield Step(Kind.RULE_MATCH, at, bus, event_id, rule=name, details={"targets": targets})
        else:
            count = len(routes.index)
            explained = self.explain(event, limit=1) if 0 < count <= _EXPLAINED_RULES else None
            yield Step(
                Kind.NO_STANDARD_RULES_MATCHED, at, bus, event_id, details={"rules": count, "explanation": explained}
            )
            for name in self.disabled(event.bus, event.envelope):
                yield Step(Kind.RULE_DISABLED, at, bus, event_id, rule=name)


def _shaped(shape: Input, event: Event, text: str, route: Route) -> tuple[str, str | None]:
    """The payload, and what is wrong with it: AWS does not deliver a body that came out as no JSON."""
    try:
        return shape(InputContext(event.envelope, text, route.name, route.arn, event.ingested)), None
    except InvalidRendering as error:
        return error.body, "INVALID_JSON"
