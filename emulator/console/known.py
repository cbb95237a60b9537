"""Is there such a function, rule, target or bus?  Whoever misspells one would wait for it, or make it fail, in vain."""

import difflib
from collections.abc import Iterable

from fastapi import HTTPException

from emulator.arn import Arn
from emulator.store.buses import DEFAULT
from emulator.store.database import Store

_LISTED = 10
_LATER = "If it is still to be made, say not_there_yet=true (ebl: --not-there-yet)."


def function_name(text: str) -> str:
    """Of a function that is given by its name or ARN."""
    arn = Arn.parse(text)
    return text if arn is None or not arn.resource.startswith("function:") else arn.resource.split(":")[1]


def known_function(store: Store, text: str) -> None:
    """By name or ARN; HTTPException 404 for one that nobody has made, here and below."""
    _known("function", function_name(text), store.functions.names())


def known_rule(store: Store, name: str) -> None:
    _known("rule", name, store.rules.names())


def known_target(store: Store, name: str) -> None:
    """By id or ARN."""
    _known("target", name, store.rules.target_names())


def known_bus(store: Store, name: str) -> None:
    _known("event bus", name, {DEFAULT, *store.buses.names()})


def _known(kind: str, name: str, names: Iterable[str]) -> None:
    there = sorted(names)
    if name in there:
        return
    near = difflib.get_close_matches(name, there, n=1) or difflib.get_close_matches(name.lower(), there, n=1)
    listed = ", ".join(there[:_LISTED]) + (", …" if len(there) > _LISTED else "")
    hint = f"Did you mean {near[0]}?" if near else f"There is: {listed}." if there else "There is none."
    raise HTTPException(404, f"There is no {kind} {name[:200]!r}. {hint} {_LATER}")
