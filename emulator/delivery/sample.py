"""An event that a pattern matches, made from the pattern.  Pure; a guess, which the matcher then confirms or not."""

import json
from collections.abc import Mapping
from typing import Any

from emulator.matching import compile_pattern, matches


def sample_of(pattern: str) -> dict[str, Any] | None:
    """What an event must have at least to match `pattern` (JSON text); None where no such event was found."""
    event = _object(json.loads(pattern))
    return event if matches(compile_pattern(pattern), event) else None


def _object(pattern: Mapping[str, Any]) -> dict[str, Any]:
    """The first of the alternatives everywhere."""
    made: dict[str, Any] = {}
    for key, wanted in pattern.items():
        if key == "$or" and isinstance(wanted, list):
            made |= _object(wanted[0])
        elif isinstance(wanted, dict):
            made[key] = _object(wanted)
        elif wanted != [{"exists": False}]:
            made[key] = _value(wanted[0])
    return made


def _value(wanted: Any) -> Any:
    if not isinstance(wanted, dict):
        return wanted
    [(operator, operand)] = wanted.items()
    match operator:
        case "prefix" | "suffix" | "equals-ignore-case":
            return operand if isinstance(operand, str) else next(iter(operand.values()))
        case "wildcard":
            return operand.replace("*", "")
        case "cidr":
            return operand.partition("/")[0]
        case "numeric":
            return _number(operand)
        case _:  # exists, anything-but
            return "anything"


def _number(conditions: list[Any]) -> Any:
    """`[">", 0, "<=", 5]`: the middle of two limits, or one beside the only one."""
    limits = dict(zip(conditions[::2], conditions[1::2], strict=True))
    if len(limits) == 2:
        return sum(limits.values()) / 2
    [(sign, limit)] = limits.items()
    return limit + {">": 1, "<": -1}.get(sign, 0)
