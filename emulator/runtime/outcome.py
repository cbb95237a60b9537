"""What goes into a handler's run and what comes out of it: two values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from emulator.runtime.function import FunctionSpec

UNHANDLED = "Unhandled"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run that is asked for. `payload` is JSON text (empty means `{}`), `client_context` too, no longer base64."""

    function: FunctionSpec
    payload: bytes
    request_id: str
    invoked_arn: str
    trace: str | None = None
    client_context: str | None = None
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: a failing handler is data, not an exception.

    `payload` is the result, or the error object when `function_error` is "Unhandled"; both are JSON (a handler that
    returns bytes gives them as they are). `log` is what AWS would have in the log: output of the cold start, START,
    the function's lines, END, REPORT. `where` is the line of the user's that failed, `functions/charge.py:7`.
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
    content_type: str = "application/json"


Done = Callable[[Outcome], None]


class Stream(Protocol):
    """Takes a response as it comes, on the event loop's thread; the Outcome follows.

    A response that the runtime gave whole, or an error object, comes as one chunk. The payload of the Outcome is empty
    where the runtime streamed.
    """

    def begin(self, content_type: str) -> None: ...

    def write(self, chunk: bytes) -> None: ...


def in_one_chunk(done: Done, stream: Stream | None) -> Done:
    """For responses that come whole."""
    if stream is None:
        return done

    def both(outcome: Outcome) -> None:
        stream.begin(outcome.content_type)
        stream.write(outcome.payload)
        done(outcome)

    return both
