"""Wait until nothing is in flight; and how a wait, or a move of the clock, is told."""

from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response

from emulator.app import Emulator
from emulator.clock import iso_millis
from emulator.config.shapes import Seconds
from emulator.console.long_poll import while_connected
from emulator.delivery.due import Due
from emulator.delivery.settle import Running
from emulator.delivery.timeline import ClockIsReal, Passage

_Advance = Annotated[bool, Query(description="move the virtual clock from retry to retry until none is left")]
Timeout = Annotated[Seconds, Query(ge=0, le=600, description="the longest to wait in real time: 5, 5s, 1m")]
_TIMED_OUT = 408


def add_settle(routes: FastAPI, emulator: Emulator) -> None:
    @routes.post("/_ebl/settle")
    async def settle(
        request: Request,
        response: Response,
        timeout: Timeout = 5.0,
        advance: _Advance = False,
    ) -> dict[str, Any]:
        """Wait until nothing is in flight or due; 408 with what still runs when that takes too long."""
        try:
            passage = await while_connected(request, emulator.stopping, emulator.settle(timeout, advance=advance))
        except ClockIsReal as error:
            raise HTTPException(409, str(error)) from error
        return told(passage, response) | {"links": {"self": "/_ebl/settle", "clock": "/_ebl/clock"}}


def told(passage: Passage, response: Response) -> dict[str, Any]:
    """What came of it; the status says whether it came to its end, so that nobody has to read the answer for that."""
    if not passage.settled:
        response.status_code = _TIMED_OUT
    return {
        "settled": passage.settled,
        "fired": [due_json(due) for due in passage.fired],
        "fired_count": passage.fired_count,
        "running": [_running(running) for running in passage.running],
        "waiting": [due_json(due) for due in passage.waiting],
    }


def due_json(due: Due) -> dict[str, Any]:
    """`attempt` is null for a schedule, and what else there is not, too."""
    return {
        "at": iso_millis(due.at),
        "kind": due.kind,
        "rule": due.rule or None,
        "bus": due.bus or None,
        "target": due.target or None,
        "event_id": due.event_id or None,
        "attempt": due.attempt,
        "why": due.why,
    }


def _running(running: Running) -> dict[str, Any]:
    return {
        "since": iso_millis(running.since),
        "rule": running.rule or None,
        "bus": running.bus or None,
        "target": running.target,
        "event_id": running.event_id,
        "attempt": running.attempt,
    }
