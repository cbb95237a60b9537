"""What came of one attempt to hand something to a target: a value, so that a policy can decide on it."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How an attempt ended; only `RETRYABLE` may be tried again."""

    SUCCESS = "success"
    RETRYABLE = "retryable"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class Result:
    """`payload` is what the target answered (a handler's result or its error object, JSON), `log` what it printed,
    `where` the user's own line that failed (`functions/charge.py:7`), `duration_ms` its run time in milliseconds."""

    status: Status
    payload: bytes = b""
    error_type: str | None = None
    error_message: str | None = None
    where: str | None = None
    log: str = ""
    duration_ms: float | None = None
