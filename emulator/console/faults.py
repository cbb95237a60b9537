"""Faults on purpose: set, list, clear."""

from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query

from emulator.app import Emulator
from emulator.config.shapes import Seconds
from emulator.console.known import known_function, known_rule, known_target
from emulator.delivery.faults import Active, Fault
from emulator.timing.schedule import END

_LINKS = {"self": "/_ebl/fail", "clear": "/_ebl/fail/clear"}


def add_faults(routes: FastAPI, emulator: Emulator) -> None:
    faults = emulator.faults

    @routes.get("/_ebl/fail")
    async def listed() -> dict[str, Any]:
        """The faults that are set, and how often each has struck."""
        return {"faults": [_fault(active) for active in faults.all()], "links": _LINKS}

    @routes.post("/_ebl/fail")
    async def fail(
        function: str = "",
        rule: str = "",
        target: Annotated[str, Query(description="the id of a target, or its ARN")] = "",
        times: Annotated[int | None, Query(ge=1, description="how many attempts; all when absent")] = None,
        error: Annotated[str, Query(description="type of the error, or EventBridge's ERROR_CODE")] = "",
        message: str = "",
        status: Annotated[int | None, Query(ge=400, le=599)] = None,
        latency: Annotated[Seconds, Query(ge=0, le=END, description="how much later: 500ms, 3s")] = 0,
        duplicate: bool = False,
        reorder: bool = False,
        probability: Annotated[float, Query(gt=0, le=1)] = 1.0,
        seed: int = 0,
        not_there_yet: Annotated[bool, Query(description="whom it is for need not be there yet")] = False,
    ) -> dict[str, Any]:
        """Make the next attempts of a function, a rule or a target fail, late, double or out of order."""
        if sum(map(bool, (function, rule, target))) != 1:
            raise HTTPException(400, "Give one of function, rule and target.")
        if not not_there_yet:
            known = known_function if function else known_rule if rule else known_target
            known(emulator.store, function or rule or target)
        bad = bool(error) or status is not None or bool(latency) or duplicate or reorder
        return _fault(
            faults.add(
                Fault(
                    function=function, rule=rule, target=target, times=times,
                    error=error or ("" if bad else "Exception"), message=message, status=status, latency=latency,
                    duplicate=duplicate, reorder=reorder, probability=probability, seed=seed,
                )
            )
        ) | {"links": _LINKS}  # fmt: skip

    @routes.post("/_ebl/fail/clear")
    async def clear(id: int | None = None) -> dict[str, Any]:
        """Take back one fault (`id`), or all of them."""
        return {"cleared": faults.clear(id), "links": _LINKS}


def _fault(active: Active) -> dict[str, Any]:
    fault = active.fault
    said = {
        "id": active.id, "function": fault.function, "rule": fault.rule, "target": fault.target, "error": fault.error,
        "message": fault.message, "status": fault.status, "latency": fault.latency, "duplicate": fault.duplicate,
        "reorder": fault.reorder,
    }  # fmt: skip
    shown = {name: value for name, value in said.items() if value}
    if fault.probability != 1:
        shown |= {"probability": fault.probability, "seed": fault.seed}
    return shown | {"times": fault.times, "left": active.left, "hits": active.hits}
