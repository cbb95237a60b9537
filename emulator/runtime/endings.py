"""How a process of a function came to fail, as the failure that its invocation has."""

import json
import os
import re
import signal
from typing import Any

from emulator.runtime import fault
from emulator.runtime.fault import Failure
from emulator.runtime.home import shown
from emulator.runtime.places import Places

_SIGNALS = {
    "SIGHUP": "hangup", "SIGINT": "interrupt", "SIGQUIT": "quit", "SIGILL": "illegal instruction",
    "SIGTRAP": "trace/breakpoint trap", "SIGABRT": "aborted", "SIGBUS": "bus error",
    "SIGFPE": "floating point exception", "SIGKILL": "killed", "SIGUSR1": "user defined signal 1",
    "SIGSEGV": "segmentation fault", "SIGUSR2": "user defined signal 2", "SIGPIPE": "broken pipe",
    "SIGALRM": "alarm clock", "SIGTERM": "terminated", "SIGXCPU": "CPU time limit exceeded",
    "SIGXFSZ": "file size limit exceeded", "SIGSYS": "bad system call",
}  # fmt: skip
"""As Go names them, in which AWS's side is written."""

_PYTHON_LINE = re.compile(r'File "(/var/task/[^"]+)",? [lL]ine (\d+)')
_NODE_LINE = re.compile(r"(?:file://)?(/var/task/[^:)\s]+):(\d+)(?::\d+)?")
_VENDORED = ("/site-packages/", "/node_modules/")


def of_status(status: int, request_id: str) -> Failure:
    """`status` as os.wait gives it."""
    return fault.of_ending(ending(status), request_id)


def ending(status: int) -> str:
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        return f"with error: exit status {code}" if code else "without providing a reason"
    number = os.WTERMSIG(status)
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = ""
    return f"with error: signal: {_SIGNALS.get(name, f'signal {number}')}"


def of_payload(payload: bytes, error_type: str, places: Places) -> Failure:
    """What the runtime reported; `error_type` is what it called that in a header."""
    payload = places.told(payload)
    found = _object(payload)
    kind = str(found.get("errorType") or error_type or "Function.Unknown")
    return Failure(kind, str(found.get("errorMessage") or ""), payload, "", _where(found, places))


def _object(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _where(error: dict[str, Any], places: Places) -> str | None:
    """The user's line that failed: Python names the innermost frame last, Node first."""
    frames = _texts(error.get("stackTrace"))
    lines = [found for frame in reversed(frames) if (found := _PYTHON_LINE.search(frame))]
    lines += [found for frame in _texts(error.get("trace")) if (found := _NODE_LINE.search(frame))]
    own = [line for line in lines if not any(vendored in line[1] for vendored in _VENDORED)]
    path = places.on_disk(own[0][1]) if own else None
    return f"{shown(path)}:{own[0][2]}" if path is not None else None


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
