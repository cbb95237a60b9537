"""Runs handlers on threads of this process: breakpoints work, nothing has to be packed, a run costs microseconds.

One thread (the event loop's) owns the state here. A worker takes what is queued, one task after the other, without a
change of threads; another one is woken or started only when none that is awake has got on for a tick.

Not survived: `os._exit`, a crash in C code, and a handler that never lets go of the interpreter.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from math import inf

from emulator.clock import Clock, SystemClock
from emulator.runtime import debugger, hooks
from emulator.runtime.load import Load
from emulator.runtime.outcome import Invocation, Outcome
from emulator.runtime.pool import Pool, ReloadListener
from emulator.runtime.run import timed_out
from emulator.runtime.sandbox import LineListener, Sandbox
from emulator.runtime.task import Task
from emulator.runtime.worker import Line, Worker

MAX_WORKERS = 512
"""So many handlers run at the same time; further invocations wait in line.  A worker is started only when none of the
others gets on: those that compute share few of them, and a handler that hangs keeps nobody from his."""

_TICK_SECONDS = 0.001
_DEBUGGED_SECONDS = 0.25
_STOP_SECONDS = 1.0
_monotonic = time.monotonic


class InProcess:
    """The executor. `on_line(invocation, text)` hears each line that a handler prints, on the thread that printed it;
    `on_reload(function's name, changed files, milliseconds)` hears of a fresh load, on the loop's thread.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        max_workers: int = MAX_WORKERS,
        on_line: LineListener | None = None,
        on_reload: ReloadListener | None = None,
    ) -> None:
        self.in_flight = 0
        self._max_workers = max_workers
        self._on_reload = on_reload
        pool = Pool(clock or SystemClock(), on_line, on_reload and self._reloaded, self._resubmit)
        self._line = Line(pool, deque(), [], self._finish, self._gone)
        self._finished: deque[tuple[Task, Outcome]] = deque()
        self._handing_over = False
        self._workers: list[Worker] = []
        self._started = 0
        self._load = Load(0.0, 0.0)
        self._lost: list[Worker] = []
        self._shortest = inf
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watcher: asyncio.TimerHandle | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._stopper: asyncio.TimerHandle | None = None
        hooks.acquire()

    @property
    def abandoned(self) -> int:
        """Threads whose handler ran into its time-out and has not ended since."""
        self._lost = [worker for worker in self._lost if worker.alive]
        return len(self._lost)

    def submit(self, invocation: Invocation, done: Callable[[Outcome], None]) -> None:
        """Run it; called on the loop's thread, where `done` is called too, later. Raises RuntimeError when closed."""
        if self._line.closed:
            raise RuntimeError("the executor is closed")
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._bind(loop)
        now = _monotonic()
        self._line.ready.append(Task(invocation, done, now))
        self.in_flight += 1
        self._expect(loop, invocation.function.timeout)
        if len(self._workers) == len(self._line.idle):
            self._add_hands(1)
        if self._ticker is None:
            self._load = Load(now, time.process_time())
            self._ticker = loop.call_later(_TICK_SECONDS, self._tick)

    async def run(self, invocation: Invocation) -> Outcome:
        """The same, awaited. Giving up waiting does not stop the handler."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.submit(invocation, lambda outcome: None if future.done() else future.set_result(outcome))
        return await future

    def close(self) -> None:
        """Take no more, forget what waits, let the threads end. What runs is not waited for, and not reported."""
        if self._line.closed:
            return
        self._line.closed = True
        for timer in (self._watcher, self._ticker, self._stopper):
            if timer is not None:
                timer.cancel()
        self._line.ready.clear()
        self._finished.clear()
        waiting = [worker for worker in self._workers if worker.parked]
        while (worker := self._idle()) is not None:
            worker.wake()
        for worker in waiting:
            worker.join(1.0)
        self._line.pool.close()
        hooks.release()

    def _bind(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.in_flight and self._loop is not None and not self._loop.is_closed():
            raise RuntimeError("the executor is in use by another event loop")
        self._line.ready.clear()
        self._finished.clear()
        for worker in list(self._workers):
            if worker.running is not None and worker.running[0].claim():
                self._give_up(worker, worker.running[1])
        self._loop, self._watcher, self._ticker, self._shortest = loop, None, None, inf
        self.in_flight, self._handing_over = 0, False

    # Hands: how many workers are awake.

    def _tick(self) -> None:
        self._ticker = None
        if self._line.ready and self._loop is not None:
            awake = len(self._workers) - len(self._line.idle)
            if self._is_stuck():
                self._add_hands(self._load.hands(awake, _monotonic(), time.process_time()))
            self._ticker = self._loop.call_later(_TICK_SECONDS, self._tick)

    def _is_stuck(self) -> bool:
        """Is every worker that is awake still at what it was at in the last tick?

        How long it has been at it says nothing: this thread may have kept it from running.
        """
        stuck = True
        for worker in self._workers:
            if not worker.parked:
                running = worker.running
                stuck = stuck and running is not None and running is worker.seen
                worker.seen = running
        return stuck

    def _add_hands(self, wanted: int) -> None:
        for _ in range(min(wanted, len(self._line.ready))):
            idle = self._idle()
            if idle is not None:
                idle.wake()
            elif len(self._workers) < self._max_workers:
                self._started += 1
                worker = Worker(self._line, self._started)
                self._workers.append(worker)
                worker.start()

    def _idle(self) -> Worker | None:
        try:
            return self._line.idle.pop()
        except IndexError:  # asking first would not do: the last one may just be ending
            return None

    def _gone(self, worker: Worker) -> None:
        """A worker ends for want of work; on its thread."""
        self._workers.remove(worker)
        self._line.pool.trim(len(self._workers))

    def _resubmit(self, tasks: list[Task]) -> None:
        """Tasks that waited for a cold start; on a worker's thread."""
        self._line.ready.extendleft(reversed(tasks))
        self._call(self._tick)

    def _reloaded(self, name: str, files: list[str], milliseconds: float) -> None:
        assert self._on_reload is not None
        self._call(self._on_reload, name, files, milliseconds)

    # Outcomes: from the workers to the loop.

    def _finish(self, task: Task, outcome: Outcome) -> None:
        """On a worker's thread. Wakes the loop once for all that is finished until it gets to it."""
        self._finished.append((task, outcome))
        if not self._handing_over:
            self._handing_over = True
            self._call(self._hand_over)

    def _call(self, callback: Callable[..., None], *args: object) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:  # the loop is closed: nobody is left to hear it
            if not self._loop.is_closed():
                raise

    def _hand_over(self) -> None:
        self._handing_over = False
        if self._line.closed:
            return
        for _ in range(len(self._finished)):
            self._settle(*self._finished.popleft())

    def _settle(self, task: Task, outcome: Outcome) -> None:
        self.in_flight -= 1
        try:
            task.done(outcome)
        except Exception as error:
            assert self._loop is not None
            self._loop.call_exception_handler({"message": "an outcome could not be taken", "exception": error})

    # Deadlines: one timer watches them all.

    def _expect(self, loop: asyncio.AbstractEventLoop, timeout: float) -> None:
        """Be awake when an invocation with this time-out may be over, at the earliest."""
        if timeout < self._shortest:
            self._shortest = timeout
            if self._watcher is not None:
                self._watcher.cancel()
                self._watcher = None
        if self._watcher is None:
            self._watcher = loop.call_later(self._shortest, self._watch)

    def _watch(self) -> None:
        self._watcher = None
        if not self.in_flight:
            self._shortest = inf
            return
        now = _monotonic()
        earliest = now + self._shortest
        for worker in list(self._workers):
            if worker.running is not None:
                earliest = min(earliest, self._deadline(worker, now))
        if self._loop is not None:
            self._watcher = self._loop.call_later(max(0.001, earliest - now), self._watch)

    def _deadline(self, worker: Worker, now: float) -> float:
        """When to look at this worker again; inf when its invocation was just ended."""
        running = worker.running
        if running is None:
            return inf
        task, sandbox = running
        deadline = sandbox.deadline
        if sandbox.at_terminal or (now >= deadline and debugger.attached()):
            return now + _DEBUGGED_SECONDS
        if now < deadline:
            return deadline
        if sandbox.invocation is task.invocation and task.claim():
            self._abandon(worker, running)
        return inf

    def _abandon(self, worker: Worker, running: tuple[Task, Sandbox]) -> None:
        task, sandbox = running
        outcome = timed_out(sandbox, task.invocation)
        self._give_up(worker, sandbox)
        self._stop_lost()
        self._settle(task, outcome)

    def _give_up(self, worker: Worker, sandbox: Sandbox) -> None:
        self._workers.remove(worker)
        self._lost.append(worker)
        sandbox.close()
        self._line.pool.started(sandbox, None)

    def _stop_lost(self) -> None:
        """Again and again: a handler may catch what is raised in it."""
        if self._stopper is not None:
            self._stopper.cancel()
            self._stopper = None
        if self.abandoned and self._loop is not None:
            for worker in self._lost:
                worker.stop()
            self._stopper = self._loop.call_later(_STOP_SECONDS, self._stop_lost)
