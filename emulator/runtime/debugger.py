"""`breakpoint()` in a handler: the debugger talks to the server's terminal, one at a time, and the time-out waits."""

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from emulator.runtime.current import CURRENT
from emulator.runtime.home import shown

_TERMINAL = threading.RLock()


def expect(source: bytes) -> None:
    """Import pdb, so that it can be patched, when the code about to run may want it. (It is slow to import.)"""
    if b"breakpoint" in source or b"pdb" in source:
        import pdb  # noqa: F401


def patch() -> Callable[[], None] | None:
    """Let pdb's dialogue go to the terminal. None while pdb is not imported; else what undoes it."""
    pdb: Any = sys.modules.get("pdb")
    if pdb is None or not hasattr(pdb, "Pdb"):
        return None
    original = pdb.Pdb.interaction

    def interaction(self: Any, *args: Any, **kwargs: Any) -> None:
        sandbox = CURRENT.get()
        if sandbox is None:
            original(self, *args, **kwargs)
            return
        if _has_no_terminal(self):
            sandbox.output.end_line()
            sandbox.output.write(_passed(args[0] if args else None))
            self.set_continue()
            return
        with _TERMINAL, sandbox.debugging():
            original(self, *args, **kwargs)

    def undo() -> None:
        pdb.Pdb.interaction = original

    pdb.Pdb.interaction = interaction
    return undo


def _has_no_terminal(pdb: Any) -> bool:
    """Would it read from the process's input, with nobody there?  (Debuggers over a socket bring their own.)"""
    if pdb.stdin is not sys.stdin:
        return False
    try:
        return pdb.stdin is None or not pdb.stdin.isatty()
    except ValueError:  # it is closed
        return True


def _passed(frame: FrameType | None) -> str:
    place = f" at {shown(frame.f_code.co_filename)}:{frame.f_lineno}" if frame is not None else ""
    return (
        f"ebl: breakpoint not taken{place}: the emulator has no terminal to debug at. "
        f"Start it in one, or with a debugger of an editor\n"
    )


def attached() -> bool:
    """Is a debugger of an editor attached (debugpy, PyCharm)?  It stops threads unseen: no time-outs."""
    return "pydevd" in sys.modules
