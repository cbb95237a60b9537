"""No call leaves a function for the real AWS unless it was allowed by name.

At the level of sockets, so that it holds for every client library, and in every thread that the function starts.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulator.runtime.current import CURRENT
from emulator.runtime.home import shown
from emulator.runtime.real_aws import RealAwsRefused, refusal, service_called, watch

if TYPE_CHECKING:
    from emulator.runtime.sandbox import Sandbox


def install() -> Callable[[], None]:
    """Watch the ways out; returns what stops watching."""
    return watch(_check)


def _check(host: Any) -> None:
    sandbox = CURRENT.get()
    if sandbox is None:
        return
    called = service_called(host)
    if called is not None and called[1] not in sandbox.function.real_aws:
        raise RealAwsRefused(refusal(_calling_line(sandbox), sandbox.function.name, *called))


def _calling_line(sandbox: "Sandbox") -> str | None:
    frame = sys._getframe(2)
    while frame.f_back is not None:
        if frame.f_builtins is sandbox.namespace.builtins:
            return f"{shown(frame.f_code.co_filename)}:{frame.f_lineno} (function {sandbox.function.name})"
        frame = frame.f_back
    return None
