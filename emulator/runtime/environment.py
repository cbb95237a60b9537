"""Environment variables of one sandbox, laid over `os.environ` while its code runs.

`os.environ` keeps its identity (libraries hold on to it); only its class changes while a runtime exists. A function
sees its own variables and none of the host's but the few below, as on AWS: what happens to be set in the developer's
shell must not make a function work that would fail when deployed.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from emulator.runtime.current import CURRENT
from emulator.runtime.function import FunctionSpec, handler_of

if TYPE_CHECKING:
    from emulator.runtime.sandbox import Sandbox

INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
"""The host's variables that a function sees, so that its subprocesses and temporary files work."""

TRACE = "_X_AMZN_TRACE_ID"


def variables(function: FunctionSpec, root: str, log_stream: str) -> dict[str, str]:
    """What the function finds in `os.environ`: Lambda's own (recorded Jan 2026), then `function.environment`."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {
        **inherited,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PWD": root,
        "SHLVL": "0",
        "LAMBDA_TASK_ROOT": root,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": function.initialization,
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group or f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "_HANDLER": handler_of(function.code, function.handler),
        **function.environment,
    }


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
