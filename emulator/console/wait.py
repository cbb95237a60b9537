"""Wait for an event, or for the end of an invocation: one long request instead of many short ones."""

import json
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from emulator.app import Emulator
from emulator.clock import iso_millis
from emulator.console.answer import answer
from emulator.console.known import function_name, known_bus, known_function
from emulator.console.long_poll import while_connected
from emulator.console.moment import is_moment, moment
from emulator.console.settle import Timeout
from emulator.delivery.watch import After, Missed, UnknownEvent, Watch
from emulator.matching import InvalidPattern, compile_pattern

_TIMED_OUT = 408
_After = Annotated[
    str | None, Query(description="what has come since this event (its id), or since this moment, counts too")
]


class Wanted(BaseModel):
    """Either an event pattern, on one bus or any; or a function's name, for one event (its id) or any."""

    model_config = ConfigDict(extra="forbid")

    event: dict[str, Any] | None = Field(None, description="an event pattern")
    bus: str | None = None
    invocation: str | None = Field(None, description="the name of a function, or its ARN")
    event_id: str | None = None
    not_there_yet: bool = Field(False, description="the function or the bus need not be there yet")


def add_wait(routes: FastAPI, emulator: Emulator) -> None:
    watch = Watch(emulator.store, emulator.steps)

    @routes.post("/_ebl/wait")
    async def wait(wanted: Wanted, request: Request, timeout: Timeout = 30.0, after: _After = None) -> JSONResponse:
        """Wait until an event matches a pattern, or an invocation of a function has ended; 408 when none comes."""
        if (wanted.event is None) == (wanted.invocation is None):
            raise HTTPException(422, 'Say what to wait for: {"event": PATTERN} or {"invocation": FUNCTION}.')
        if not wanted.not_there_yet:
            _check(emulator, wanted)
        since = _after(emulator, after)
        try:
            look = _event if wanted.invocation is None else _invocation
            found = await while_connected(request, emulator.stopping, look(watch, wanted, timeout, since))
        except InvalidPattern as error:
            raise HTTPException(422, f"Event pattern is not valid. Reason: {error.reason}") from error
        except UnknownEvent as error:
            raise HTTPException(404, str(error)) from error
        return answer(found, 200 if found["found"] else _TIMED_OUT)


def _check(emulator: Emulator, wanted: Wanted) -> None:
    if wanted.invocation is not None:
        known_function(emulator.store, wanted.invocation)
    if wanted.bus is not None:
        known_bus(emulator.store, wanted.bus)


def _after(emulator: Emulator, text: str | None) -> After:
    if text is None:
        return None
    return moment(text, emulator.clock.now()) if is_moment(text) else text


async def _event(watch: Watch, wanted: Wanted, timeout: float, after: After) -> dict[str, Any]:
    way = await watch.event(compile_pattern(json.dumps(wanted.event)), timeout, bus=wanted.bus, after=after)
    if isinstance(way, Missed):
        closest = None if way.closest is None else "\n".join(way.closest.lines())
        return {"found": False, "seen": way.seen, "closest": closest}
    return {
        "found": True,
        "event_id": way.event_id,
        "bus": way.bus,
        "at": iso_millis(way.at),
        "verdict": way.verdict,
        "event": json.loads(way.envelope),
        "links": {"event": f"/_ebl/events/{way.event_id}"},
    }


async def _invocation(watch: Watch, wanted: Wanted, timeout: float, after: After) -> dict[str, Any]:
    assert wanted.invocation is not None
    made = await watch.invocation(function_name(wanted.invocation), timeout, event_id=wanted.event_id, after=after)
    if made is None:
        return {"found": False}
    attempt = made.attempt
    return {
        "found": True,
        "function": attempt.target_arn,
        "event_id": made.event_id or None,
        "rule": made.rule or None,
        "request_id": attempt.request_id,
        "attempt": attempt.number,
        "status": attempt.status,
        "error_type": attempt.error_type,
        "error_message": attempt.error_message,
        "result": attempt.payload.decode(errors="replace"),
        "links": {"event": f"/_ebl/events/{made.event_id}"} if made.event_id else {},
    }
