"""What came in, and what became of it."""

import json
from typing import Any

from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import RedirectResponse

from emulator.app import Emulator
from emulator.clock import iso_millis
from emulator.store.deliveries import Attempt
from emulator.store.journal import Delivered, Way


def add_events(routes: FastAPI, emulator: Emulator) -> None:
    @routes.get("/_ebl/events")
    async def events(
        bus: str | None = None, limit: int = Query(100, ge=1, le=1000, description="newest first")
    ) -> dict[str, Any]:
        """What came in lately, and what became of it."""
        ways = emulator.store.journal.recent(limit, bus)
        return {"events": [_way(way) for way in ways], "links": {"self": "/_ebl/events"}}

    @routes.get("/_ebl/events/{event_id}")
    async def event(
        event_id: str,
        wait: float = Query(0, ge=0, le=60, description="seconds to wait until nothing of it is running or due"),
    ) -> dict[str, Any]:
        """One event (its id, or the first characters of it) on every bus that it came to."""
        ways = emulator.store.journal.ways(event_id)
        if not ways:
            raise HTTPException(404, f"No event {event_id} is in the journal.")
        if wait and not all(way.settled(emulator.clock.now()) for way in ways):
            await emulator.settled(event_id, wait)
            ways = emulator.store.journal.ways(event_id)
        return {"event_id": ways[0].event_id, "received": [_way(way) for way in ways]}

    @routes.get("/_ebl/e/{event_id}", include_in_schema=False)
    async def short(event_id: str) -> RedirectResponse:
        return RedirectResponse(f"/_ebl/events/{event_id}")


def _way(way: Way) -> dict[str, Any]:
    return {
        "event_id": way.event_id,
        "bus": way.bus,
        "account": way.account,
        "region": way.region,
        "at": iso_millis(way.at),
        "verdict": way.verdict,
        "event": json.loads(way.envelope),
        "deliveries": [_delivery(delivery) for delivery in way.deliveries],
        "links": {"self": f"/_ebl/events/{way.event_id}"},
    }


def _delivery(delivery: Delivered) -> dict[str, Any]:
    return {
        "rule": delivery.rule,
        "target_id": delivery.target_id,
        "target_arn": delivery.target_arn,
        "state": delivery.state,
        "next_attempt": iso_millis(delivery.due) if delivery.state == "pending" else None,
        "request_id": delivery.request_id,
        "payload": delivery.payload,
        "attempts": [_attempt(attempt) for attempt in delivery.attempts],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "started": iso_millis(attempt.started),
        "ended": iso_millis(attempt.ended),
        "status": attempt.status,
        "error_type": attempt.error_type,
        "error_message": attempt.error_message,
        "result": attempt.payload.decode(errors="replace"),
        "log": attempt.log,
    }
