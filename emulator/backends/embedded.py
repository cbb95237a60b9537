"""moto inside of this process: an HTTP request as a value in, moto's answer out, with no server in between.

What moto calls a backend has a table of paths and handlers; the handler that a path leads to is called as moto's own
server calls it, with one of moto's requests.  moto keeps what it knows in its modules, so all emulators of one process
share it, as do tests there that use moto's decorator.  It has locks in few places, so each service works on one request
at a time; all of it being Python, nothing is lost by that.
"""

import importlib.util
import threading
from collections.abc import Callable
from functools import cached_property

from emulator.backends.asked import Asked
from emulator.backends.context import ABANDONED, WORK, Work
from emulator.backends.moto_modules import forget, missing, paths_of
from emulator.backends.moto_requests import Paths, answered
from emulator.wire.http import HttpRequest, HttpResponse


class Embedded:
    """Blocking, and for any thread.  `now` is the emulator's clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._paths: dict[str, Paths] = {}
        # Of an RLock: moto may come back to the same service.
        self._changed: dict[str, threading.Condition] = {}

    @cached_property
    def installed(self) -> bool:
        return importlib.util.find_spec("moto") is not None

    def answer(self, asked: Asked, request: HttpRequest) -> HttpResponse:
        """moto's answer.  Raises AwsError when moto has no such service or operation, or lacks a package for it; what
        else is raised is a mistake of moto's."""
        changed = self._changed.setdefault(asked.service, threading.Condition())
        token = WORK.set(Work(request.headers.get("x-amzn-trace-id"), self._now, changed, ABANDONED.get()))
        try:
            with changed:
                paths = self._paths.get(asked.service)
                if paths is None:
                    paths = self._paths[asked.service] = paths_of(asked.service)
                try:
                    return answered(paths, asked, request)
                except ModuleNotFoundError as error:
                    raise missing(asked.service, error) from error
                finally:
                    changed.notify_all()
        finally:
            WORK.reset(token)

    def reset(self) -> None:
        """Forget everything that moto holds, of all accounts."""
        if self._paths:
            forget()
