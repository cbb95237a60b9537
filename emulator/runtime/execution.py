"""One execution environment of a function in processes of its own: its APIs, its processes, its /tmp, its log.

It runs one invocation at a time. A runtime that ends or runs out of time is started anew for the next one, in the same
environment: /tmp stays. On the event loop's thread; whoever owns it (a Keeper) is told when it can take an invocation.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Protocol

from emulator.clock import iso_millis
from emulator.ids import new_hex
from emulator.runtime import boot, endings, extensions, fault, languages, memory, places, storage, variables
from emulator.runtime.apis import Apis
from emulator.runtime.boot import Boot
from emulator.runtime.fault import Failure
from emulator.runtime.function import FunctionSpec
from emulator.runtime.outcome import Done, Invocation
from emulator.runtime.response import Response
from emulator.runtime.run import INIT_SECONDS
from emulator.runtime.transcript import JSON_TYPE, Transcript
from emulator.runtime.world import World

GRACE_SECONDS = 2.0
"""What AWS gives extensions to end."""

_LINGER_SECONDS = 0.1
"""So long a runtime that has ended may still be heard through its connections, when something else holds them open."""

_LAST_WORDS_SECONDS = 1.0
"""So long a runtime may stay that has said that its cold start failed."""

_monotonic = time.monotonic


class State(Enum):
    NEW = auto()
    STARTING = auto()
    IDLE = auto()  # its runtime waits for an invocation
    COLD = auto()  # it has no runtime; the next invocation starts one
    RUNNING = auto()
    SETTLING = auto()  # the invocation is answered; the runtime or an extension is still busy
    LEAVING = auto()  # the extensions have been told of the end
    CLOSED = auto()


@dataclass(slots=True)
class Run:
    """An invocation on its way; `submitted` on the monotonic clock."""

    invocation: Invocation
    done: Done
    submitted: float


class Keeper(Protocol):
    """Whose environment it is."""

    def environment_started(self, environment: "Environment") -> None:
        """A cold start without an invocation is over: it is IDLE, or COLD when it failed."""
        ...

    def environment_free(self, environment: "Environment") -> None:
        """It can take the next invocation."""
        ...


class Environment:
    """`state` says what it is at; `init_ms` how long its first cold start took, None while that is not over or when it
    failed; `freed` when it last became free, on the monotonic clock."""

    def __init__(self, number: int, function: FunctionSpec, world: World, keeper: Keeper) -> None:
        self.function = function
        self.state = State.NEW
        self.init_ms: float | None = None
        self.freed = 0.0
        self._world = world
        self._keeper = keeper
        self._folder = world.folder / str(number)
        self._apis = Apis(world.loop, world.clock, function, self, self, self._silent)
        self._boot: Boot | None = None
        self._run: Run | None = None
        self._response: Response | None = None
        self._init_failure: Failure | None = None
        self._status: int | None = None
        self._then: Callable[[], None] | None = None
        self._began = 0.0
        self._peak = 0
        self._timers: list[asyncio.TimerHandle] = []

    async def prepare(self) -> None:
        """Folders, a port and a plan. Raises NoEntrypoint, OSError."""
        world, function = self._world, self.function
        self._tmp = self._folder / "tmp"
        self._tmp.mkdir(parents=True)
        opt = await asyncio.to_thread(world.opt_of, function.layers) if function.layers else None
        words = await asyncio.to_thread(languages.program, function, places.root_of(function), opt)
        self._places = places.places(function, opt, self._tmp, words[0], mapped=world.spawner.mapped)
        await self._apis.open()
        day = time.strftime("%Y/%m/%d", time.gmtime(world.clock.now()))
        stream = f"{day}/[{function.version}]{new_hex(32)}"
        found = variables.in_process(function, self._places, self._apis.address, stream)
        self._apis.extensions.handler = found["_HANDLER"]
        self._plan = boot.plan(function, self._places, words, found, extensions.programs(opt, self._places.task))
        self._transcript = Transcript(self._places, world.clock, world.on_line, self._apis.telemetry.printed)

    def start(self, cause: Invocation) -> None:
        """Begin a cold start that no invocation waits in; what it prints is shown as `cause`'s."""
        self._transcript.cause = cause
        self._after(INIT_SECONDS, self._init_timed_out)
        self._start_processes()

    def run(self, run: Run) -> None:
        """Run this, in a state IDLE or COLD. `run.done` is called once."""
        self._run, self._transcript.cause = run, run.invocation
        self._after(self.function.timeout, self._timed_out)
        if self.state is State.COLD:
            self._start_processes()
        else:
            self._began = _monotonic()
            self._deliver()

    def close(self, *, patiently: bool = True) -> None:
        """End it; extensions are told, and given time. Its folder goes. An invocation that runs is not reported."""
        if self.state is State.CLOSED:
            return
        self._clear_timers()
        if patiently and self.state is not State.LEAVING and self._wind_down("spindown", self.close):
            return
        self.state = State.CLOSED
        self._end_processes()
        self._apis.close()
        self._world.spawner.remove(self._folder)

    def look_at_memory(self) -> None:
        """Kill the runtime when all processes together hold more than the function may."""
        if self._boot is None or self.state not in (State.RUNNING, State.STARTING):
            return
        limit, pids = self.function.memory_mb << 20, self._boot.pids
        used = memory.resident(pids)
        if used > limit:
            used = memory.proportional(pids)
        self._peak = max(self._peak, used)
        if used > limit:
            self._transcript.take(f"ebl: {used >> 20} MB are in use, the function's memory is {limit >> 20} MB\n")
            self._boot.kill_runtime()

    # What its runtime tells.

    def runtime_ready(self) -> None:
        self._moved()

    def runtime_responded(self, payload: bytes, content_type: str) -> None:
        self._answer(payload, None, content_type)

    def runtime_failed(self, payload: bytes, error_type: str) -> None:
        self._answer(b"", endings.of_payload(payload, error_type, self._places))

    def runtime_response_too_large(self) -> None:
        self._answer(b"", fault.of_size())

    def runtime_init_failed(self, payload: bytes, error_type: str) -> None:
        self._init_failure = endings.of_payload(payload, error_type, self._places)
        if self._boot is not None:
            self._after(_LAST_WORDS_SECONDS, self._boot.kill_runtime)

    def stream_began(self, content_type: str) -> None:
        self._response = Response(self._run.invocation.stream if self._run else None, content_type)

    def stream_continued(self, chunk: bytes) -> None:
        if self._response is not None:
            self._response.write(chunk)

    def stream_ended(self, error_type: str, error_body: bytes) -> None:
        response = self._response
        assert response is not None
        failure = response.excess()
        if error_type:
            failure = endings.of_payload(error_body, error_type, self._places)
        self._answer(response.payload(), failure, response.content_type)

    def stream_broke(self) -> None:
        """The runtime may be about to end, and that would be the better explanation."""
        self._after(_LINGER_SECONDS, lambda: self._fail("Runtime.TruncatedResponse", "Response stream was truncated"))

    # What its extensions tell, and its processes.

    def extensions_moved(self) -> None:
        boot = self._boot
        if self.state is State.STARTING and boot is not None and not boot.has_runtime:
            if self._apis.extensions.all_registered:
                boot.start_runtime(self._plan)
        else:
            self._moved()

    def extension_failed(self, kind: str, name: str, error_type: str) -> None:
        self._fail(f"Extension.{kind}", f"extension {name}: {error_type}")

    def extension_ended(self, name: str, status: int) -> None:
        if self.state is State.LEAVING:
            if self._boot is not None and not self._boot.extensions_live and self._then is not None:
                self._then()
        else:
            self._fail("Extension.Crash", f"extension {name} exited {endings.ending(status)}")

    def runtime_ended(self, status: int) -> None:
        """What it said before may still be on its way through the connections."""
        self._status = status
        if self._apis.silent:
            self._ended()
        else:
            self._after(_LINGER_SECONDS, self._ended)

    def _silent(self) -> None:
        if self._status is not None:
            self._ended()

    def _ended(self) -> None:
        status, self._status = self._status, None
        if status is None:
            return
        if self._init_failure is not None and self.state is State.STARTING:
            self._break_off(self._init_failure)
        elif self._boot is not None and self._boot.errno:
            reason = boot.reason_of(self._boot.errno, self._places.told_path(self._plan.words[0]))
            self._break_off(fault.of_platform("Runtime.InvalidEntrypoint", reason, self._request_id))
        else:
            self._break_off(endings.of_status(status, self._request_id))

    # From state to state.

    def _start_processes(self) -> None:
        self.state, self._began, self._peak = State.STARTING, _monotonic(), 0
        self._status = self._init_failure = self._response = None
        self._apis.restart(set(self._plan.extensions))
        self._boot = Boot(self._world, self.function, self._places, self._apis.address, self._transcript.take, self)
        self._boot.start_extensions(self._plan)
        if not self._plan.extensions:
            self._boot.start_runtime(self._plan)

    def _moved(self) -> None:
        """Do all of them wait now?"""
        if not self._apis.all_ready:
            return
        if self.state is State.SETTLING:
            self._free(State.IDLE)
        elif self.state is State.STARTING and self._run is not None:
            self._transcript.started(None)
            self._deliver()
        elif self.state is State.STARTING:
            self._clear_timers()
            self.init_ms = self._elapsed_ms()
            self._read_output()
            self._transcript.started(self.init_ms)
            self._apis.telemetry.initialised(self.init_ms)
            self.state, self.freed = State.IDLE, _monotonic()
            self._keeper.environment_started(self)

    def _deliver(self) -> None:
        run, self.state, self._response = self._run, State.RUNNING, None
        assert run is not None
        left = self.function.timeout - self._elapsed_ms() / 1000
        deadline_ms = int((self._world.clock.now() + left) * 1000)
        self._apis.extensions.closed = True
        self._apis.runtime.invoke(run.invocation, deadline_ms)
        self._apis.extensions.invoke(run.invocation, deadline_ms)
        self._apis.telemetry.started(run.invocation)

    def _answer(self, payload: bytes, failure: Failure | None, content_type: str = JSON_TYPE) -> None:
        """The invocation is over; a failure that is fatal ends the processes too."""
        run, self._run = self._run, None
        assert run is not None
        self._clear_timers()
        duration_ms = min(self._elapsed_ms(), self.function.timeout * 1000)
        self._read_output()
        failure = failure or storage.excess(self._tmp, self.function.ephemeral_storage_mb, run.invocation.request_id)
        outcome = self._transcript.outcome(run.invocation, payload, failure, duration_ms, self._peak_mb(), content_type)
        outcome = replace(outcome, streamed=self._response is not None and self._response.streamed)
        self._apis.telemetry.ended(run.invocation, outcome)
        self.state = State.SETTLING
        run.done(outcome)
        if failure is not None and failure.fatal:
            self._reset("timeout" if failure.type == "Sandbox.Timedout" else "failure")

    def _break_off(self, failure: Failure) -> None:
        """The processes are over, or are to be."""
        self._apis.runtime.over()
        if self.state is State.STARTING:
            self._read_output()
            phase = "init" if self._run is None else "invoke"
            self._transcript.start_failed(self.function, phase, self._elapsed_ms(), failure)
        if self._run is not None:
            self._answer(b"", replace(failure, fatal=True))
        elif self.state is State.STARTING:
            self._clear_timers()
            self._reset("failure", self._start_failed)
        elif self.state is State.SETTLING:
            self._reset("failure")
        elif self.state is State.IDLE:
            self._reset("failure", lambda: None)

    def _fail(self, kind: str, reason: str) -> None:
        if self.state in (State.STARTING, State.RUNNING, State.SETTLING, State.IDLE):
            self._break_off(fault.of_platform(kind, reason, self._request_id))

    def _timed_out(self) -> None:
        stamp = iso_millis(self._world.clock.now())
        self._break_off(fault.of_timeout(self.function.timeout, self._request_id, stamp))

    def _init_timed_out(self) -> None:
        self._break_off(fault.of_timeout(INIT_SECONDS, "", ""))

    def _start_failed(self) -> None:
        self._keeper.environment_started(self)

    def _reset(self, reason: str, then: Callable[[], None] | None = None) -> None:
        """No process is left; the next invocation starts others."""

        def cold() -> None:
            self._clear_timers()
            self._end_processes()
            self.state, self.freed = State.COLD, _monotonic()
            if then is None:
                self._keeper.environment_free(self)
            else:
                then()

        if not self._wind_down(reason, cold):
            cold()

    def _wind_down(self, reason: str, then: Callable[[], None]) -> bool:
        """Let the extensions end by themselves, and go on after that; False when there is nothing to wait for."""
        boot = self._boot
        if boot is None or not boot.extensions_live:
            return False
        deadline_ms = int((self._world.clock.now() + GRACE_SECONDS) * 1000)
        self._apis.telemetry.flush()
        if not self._apis.extensions.shut_down(reason, deadline_ms):
            return False
        if reason == "spindown":
            boot.ask_to_end()
        else:
            boot.kill_runtime()
        self.state, self._then = State.LEAVING, then
        self._after(GRACE_SECONDS, then)
        return True

    def _free(self, state: State) -> None:
        self.state, self.freed = state, _monotonic()
        self._keeper.environment_free(self)

    def _end_processes(self) -> None:
        if self._boot is not None:
            self._boot.end()
            self._boot = None
        self._apis.restart(set())

    # Small things.

    @property
    def _request_id(self) -> str:
        return self._run.invocation.request_id if self._run is not None else ""

    def _elapsed_ms(self) -> float:
        return (_monotonic() - self._began) * 1000

    def _read_output(self) -> None:
        if self._boot is not None:
            self._boot.drain.empty()

    def _peak_mb(self) -> int:
        """The most memory that its processes have used."""
        if self._boot is not None:
            self._peak = max(self._peak, memory.peak(self._boot.pids))
        return self._peak >> 20

    def _after(self, seconds: float, callback: Callable[[], None]) -> None:
        self._timers.append(self._world.loop.call_later(seconds, callback))

    def _clear_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
