"""The journal in AWS's own words, and explanations on request."""

import json
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Body, FastAPI, HTTPException, Query
from fastapi.responses import JSONResponse

from emulator.app import ACCOUNT, REGION, Emulator
from emulator.console.answer import answer
from emulator.console.explaining import bus_of, disabled, explanation_json
from emulator.console.records import LogConfig, Record, as_bus_log, records
from emulator.matching import InvalidPattern, Pattern, compile_pattern, explain, parse_event
from emulator.store.buses import BusKey
from emulator.store.journal import Way, events_where


def add_journal(routes: FastAPI, emulator: Emulator) -> None:
    @routes.get("/_ebl/journal")
    async def journal(
        event_id: str | None = Query(None, description="the event's id, or the first characters of it"),
        bus: str | None = None,
        as_: Literal["journal", "bus-log"] = Query("journal", alias="as", description="bus-log: what AWS would log"),
        limit: int = Query(100, ge=1, le=1000, description="events, the newest"),
    ) -> JSONResponse:
        """Every step of an event, or of the last events, in the words of AWS's event bus logs."""
        store = emulator.store.journal
        ways = store.ways(event_id) if event_id is not None else store.find(events_where(bus=bus), limit)
        if event_id is not None and not ways:
            raise HTTPException(404, f"No event {event_id} is in the journal.")
        found = [record for way in reversed(ways) for record in _records(emulator, way, as_ == "bus-log")]
        return answer({"records": found, "links": {"self": "/_ebl/journal", "events": "/_ebl/events"}})

    @routes.post("/_ebl/explain")
    async def explain_(
        event: Annotated[dict[str, Any] | None, Body(description="an event, as a rule would get it")] = None,
        event_id: Annotated[str | None, Body(description="or one that is in the journal")] = None,
        rule: Annotated[str | None, Body(description="only this rule, enabled or not")] = None,
        pattern: Annotated[dict[str, Any] | None, Body(description="or this pattern")] = None,
        bus: Annotated[str | None, Body(description="whose rules; that of the event, or default")] = None,
        limit: Annotated[int, Body(ge=1, le=1000)] = 20,
    ) -> JSONResponse:
        """Why does an event match the rules, one rule or a pattern, or why not?"""
        way = _known(emulator, event_id) if event_id is not None else None
        envelope = parse_event(way.envelope) if way is not None else event
        if envelope is None:
            raise HTTPException(422, "Give an event or an event_id.")
        key = bus_of(way) if way is not None else BusKey(ACCOUNT, REGION, "default")
        key = key if bus is None else BusKey(key.account, key.region, bus.rpartition("event-bus/")[2])
        rules = [("pattern", _compiled(_text(pattern)))] if pattern is not None else _rules(emulator, key, rule)
        return answer({"bus": key.name, **explanation_json(explain(envelope, rules, limit))})


def _records(emulator: Emulator, way: Way, bus_log: bool) -> list[Record]:
    envelope = parse_event(way.envelope)
    if not bus_log:
        return list(records(way, envelope, disabled(emulator, way)))
    bus = emulator.store.buses.find(bus_of(way))
    config = LogConfig.of(bus.log_config if bus is not None else None)
    way = replace(way, deliveries=tuple(map(as_bus_log, way.deliveries)))
    seen = records(way, envelope, [])
    return [shown for record in seen if (shown := config.shown(record)) is not None]


def _known(emulator: Emulator, event_id: str) -> Way:
    ways = emulator.store.journal.ways(event_id)
    if not ways:
        raise HTTPException(404, f"No event {event_id} is in the journal.")
    return ways[-1]  # the bus that it came to first


def _rules(emulator: Emulator, bus: BusKey, name: str | None) -> list[tuple[str, Pattern]]:
    """Those that are enabled, or the one that is named."""
    if not emulator.store.buses.exists(bus):
        raise HTTPException(404, f"There is no event bus {bus.name} in account {bus.account}, {bus.region}.")
    rules = emulator.store.rules.of(bus)
    wanted = [rule for rule in rules if (rule.enabled if name is None else rule.name == name)]
    found = [(rule.name, _compiled(rule.pattern)) for rule in wanted if rule.pattern]
    if name is not None and not found:
        raise HTTPException(404, f"The bus {bus.name} has no rule {name} with a pattern.")
    return found


def _text(pattern: dict[str, Any]) -> str:
    return json.dumps(pattern, ensure_ascii=False)


def _compiled(text: str) -> Pattern:
    try:
        return compile_pattern(text)
    except InvalidPattern as error:
        raise HTTPException(422, f"Event pattern is not valid. Reason: {error.reason}") from error
