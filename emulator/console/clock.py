"""The clock: what time it is here, what is due next, and moving it."""

from collections.abc import Awaitable
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response

from emulator.app import Emulator
from emulator.clock import iso_millis
from emulator.config.shapes import Seconds
from emulator.console.long_poll import while_connected
from emulator.console.moment import checked, moment
from emulator.console.settle import Timeout, due_json, told
from emulator.delivery.timeline import ClockIsReal, Passage
from emulator.timing.schedule import END

_LISTED = 100
_LINKS = {"self": "/_ebl/clock", "settle": "/_ebl/settle"}


def add_clock(routes: FastAPI, emulator: Emulator) -> None:
    timeline = emulator.timeline

    @routes.get("/_ebl/clock")
    async def clock() -> dict[str, Any]:
        """What time it is, whose clock it is, and what is due next and why."""
        return _now(emulator) | {"waiting": [due_json(due) for due in timeline.waiting(_LISTED)], "links": _LINKS}

    @routes.post("/_ebl/clock/advance")
    async def advance(
        request: Request,
        response: Response,
        by: Annotated[Seconds, Query(ge=0, le=END, description="how far: 90, 60s, 1h, 2d")],
        timeout: Timeout = 30.0,
    ) -> dict[str, Any]:
        """Move the virtual clock by this much; everything that is due meanwhile has run, in due order."""
        checked(emulator.clock.now() + by)
        return await moved(request, response, timeline.advance(by, timeout))

    @routes.post("/_ebl/clock/next")
    async def next_(request: Request, response: Response, timeout: Timeout = 30.0) -> dict[str, Any]:
        """Move the virtual clock to the next moment at which something is due, and run that."""
        return await moved(request, response, timeline.next(timeout))

    @routes.post("/_ebl/clock/set")
    async def set_(
        request: Request,
        response: Response,
        to: Annotated[str, Query(description="2026-12-24T18:00:00Z, seconds since 1970, or now")],
        timeout: Timeout = 30.0,
    ) -> dict[str, Any]:
        """Jump to this moment and stand still there: the clock is virtual from then on. No schedule fires."""
        return await moved(request, response, timeline.set(moment(to, emulator.clock.now()), timeout))

    @routes.post("/_ebl/clock/real")
    async def real(request: Request, response: Response, timeout: Timeout = 30.0) -> dict[str, Any]:
        """Show the machine's own time again."""
        return await moved(request, response, timeline.be_real(timeout))

    async def moved(request: Request, response: Response, move: Awaitable[Passage]) -> dict[str, Any]:
        try:
            passage = await while_connected(request, emulator.stopping, move)
        except ClockIsReal as error:
            raise HTTPException(409, str(error)) from error
        return _now(emulator) | told(passage, response) | {"links": _LINKS}


def _now(emulator: Emulator) -> dict[str, Any]:
    now = emulator.clock.now()
    return {"kind": "virtual" if emulator.clock.virtual else "real", "now": iso_millis(now), "epoch": now}
