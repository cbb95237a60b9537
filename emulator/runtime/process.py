"""Runs functions in processes of their own, which speak the Lambda Runtime API: any language, real deadlines.

One process at a time runs one invocation. What is free is used again, the most recently used first; what nobody has
used for a while ends. Cold starts are few at a time: in a burst of short invocations the first ones are then enough.
On the event loop's thread.
"""

import asyncio
import logging
import os
import time
from collections import deque

from emulator.clock import SystemClock
from emulator.runtime import fault, memory, places, report, watched
from emulator.runtime.execution import Environment, Run, State
from emulator.runtime.function import FunctionSpec
from emulator.runtime.home import shown
from emulator.runtime.languages import NoEntrypoint
from emulator.runtime.layers import Layers
from emulator.runtime.outcome import UNHANDLED, Done, Invocation, Outcome
from emulator.runtime.pool import ReloadListener
from emulator.runtime.reload import Files
from emulator.runtime.report import Report
from emulator.runtime.run import broken
from emulator.runtime.sandbox import LineListener
from emulator.runtime.spawner import Spawner
from emulator.runtime.world import World

MAX_ENVIRONMENTS = 64
"""So many environments there are at the same time; further invocations wait in line, the oldest first."""

IDLE_SECONDS = 300.0
"""After this long without an invocation an environment ends."""

_LOOK_SECONDS = 0.1
_SETTLE_SECONDS = 0.1
_LEAVE_SECONDS = 0.02
_monotonic = time.monotonic
logger = logging.getLogger(__name__)


class Processes:
    """The executor. `on_line(invocation, text)` hears each line that a function prints; `on_reload(function's name,
    changed files, milliseconds)` of a fresh start. `map_paths=False` leaves every path what it is on this machine.
    """

    def __init__(
        self,
        *,
        max_environments: int = MAX_ENVIRONMENTS,
        idle_seconds: float = IDLE_SECONDS,
        map_paths: bool = True,
        on_line: LineListener | None = None,
        on_reload: ReloadListener | None = None,
    ) -> None:
        self.in_flight = 0
        self._most = max_environments
        self._most_starts = max(2, os.cpu_count() or 1)
        self._idle_seconds = idle_seconds
        self._map_paths = map_paths
        self._on_line = on_line
        self._on_reload = on_reload
        self._functions: dict[tuple[str, str], _Function] = {}
        self._world: World | None = None
        self._made = 0
        self._closed = False
        self._environments: set[Environment] = set()
        self._looker: asyncio.TimerHandle | None = None
        self._looks_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, invocation: Invocation, done: Done) -> None:
        """Run it; called on the loop's thread, where `done` is called too, later. Raises RuntimeError when closed."""
        if self._closed:
            raise RuntimeError("the executor is closed")
        self.in_flight += 1

        function = self._function(invocation.function)
        run = Run(invocation, lambda outcome: self._finish(done, outcome), _monotonic())
        if function.idle and not function.waiting:
            self._check(function, run.submitted)
        if function.idle and not function.waiting:
            self._begin(function.idle.pop(), run)
        else:
            function.waiting.append(run)
            self._arrange()

    async def run(self, invocation: Invocation) -> Outcome:
        """The same, awaited. Giving up waiting does not stop the function."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.submit(invocation, lambda outcome: None if future.done() else future.set_result(outcome))
        return await future

    async def stop(self) -> None:
        """Close, after the extensions of all environments have had their time to end."""
        for environment in list(self._environments):
            self._retire(environment)
        while any(environment.state is State.LEAVING for environment in self._environments):
            await asyncio.sleep(_LEAVE_SECONDS)
        self.close()

    def close(self) -> None:
        """Every process ends now. What runs is not reported."""
        if self._closed:
            return
        self._closed = True
        if self._looker is not None:
            self._looker.cancel()
        for task in self._tasks:
            task.cancel()
        for environment in list(self._environments):
            environment.close(patiently=False)
        self._environments.clear()
        if self._world is not None:
            self._world.spawner.close()

    def _finish(self, done: Done, outcome: Outcome) -> None:
        self.in_flight -= 1
        try:
            done(outcome)
        except Exception as error:
            context = {"message": "an outcome could not be taken", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    # What environments tell.

    def environment_started(self, environment: Environment) -> None:
        function = self._function_of(environment)
        function.starting.discard(environment)
        if environment.init_ms is not None and function.changed and self._is_current(environment):
            changed, function.changed = function.changed, []
            if self._on_reload is not None:
                self._on_reload(environment.function.name, changed, environment.init_ms)
        if environment.state is State.COLD and not function.waiting:
            self._retire(environment)
        else:
            self.environment_free(environment)

    def environment_free(self, environment: Environment) -> None:
        function = self._function_of(environment)
        function.settling.pop(environment, None)
        if function.waiting:
            self._check(function, function.waiting[0].submitted)
        if not self._is_current(environment) or self._is_wanted_elsewhere(function):
            self._retire(environment)
            self._arrange()
        elif function.waiting:
            self._begin(environment, function.waiting.popleft())
        else:
            function.idle.append(environment)
            self._look_within(self._idle_seconds)
            self._arrange()

    # Which environment runs what.

    def _function(self, spec: FunctionSpec) -> "_Function":
        key = spec.arn, spec.version
        function = self._functions.get(key)
        if function is None:
            function = self._functions[key] = _Function(spec)
        elif function.spec is not spec and function.spec != spec:
            self._renew(function, spec)
        return function

    def _function_of(self, environment: Environment) -> "_Function":
        return self._functions[environment.function.arn, environment.function.version]

    def _is_current(self, environment: Environment) -> bool:
        alive = self._world is not None and self._world.spawner.alive
        return alive and environment in self._function_of(environment).current

    def _renew(self, function: "_Function", spec: FunctionSpec) -> None:
        """Other code or another configuration: what runs may end its invocation, and nothing more."""
        function.spec, function.files = spec, None
        function.current.clear()
        while function.idle:
            self._retire(function.idle[-1])

    def _check(self, function: "_Function", submitted: float) -> None:
        """Have its files changed, up to now?  Asked once for what was submitted until then."""
        if function.files is None or function.checked > submitted:
            return
        function.checked = _monotonic()
        changed = function.files.changed()
        if changed:
            self._renew(function, function.spec)
            function.changed = [shown(path) for path in changed]

    def _begin(self, environment: Environment, run: Run) -> None:
        function = self._function_of(environment)
        original = run.done

        def done(outcome: Outcome) -> None:
            function.settling[environment] = _monotonic()
            original(outcome)

        run.done = done
        environment.run(run)
        self._look_within(_LOOK_SECONDS)

    def _arrange(self) -> None:
        """Start what has to be started for those who wait, in turn."""
        while not self._closed:
            starting = sum(len(function.starting) for function in self._functions.values())
            wanting = [function for function in self._functions.values() if function.lacks]
            if not wanting or starting >= self._most_starts:
                return
            neediest = min(wanting, key=lambda function: (len(function.starting), function.waiting[0].submitted))
            if len(self._environments) >= self._most and not self._evict():
                return
            self._start(neediest)

    def _evict(self) -> bool:
        """End the free environment that was used longest ago."""
        idle = [environment for other in self._functions.values() for environment in other.idle]
        if not idle:
            return False
        oldest = min(idle, key=lambda environment: environment.freed)
        self._retire(oldest)
        return True

    def _is_wanted_elsewhere(self, function: "_Function") -> bool:
        """Is there no room for a function that has nothing at all, and waits longer than this one?"""
        if len(self._environments) < self._most:
            return False
        mine = function.waiting[0].submitted if function.waiting else _monotonic()
        others = [other for other in self._functions.values() if other is not function and other.lacks]
        return any(other.waiting[0].submitted < mine for other in others)

    # From nothing to an environment, and back.

    def _start(self, function: "_Function") -> None:
        self._check(function, _monotonic())
        if function.files is None:  # before anybody reads them: a change meanwhile is seen as one
            function.files, function.checked = Files(watched.files(function.spec)), _monotonic()
        self._made += 1
        environment = Environment(self._made, function.spec, self._make_world(), self)
        self._environments.add(environment)
        function.starting.add(environment)
        function.current.add(environment)
        launch = self._launch(function, environment, function.waiting[0].invocation)
        task = asyncio.get_running_loop().create_task(launch)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _launch(self, function: "_Function", environment: Environment, first: Invocation) -> None:
        try:
            await self._make_world().spawner.ready()
            await environment.prepare()
            if environment.state is State.NEW:  # else it was closed meanwhile
                environment.start(first)
                self._look_within(_LOOK_SECONDS)
        except Exception as error:
            self._give_up(function, environment, error)

    def _give_up(self, function: "_Function", environment: Environment, error: Exception) -> None:
        """It cannot even be started: so say all that wait for it."""
        self._retire(environment)
        waiting, function.waiting = function.waiting, deque()
        for run in waiting:
            run.done(_not_started(run.invocation, error))

    def _retire(self, environment: Environment) -> None:
        self._function_of(environment).forget(environment)
        environment.close()
        if environment.state is State.CLOSED:
            self._environments.discard(environment)

    def _make_world(self) -> World:
        loop = asyncio.get_running_loop()
        if self._world is None:
            folder = places.temporary_folder()
            spawner = Spawner(folder, map_paths=self._map_paths)
            spawner.on_loss = self._lost
            self._layers = Layers(folder / "layers")
            self._world = World(loop, SystemClock(), spawner, folder, self._on_line, self._layers.opt_of)
        elif self._world.loop is not loop:
            raise RuntimeError("the executor is in use by another event loop")
        return self._world

    def _lost(self) -> None:
        """The nursery was killed, and with it every process and every folder."""
        self._layers.forget()
        for environment in list(self._environments):
            if environment.state not in (State.RUNNING, State.STARTING, State.NEW):
                self._retire(environment)

    # Now and then: memory, age.

    def _look_within(self, seconds: float) -> None:
        loop, at = asyncio.get_running_loop(), _monotonic() + seconds
        if self._closed or (self._looker is not None and self._looks_at <= at):
            return
        if self._looker is not None:
            self._looker.cancel()
        self._looks_at, self._looker = at, loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._looker = None
        now = _monotonic()
        for environment in list(self._environments):
            if memory.KNOWN:
                environment.look_at_memory()
            if environment.state is State.CLOSED:
                self._environments.discard(environment)
        for function in self._functions.values():
            while function.idle and now - function.idle[0].freed >= self._idle_seconds:
                self._retire(function.idle[0])
        self._arrange()
        busy = any(environment.state is not State.IDLE for environment in self._environments)
        if self._environments:
            self._look_within(_LOOK_SECONDS if busy else max(_LOOK_SECONDS, self._next_expiry() - now))

    def _next_expiry(self) -> float:
        freed = [environment.freed for environment in self._environments if environment.state is State.IDLE]
        return min(freed) + self._idle_seconds


class _Function:
    """The environments of one function, by what they are at: `idle` ones are the most recently used last. `current`
    are those of its code and configuration as they are now; `settling` have just answered, and since when."""

    def __init__(self, spec: FunctionSpec) -> None:
        self.spec = spec
        self.waiting: deque[Run] = deque()
        self.idle: list[Environment] = []
        self.starting: set[Environment] = set()
        self.settling: dict[Environment, float] = {}
        self.current: set[Environment] = set()
        self.files: Files | None = None
        self.checked = 0.0
        self.changed: list[str] = []

    @property
    def lacks(self) -> bool:
        """Do more wait than will be served by what is about to be there?"""
        if not self.waiting:
            return False
        soon = _monotonic() - _SETTLE_SECONDS
        return len(self.waiting) > len(self.starting) + sum(since > soon for since in self.settling.values())

    def forget(self, environment: Environment) -> None:
        if environment in self.idle:
            self.idle.remove(environment)
        self.starting.discard(environment)
        self.settling.pop(environment, None)
        self.current.discard(environment)


def _not_started(invocation: Invocation, error: Exception) -> Outcome:
    if not isinstance(error, NoEntrypoint):
        logger.exception("an environment of %s could not be started", invocation.function.name, exc_info=error)
        return broken(invocation, error)
    failure = fault.of_platform("Runtime.InvalidEntrypoint", str(error), invocation.request_id)
    log = report.written(invocation, "", failure.log, Report(0.0, None, 0, SystemClock().now(), failure.type))
    return Outcome(
        invocation.request_id, failure.payload, UNHANDLED, failure.type, failure.message, log, 0.0, None, 0, None
    )
