"""What came in, what became of it, and which functions ran."""

from datetime import datetime
from typing import Literal

from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import JSONResponse, RedirectResponse

from emulator.app import Emulator
from emulator.console.answer import answer
from emulator.console.explaining import disabled, explained
from emulator.console.tree import invocation_json, tree_json, way_json
from emulator.store.journal import events_where

_Limit = Query(100, ge=1, le=1000, description="newest first")


def add_events(routes: FastAPI, emulator: Emulator) -> None:
    journal = emulator.store.journal

    @routes.get("/_ebl/events")
    async def events(
        bus: str | None = None,
        source: str | None = None,
        detail_type: str | None = Query(None, alias="detail-type"),
        verdict: Literal["matched", "unmatched", "unknown_bus"] | None = None,
        failed: bool = Query(False, description="an attempt failed, whether or not a later one succeeded"),
        since: str | None = Query(None, description="a moment (2026-09-13T12:00:00Z), or seconds since 1970"),
        limit: int = _Limit,
    ) -> JSONResponse:
        """What came in lately, and what became of it."""
        chosen = events_where(
            bus=bus, source=source, detail_type=detail_type, verdict=verdict, failed=failed, since=_moment(since)
        )
        found = [way_json(way) for way in journal.find(chosen, limit)]
        return answer({"events": found, "links": {"self": "/_ebl/events"}})

    @routes.get("/_ebl/events/{event_id}")
    async def event(
        event_id: str,
        wait: float = Query(0, ge=0, le=60, description="seconds to wait until nothing of it is running or due"),
    ) -> JSONResponse:
        """One event (its id, or the first characters of it): what it caused, and what caused it."""
        ways = journal.ways(event_id)
        if not ways:
            raise HTTPException(404, f"No event {event_id} is in the journal.")
        ids = {way.event_id for way in ways}
        if len(ids) > 1:
            raise HTTPException(409, f"{len(ids)} events begin with {event_id}: {', '.join(sorted(ids)[:10])}.")
        if wait and not all(way.settled(emulator.clock.now()) for way in ways):
            await emulator.settled(event_id, wait)
            ways = journal.ways(event_id)
        shown = tree_json(journal, ways)
        for way, said in zip(ways, shown, strict=True):
            said["disabled_rules"] = disabled(emulator, way)
            said["explanation"] = explained(emulator, way) if way.verdict == "unmatched" else None
        return answer({"event_id": ways[0].event_id, "received": shown})

    @routes.get("/_ebl/e/{event_id}", include_in_schema=False)
    async def short(event_id: str) -> RedirectResponse:
        return RedirectResponse(f"/_ebl/events/{event_id}")

    @routes.get("/_ebl/invocations")
    async def invocations(
        function: str | None = Query(None, description="its name or ARN"),
        failed: bool = False,
        limit: int = _Limit,
    ) -> JSONResponse:
        """The attempts of functions that have ended: for events, from the queue, and direct ones."""
        found = journal.invocations(function, limit, failed=failed)
        shown = [invocation_json(journal, each) for each in found]
        return answer({"invocations": shown, "links": {"self": "/_ebl/invocations"}})


def _moment(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(422, f"since: {text!r} is no moment such as 2026-09-13T12:00:00Z.") from error
    if moment.tzinfo is None:
        raise HTTPException(422, f"since: {text!r} has no time zone; 2026-09-13T12:00:00Z has.")
    return moment.timestamp()
