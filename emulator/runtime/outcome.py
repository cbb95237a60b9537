"""What goes into a handler's run and what comes out of it: two values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from emulator.runtime.function import FunctionSpec

UNHANDLED = "Unhandled"


class Stream(Protocol):
    """Takes the answer of a handler that streams, as it comes.  Both may be called on any thread, and never wait."""

    def open(self, content_type: str) -> None:
        """Before the first piece; also when none follows."""
        ...

    def write(self, chunk: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run that is asked for. `payload` is JSON text (empty means `{}`), `client_context` too, no longer base64.
    `stream` is there when the caller can take an answer that comes piece by piece."""

    function: FunctionSpec
    payload: bytes
    request_id: str
    invoked_arn: str
    trace: str | None = None
    client_context: str | None = None
    tenant_id: str | None = None
    stream: Stream | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: a failing handler is data, not an exception.

    `payload` is the result, or the error object when `function_error` is "Unhandled"; both are JSON (a handler that
    returns bytes gives them as they are); of a handler that `streamed` it is empty, or the error. `log` is what AWS
    would have in the log: output of the cold start, START, the function's lines, END, REPORT. `where` is the line of
    the user's that failed, `functions/charge.py:7`.
    """

    request_id: str
    payload: bytes
    function_error: str | None
    error_type: str | None
    error_message: str | None
    log: str
    duration_ms: float
    init_ms: float | None
    memory_mb: int
    where: str | None
    streamed: bool = False
    content_type: str = "application/json"


Done = Callable[[Outcome], None]
