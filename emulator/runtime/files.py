"""`open("data.json")`: on AWS the working directory is the function's folder; here it is the process's, for everybody.

So a file that is opened for reading by a relative path is looked for in the function's folder first. Whatever else
takes a relative path (`os.stat`, `os.listdir`, `os.getcwd`) sees the emulator's working directory: to change that would
need a working directory per thread, which not every system has.
"""

import builtins
import io
import os
from collections.abc import Callable
from typing import Any

from emulator.runtime.current import CURRENT

_WRITING = frozenset("wax+")


def install() -> Callable[[], None]:
    """Let `open` look there, the one that pathlib uses too; returns what undoes it."""
    python, of_io = builtins.open, io.open

    def open_here(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        return python(_found(file, mode, kwargs.get("opener")), mode, *args, **kwargs)

    def undo() -> None:
        builtins.open, io.open = python, of_io

    builtins.open = io.open = open_here
    return undo


def _found(file: Any, mode: str, opener: Any) -> Any:
    sandbox = CURRENT.get()
    if sandbox is None or opener is not None or not isinstance(file, str | os.PathLike):
        return file
    name: Any = os.fspath(file)
    if not isinstance(name, str) or os.path.isabs(name) or not _WRITING.isdisjoint(mode):
        return file
    path = os.path.join(sandbox.namespace.root, name)
    return path if os.path.isfile(path) else file
