"""Errors of a handler as data: the error object, the text in the log, and the user's line that failed.

Source: awslambdaric 4.2.2, bootstrap.py (objects of the runtime: spaces after `:` and `,`); the platform's own objects
(time-out, exit, size) are compact, as recorded on AWS, Nov 2025.
"""

import json
import os
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from emulator.runtime.home import shown
from emulator.runtime.marshal import to_json

MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
_STDLIB = os.path.dirname(os.__file__) + os.sep
_OURS = os.path.dirname(__file__) + os.sep
_NO_BREAK_SPACE = "\u00a0"
_Frame = tuple[str, int, str, str | None]
"""File, line, function, source line."""


class Fault(Exception):
    """The runtime refuses the function or its result; `type` is AWS's (`Runtime.HandlerNotFound`).

    `trace` is what AWS gives as the stackTrace. The log shows the frames of `cause` instead when there is none.
    """

    def __init__(
        self,
        type: str,
        message: str,
        trace: Sequence[str] = (),
        where: str | None = None,
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(message)
        self.type = type
        self.message = message
        self.trace = list(trace)
        self.where = where
        self.frames = traceback.format_list(user_frames(cause.__traceback__)) if cause else []


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that failed. `log` is what the runtime says about it; after a `fatal` one the sandbox starts anew."""

    type: str
    message: str
    payload: bytes
    log: str
    where: str | None = None
    fatal: bool = False


def of_fault(fault: Fault, request_id: str) -> Failure:
    payload = _payload(fault.message, fault.type, fault.trace, request_id)
    log = _logged(fault.message, fault.type, fault.trace or fault.frames)
    return Failure(fault.type, fault.message, payload, log, fault.where)


def of_exception(error: BaseException, request_id: str) -> Failure:
    """An exception of the handler or, with `request_id` "", of its module. Its own `str()` may raise: so does this."""
    entries = user_frames(error.__traceback__)
    message, name, trace = str(error), type(error).__name__, traceback.format_list(entries)
    payload = _payload(message, name, trace, request_id)
    return Failure(name, message, payload, _logged(message, name, trace), _where(entries))


def of_exit(error: BaseException, request_id: str) -> Failure:
    """The process would have ended: `sys.exit`, or an exception that is no `Exception`."""
    text = "" if isinstance(error, SystemExit) else _as_python_prints(error)
    if isinstance(error, SystemExit) and isinstance(error.code, str):
        text = error.code + "\n"
    return of_ending(_ending(error), request_id, text, where_of(error))


def of_ending(how: str, request_id: str, text: str = "", where: str | None = None) -> Failure:
    """The process has ended, or would have; `how` is "with error: exit status 1". `text` is what it said of that."""
    said = f"RequestId: {request_id} Error: Runtime exited {how}"
    return _platform("Runtime.ExitError", said, f"{text}{said}\nRuntime.ExitError\n", where)


def of_timeout(timeout: float, request_id: str, stamp: str) -> Failure:
    """`stamp` is the time of the log line, `2026-01-02T03:04:05.678Z`."""
    reason = f"Task timed out after {timeout:.2f} seconds"
    log = f"{stamp} {request_id} {reason}\n\n"
    return _platform("Sandbox.Timedout", f"RequestId: {request_id} Error: {reason}", log, None)


def of_platform(type: str, reason: str, request_id: str) -> Failure:
    """Something else that ends the environment."""
    text = f"RequestId: {request_id} Error: {reason}"
    return _platform(type, text, f"{text}\n{type}\n", None)


def of_size() -> Failure:
    """The result is larger than Lambda takes; the sandbox stays."""
    message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
    members = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
    return Failure("Function.ResponseSizeTooLarge", message, _compact(members), "")


def user_frames(trace: TracebackType | None) -> list[_Frame]:
    """The traceback without the frames of the emulator and of the import machinery."""
    return [
        (shown(frame.filename), frame.lineno or 0, frame.name, frame.line)
        for frame in traceback.extract_tb(trace)
        if not frame.filename.startswith((_OURS, "<frozen importlib"))
    ]


def where_of(error: BaseException) -> str | None:
    return _where(user_frames(error.__traceback__))


def _where(entries: Sequence[_Frame]) -> str | None:
    """The last line of the user's own: libraries called from there are not what has to be fixed."""
    own = [entry for entry in entries if "site-packages" not in entry[0] and not entry[0].startswith(_STDLIB)]
    return f"{own[-1][0]}:{own[-1][1]}" if own else None


def _payload(message: str, type: str, trace: list[str], request_id: str) -> bytes:
    members = {"errorMessage": message, "errorType": type, "requestId": request_id, "stackTrace": trace}
    return to_json(members).encode(errors="replace")


def _logged(message: str, type: str, trace: list[str]) -> str:
    head = f"[ERROR] {type}: {message}" if message else f"[ERROR] {type}"
    lines = [_indented(line) for entry in trace for line in entry.splitlines()]
    return "\n".join([head, "Traceback (most recent call last):", *lines, ""])


def _indented(line: str) -> str:
    text = line.lstrip(" ")
    return _NO_BREAK_SPACE * (len(line) - len(text)) + text


def _ending(error: BaseException) -> str:
    """How Lambda words the end of a process; Python ends with status 1 after an exception or a text."""
    if isinstance(error, KeyboardInterrupt):
        return "with error: signal: interrupt"
    code = error.code if isinstance(error, SystemExit) else 1
    if code is None or code == 0:
        return "without providing a reason"
    return f"with error: exit status {code & 0xFF if isinstance(code, int) else 1}"


def _as_python_prints(error: BaseException) -> str:
    head = "Traceback (most recent call last):\n"
    frames = "".join(traceback.format_list(user_frames(error.__traceback__)))
    return head + frames + "".join(traceback.format_exception_only(error))


def _platform(type: str, message: str, log: str, where: str | None) -> Failure:
    payload = _compact({"errorType": type, "errorMessage": message})
    return Failure(type, message, payload, log, where, fatal=True)


def _compact(members: dict[str, str]) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
