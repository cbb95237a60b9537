"""The warm sandboxes of every function: who runs in which, and when one has to be made anew.

Called by workers, several at a time: what they share is changed by single operations that Python does not interrupt,
or under the function's lock.
"""

import threading
import time
from collections.abc import Callable

from emulator.clock import Clock
from emulator.runtime.function import FunctionSpec
from emulator.runtime.home import shown
from emulator.runtime.sandbox import LineListener, Sandbox
from emulator.runtime.task import Task

ReloadListener = Callable[[str, list[str], float], None]


class Pool:
    """`on_reload` is called on a worker's thread; `resubmit` takes the tasks that waited for a cold start."""

    def __init__(
        self,
        clock: Clock,
        on_line: LineListener | None,
        on_reload: ReloadListener | None,
        resubmit: Callable[[list[Task]], None],
    ) -> None:
        self._clock = clock
        self._on_line = on_line
        self._on_reload = on_reload
        self._resubmit = resubmit
        self._functions: dict[tuple[str, str], _Warm] = {}

    def check_out(self, task: Task) -> Sandbox | None:
        """A sandbox for this task: warm and up to date, or a new one. None: the task waits for a cold start under way.

        Cold starts of one function come one after the other. In a burst of short invocations the first one's is then
        enough; side by side they would only take the interpreter from each other. After one that failed they go side
        by side, as on AWS: one after the other, the last would wait for the sum of them all.
        """
        function = task.invocation.function
        warm = self._warm(function)
        with warm.lock:
            if warm.function is not function and warm.function != function:
                warm.renew(function)
            sandbox = warm.idle.pop() if warm.idle else None
        if sandbox is not None and sandbox.checked < task.submitted:
            sandbox.checked = time.monotonic()
            changed = sandbox.files.changed()
            if changed:
                sandbox.close()
                with warm.lock:
                    warm.renew(function)
                    warm.changed = [shown(path) for path in changed]
                sandbox = None
        return sandbox or self._start(warm, task)

    def started(self, sandbox: Sandbox, milliseconds: float | None) -> None:
        """The cold start of this sandbox is over; `milliseconds` is None when it failed."""
        warm = self._warm(sandbox.function)
        with warm.lock:
            if sandbox.generation == warm.generation:
                warm.failing = milliseconds is None and (warm.failing or warm.starting is sandbox)
            if warm.starting is not sandbox:
                return
            warm.starting = None
            waiting, warm.waiting = warm.waiting, []
            changed = warm.changed
            if milliseconds is not None:
                warm.changed = []
        if waiting:
            self._resubmit(waiting)
        if changed and milliseconds is not None and self._on_reload is not None:
            self._on_reload(sandbox.function.name, changed, milliseconds)

    def give_back(self, sandbox: Sandbox, usable: bool) -> None:
        """An invocation is over; a sandbox of old code, or one that must not be used again, ends here."""
        warm = self._warm(sandbox.function)
        with warm.lock:
            if usable and sandbox.generation == warm.generation:
                warm.idle.append(sandbox)
                return
        sandbox.close()

    def trim(self, most: int) -> None:
        """Keep no more than `most` idle sandboxes per function (but one), the most recently used."""
        for warm in list(self._functions.values()):
            with warm.lock:
                surplus = warm.idle[: max(0, len(warm.idle) - max(1, most))]
                del warm.idle[: len(surplus)]
            for sandbox in surplus:
                sandbox.close()

    def close(self) -> None:
        for warm in self._functions.values():
            with warm.lock:
                warm.renew(warm.function)

    def _warm(self, function: FunctionSpec) -> "_Warm":
        key = function.arn, function.version
        warm = self._functions.get(key)
        return warm if warm is not None else self._functions.setdefault(key, _Warm(function))

    def _start(self, warm: "_Warm", task: Task) -> Sandbox | None:
        with warm.lock:
            if warm.starting is not None and not warm.failing:
                warm.waiting.append(task)
                return None
            sandbox = Sandbox(task.invocation.function, self._clock, self._on_line)
            sandbox.generation = warm.generation
            warm.starting = warm.starting or sandbox
            return sandbox


class _Warm:
    """The sandboxes of one function. `generation` counts code and configurations: one of an old one is not reused."""

    def __init__(self, function: FunctionSpec) -> None:
        self.lock = threading.Lock()
        self.function = function
        self.generation = 0
        self.idle: list[Sandbox] = []
        self.failing = False
        self.starting: Sandbox | None = None
        self.waiting: list[Task] = []
        self.changed: list[str] = []

    def renew(self, function: FunctionSpec) -> None:
        self.function = function
        self.generation += 1
        self.failing = False
        while self.idle:
            self.idle.pop().close()
