"""A step as JSON: what `ebl start --json` prints, one object a line.  Pure."""

import json
from typing import Any

from emulator.clock import iso_millis
from emulator.delivery.result import Result
from emulator.delivery.steps import Step
from emulator.errors import Problem


def to_json(step: Step) -> str:
    """One line; fields that a step does not have are left out, its details stand beside its other fields."""
    fields: dict[str, Any] = {
        "kind": step.kind.value,
        "at": iso_millis(step.at),
        "bus": step.bus,
        "event_id": step.event_id,
        "rule": step.rule,
        "target": step.target,
        "attempt": step.attempt,
    }
    fields = {name: value for name, value in fields.items() if value}
    return json.dumps(fields | dict(step.details), ensure_ascii=False, default=_plain)


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
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError(f"{type(value).__name__} is not JSON")
