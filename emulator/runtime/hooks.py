"""What the runtime changes in the process, and when: from the first executor's making to the last one's closing."""

import threading
from collections.abc import Callable

from emulator.runtime import capture, debugger, environment, guard, logs, sessions, stand_in, threads

_INSTALLERS = (environment.install, capture.install, logs.install, threads.install, guard.install, stand_in.install)

_lock = threading.Lock()
_users = 0
_undo: list[Callable[[], None]] = []
_pending: list[Callable[[], Callable[[], None] | None]] = []
"""Patches of modules that only the user's code may import."""


def acquire() -> None:
    """One executor more."""
    global _users
    with _lock:
        _users += 1
        if _users == 1:
            _undo.extend(install() for install in _INSTALLERS)
            _pending[:] = [sessions.patch, debugger.patch]


def release() -> None:
    """One executor less; the last one leaves the process as the first one found it."""
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            _pending.clear()
            while _undo:
                _undo.pop()()


def late() -> None:
    """Patch what has been imported meanwhile. Called often: costs nothing when nothing is pending."""
    if _pending:
        with _lock:
            for patch in list(_pending):
                undo = patch()
                if undo is not None:
                    _pending.remove(patch)
                    _undo.append(undo)
