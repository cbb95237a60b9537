"""Processes that a handler starts: they must not be a second emulator.

A forked child has the server's memory, its event loop's wake-up file and its signal handlers, but none of its threads.
A spawned one has neither the function's modules nor, because that goes past `os.environ`, its variables.
"""

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from emulator.runtime.capture import Output
from emulator.runtime.current import CURRENT

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_registered = False


def install() -> Callable[[], None]:
    """Be told of forks from now on: that cannot be undone, but those outside of functions are left alone."""
    global _registered
    if not _registered and hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
        _registered = True
    return lambda: None


def leave(error: BaseException | None) -> None:
    """A forked child has come to the end of the handler, and so to its own: the outcome is the parent's."""
    status = 0
    if isinstance(error, SystemExit) and (error.code is None or isinstance(error.code, int)):
        status = (error.code or 0) & 0xFF
    elif error is not None:
        status = 1
        os.write(2, "".join(traceback.format_exception(error)).encode(errors="replace"))
    os._exit(status)


def patch() -> Callable[[], None] | None:
    """Give spawned children the function's modules and variables. None while multiprocessing is not imported."""
    if "multiprocessing" not in sys.modules:
        return None
    from multiprocessing import spawn, util

    modules: Any = spawn
    prepare, start = modules.get_preparation_data, util.spawnv_passfds

    def prepare_here(name: str) -> Any:
        data = prepare(name)
        sandbox = CURRENT.get()
        if sandbox is not None:
            data["sys_path"] = [*sandbox.namespace.folders, *data["sys_path"]]
        return data

    def start_here(path: Any, args: Sequence[Any], passfds: Sequence[int]) -> int:
        sandbox, env = CURRENT.get(), shutil.which("env")
        if sandbox is None or env is None:
            return start(path, args, passfds)
        variables = [f"{name}={value}" for name, value in sandbox.variables.items()]
        return start(os.fsencode(env), [env, "-i", *variables, *args], passfds)

    def undo() -> None:
        modules.get_preparation_data, util.spawnv_passfds = prepare, start

    modules.get_preparation_data, util.spawnv_passfds = prepare_here, start_here
    return undo


class _Terminal(Output):
    """What a forked child prints: its log is nobody's, so it goes where the emulator's errors go, at once."""

    def __init__(self) -> None:
        super().__init__(None)

    def write(self, text: str) -> None:
        os.write(2, text.encode(errors="replace"))


def _before() -> None:
    """A signal that the child gets while it has the parent's handlers has to wait."""
    if CURRENT.get() is not None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def _in_parent() -> None:
    if CURRENT.get() is not None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _in_child() -> None:
    sandbox = CURRENT.get()
    if sandbox is None:
        return
    sandbox.forked, sandbox.output = True, _Terminal()
    # A signal to the child would be written to the parent's event loop, which would stop the server.
    signal.set_wakeup_fd(-1)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
