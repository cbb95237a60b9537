"""What the runtime changes in the process, and when: from the first executor's making to the last one's closing."""

import sys
import threading
from collections.abc import Callable

from emulator.runtime import capture, debugger, environment, files, guard, logs, processes, sessions, stand_in, threads

_INSTALLERS = (
    environment.install,
    files.install,
    capture.install,
    logs.install,
    threads.install,
    guard.install,
    stand_in.install,
    processes.install,
)

_lock = threading.Lock()
_users = 0
_undo: list[Callable[[], None]] = []
_pending: tuple[tuple[str, Callable[[], Callable[[], None] | None]], ...] = ()
"""Modules that only the user's code imports, and how to patch them."""


def acquire() -> None:
    """One executor more."""
    global _users, _pending
    with _lock:
        _users += 1
        if _users == 1:
            _undo.extend(install() for install in _INSTALLERS)
            _pending = (("boto3", sessions.patch), ("pdb", debugger.patch), ("multiprocessing", processes.patch))


def release() -> None:
    """One executor less; the last one leaves the process as the first one found it."""
    global _users, _pending
    with _lock:
        _users -= 1
        if _users == 0:
            _pending = ()
            while _undo:
                _undo.pop()()


def late() -> None:
    """Patch what has been imported meanwhile. Called often, so it is cheap while nothing has been."""
    for name, _ in _pending:
        if name in sys.modules:
            _patch(name)


def _patch(name: str) -> None:
    global _pending
    with _lock:
        undo = next((patch() for pending, patch in _pending if pending == name), None)
        if undo is not None:
            _pending = tuple(entry for entry in _pending if entry[0] != name)
            _undo.append(undo)
