"""An event pattern in one short line: `source=shop, detail.state=paid|open, detail.total=>100`.  Pure."""

import json
from collections.abc import Callable, Iterator
from typing import Any

_LONGEST = 72


def summary(pattern: str) -> str:
    """For people, not for machines: cut where it gets long."""
    text = ", ".join(_fields("", json.loads(pattern)))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _fields(path: str, tree: dict[str, Any]) -> Iterator[str]:
    for name, value in tree.items():
        full = f"{path}{name}"
        if name == "$or" and isinstance(value, list) and all(isinstance(branch, dict) for branch in value):
            yield "(" + " or ".join(", ".join(_fields(path, branch)) for branch in value) + ")"
        elif isinstance(value, dict):
            yield from _fields(f"{full}.", value)
        else:
            yield f"{full}={'|'.join(_alternative(item) for item in value)}"


def _alternative(item: Any) -> str:
    if isinstance(item, str):
        return item or '""'
    if isinstance(item, dict) and len(item) == 1:
        [(operator, operand)] = item.items()
        write = _OPERATORS.get(operator)
        if write is not None:
            return write(operand)
    return json.dumps(item, ensure_ascii=False)


def _plain(operand: Any) -> str:
    """`{"prefix": {"equals-ignore-case": "x"}}` is written as its value."""
    if isinstance(operand, dict):
        return "|".join(_plain(value) for value in operand.values())
    if isinstance(operand, list):
        return "|".join(_plain(value) for value in operand)
    return operand if isinstance(operand, str) else json.dumps(operand)


def _numeric(operand: Any) -> str:
    return "".join(f"{part}" for part in operand)


_OPERATORS: dict[str, Callable[[Any], str]] = {
    "prefix": lambda operand: f"{_plain(operand)}*",
    "suffix": lambda operand: f"*{_plain(operand)}",
    "wildcard": _plain,
    "equals-ignore-case": lambda operand: f"{_plain(operand)} (any case)",
    "anything-but": lambda operand: f"not {_alternative(operand) if isinstance(operand, dict) else _plain(operand)}",
    "exists": lambda operand: "present" if operand else "absent",
    "numeric": _numeric,
    "cidr": _plain,
}
