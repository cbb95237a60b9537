"""Environment variables of one sandbox, laid over `os.environ` while its code runs.

`os.environ` keeps its identity (libraries hold on to it); only its class changes while a runtime exists.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from emulator.runtime.current import CURRENT

if TYPE_CHECKING:
    from emulator.runtime.sandbox import Sandbox


def install() -> Callable[[], None]:
    """Lay the overlay; returns what takes it away."""
    os.environ.__class__ = _Overlay
    original = subprocess.Popen.__init__

    def popen(self: Any, *args: Any, **kwargs: Any) -> None:
        sandbox = CURRENT.get()
        if sandbox is not None:
            _settle(sandbox, args, kwargs)
        original(self, *args, **kwargs)

    subprocess.Popen.__init__ = popen  # type: ignore[method-assign]
    of_host = os.system

    def system(command: Any) -> int:
        if CURRENT.get() is None:
            return of_host(command)
        code = subprocess.call(command, shell=True)
        return code if sys.platform == "win32" else -code if code < 0 else code << 8  # a wait status

    os.system = system

    def uninstall() -> None:
        os.system = of_host
        os.environ.__class__ = os._Environ
        subprocess.Popen.__init__ = original  # type: ignore[method-assign]

    return uninstall


_CWD_POSITION, _ENV_POSITION = 9, 10
"""Indices among the positional arguments of Popen, `self` not counted."""


def _settle(sandbox: "Sandbox", args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """A child inherits the function's variables, and works in the function's folder: `PWD` says so, as on AWS."""
    if len(args) <= _CWD_POSITION and kwargs.get("cwd") is None:
        kwargs["cwd"] = sandbox.namespace.root
    if len(args) <= _ENV_POSITION and kwargs.get("env") is None:
        kwargs["env"] = dict(sandbox.variables)


class _Overlay(os._Environ[str]):
    def __getitem__(self, key: str) -> str:
        sandbox = CURRENT.get()
        if sandbox is None:
            return super().__getitem__(key)
        return sandbox.variables[_text(key)]

    def __setitem__(self, key: str, value: str) -> None:
        sandbox = CURRENT.get()
        if sandbox is None:
            super().__setitem__(key, value)
        else:
            sandbox.variables[_text(key)] = _text(value)

    def __delitem__(self, key: str) -> None:
        sandbox = CURRENT.get()
        if sandbox is None:
            super().__delitem__(key)
        else:
            del sandbox.variables[_text(key)]

    def __iter__(self) -> Iterator[str]:
        sandbox = CURRENT.get()
        return super().__iter__() if sandbox is None else iter(list(sandbox.variables))

    def __len__(self) -> int:
        sandbox = CURRENT.get()
        return super().__len__() if sandbox is None else len(sandbox.variables)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"str expected, not {type(value).__name__}")
    return value
