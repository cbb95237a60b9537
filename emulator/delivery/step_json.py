"""A step as JSON and back: what `ebl start --json` prints and `/_ebl/stream` sends, one object a line.  Pure."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emulator.clock import iso_millis
from emulator.delivery.result import Result, Status
from emulator.delivery.steps import Kind, Step
from emulator.errors import Problem
from emulator.matching import Explanation

_FIELDS = ("bus", "event_id", "rule", "target", "attempt")


def to_json(step: Step) -> str:
    """One line; fields that a step does not have are left out, its details stand beside its other fields."""
    fields: dict[str, Any] = {"kind": step.kind.value, "at": iso_millis(step.at)}
    fields |= {name: value for name in _FIELDS if (value := getattr(step, name))}
    return json.dumps(fields | dict(step.details), ensure_ascii=False, default=_plain)


def from_json(text: str) -> Step:
    """The step again, as far as it takes to draw it.  ValueError when it is none that this version knows."""
    fields = json.loads(text)
    kind, at = Kind(fields.pop("kind")), datetime.fromisoformat(fields.pop("at")).timestamp()
    own = {name: fields.pop(name) for name in _FIELDS if name in fields}
    details = {name: _READ.get(name, _as_it_is)(value) for name, value in fields.items()}
    return Step(kind, at, **own, details=details)


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation that came as text; `closest` is itself, None when there was none to explain."""

    text_lines: tuple[str, ...]

    @property
    def closest(self) -> "Explained | None":
        return self if self.text_lines else None

    def lines(self) -> list[str]:
        return list(self.text_lines)


def _plain(value: Any) -> Any:
    """What is no JSON by itself."""
    if isinstance(value, Result):
        return {
            "status": value.status.value,
            "payload": value.payload.decode(errors="replace"),
            "error_type": value.error_type,
            "error_message": value.error_message,
            "where": value.where,
            "duration_ms": value.duration_ms,
        }
    if isinstance(value, Problem):
        return {"file": value.file, "line": value.line, "column": value.column, "key": value.key, "text": value.text}
    if isinstance(value, Explanation):
        lines = value.closest.lines() if value.closest is not None else []
        return {**value.to_json(), "lines": lines}
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _result(said: Mapping[str, Any]) -> Result:
    return Result(
        Status(said["status"]), said["payload"].encode(), said["error_type"], said["error_message"], said["where"],
        duration_ms=said["duration_ms"],
    )  # fmt: skip


def _explained(said: Mapping[str, Any] | None) -> Explained | None:
    return None if said is None else Explained(tuple(said.get("lines", ())))


def _problems(said: list[Mapping[str, Any]]) -> list[Problem]:
    return [Problem(**problem) for problem in said]


def _as_it_is(value: Any) -> Any:
    return value


_READ: dict[str, Callable[[Any], Any]] = {"result": _result, "explanation": _explained, "problems": _problems}
