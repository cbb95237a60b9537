"""A command that puts an event which a rule matches: what the first screen suggests."""

import json
import shlex
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from emulator.matching import compile_pattern, matches

_SAMPLES = Path(__file__).parent.parent / "samples"


def put_command(pattern: str, bus: str) -> str | None:
    """`ebl put shop OrderPlaced '{"id": 1}' --bus orders`; None when no such event can be told from the pattern."""
    try:
        event = _tree(json.loads(pattern))
    except (_Unclear, AttributeError):
        return None
    source, detail_type = event.get("source") or "shop", event.get("detail-type") or "OrderPlaced"
    detail = event.get("detail", {"id": 1})
    whole = {"source": source, "detail-type": detail_type, "detail": detail}
    if not all(isinstance(text, str) for text in (source, detail_type)) or not matches(compile_pattern(pattern), whole):
        return None
    if source.startswith("aws."):  # PutEvents takes such a source from nobody
        return None
    words = ["ebl", "put", source, detail_type, json.dumps(detail, ensure_ascii=False)]
    return shlex.join([*words, *(["--bus", bus] if bus != "default" else [])])


def sample_for(pattern: str) -> str | None:
    """The sample event that the pattern matches, by name."""
    compiled = compile_pattern(pattern)
    return next((name for name, event in _samples() if matches(compiled, event)), None)


@cache
def _samples() -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple((path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(_SAMPLES.glob("*.json")))


class _Unclear(Exception):
    """No value comes to mind."""


def _tree(pattern: dict[str, Any]) -> dict[str, Any]:
    return dict(_fields(pattern))


def _fields(pattern: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in pattern.items():
        if name == "$or":
            yield from _fields(value[0])
        elif isinstance(value, dict):
            yield name, _tree(value)
        elif value != [{"exists": False}]:
            yield name, _value(value[0])


def _value(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    [(operator, operand)] = item.items()
    make = _VALUES.get(operator)
    if make is None:
        raise _Unclear
    return make(operand)


def _text(operand: Any) -> str:
    return operand if isinstance(operand, str) else next(iter(operand.values()))


def _number(operand: list[Any]) -> Any:
    """One that holds the first comparison, or lies between the two."""
    if len(operand) == 4:
        return (operand[1] + operand[3]) / 2
    return operand[1] + {">": 1, "<": -1}.get(operand[0], 0)


_VALUES: dict[str, Callable[[Any], Any]] = {
    "prefix": _text,
    "suffix": _text,
    "wildcard": lambda operand: operand.replace("*", "x"),
    "equals-ignore-case": lambda operand: operand,
    "anything-but": lambda _: "something else",
    "exists": lambda _: "anything",
    "numeric": _number,
    "cidr": lambda operand: operand.partition("/")[0],
}
