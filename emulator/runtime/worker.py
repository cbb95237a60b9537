"""A thread that runs invocations, one after the other, as long as there are any."""

import ctypes
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from emulator.runtime.outcome import Outcome
from emulator.runtime.pool import Pool
from emulator.runtime.run import broken, run
from emulator.runtime.sandbox import Sandbox
from emulator.runtime.task import Task

IDLE_SECONDS = 10.0
"""After this long without work a worker ends."""

_monotonic = time.monotonic


class Stopped(SystemExit):
    """Raised inside of a handler whose time is over."""


@dataclass(slots=True)
class Line:
    """What the workers share with the executor: tasks that are ready, workers without any, and where outcomes go."""

    pool: Pool
    ready: deque[Task]
    idle: "list[Worker]"
    finished: Callable[[Task, Outcome], None]
    gone: "Callable[[Worker], None]"
    closed: bool = False


class Worker:
    """`running` is what it is busy with; `seen` what it was when the executor last looked."""

    def __init__(self, line: Line, number: int) -> None:
        self.parked = False
        self.running: tuple[Task, Sandbox] | None = None
        self.seen: tuple[Task, Sandbox] | None = None
        self._over = False
        self._line = line
        self._wake = threading.Lock()
        self._wake.acquire()
        self._thread = threading.Thread(target=self._run, name=f"ebl-worker-{number}", daemon=True)

    def start(self) -> None:
        """Called when the executor counts it: it may be over at once."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def wake(self) -> None:
        """There is something to do; called by whoever took this worker out of the idle ones."""
        self.parked = False
        self._wake.release()

    def stop(self) -> None:
        """Ask the handler's code to end: it does at its next Python instruction, unless it catches everything."""
        if not self._over:
            self._raise(Stopped)

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            with suppress(Stopped):  # it may hit at any instruction, also after the handler's last
                self._work()
        finally:
            self._end()

    def _end(self) -> None:
        """Nothing may hit the thread from here on: in threading's own code it would be printed on the terminal."""
        while not self._over:
            with suppress(Stopped):
                self._over = True
                self._raise(None)

    def _raise(self, exception: type[BaseException] | None) -> None:
        """In this worker's thread; None takes back what has not been raised yet."""
        what = exception and ctypes.py_object(exception)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread.ident or 0), what)

    def _work(self) -> None:
        line = self._line
        while not line.closed:
            try:
                task = line.ready.popleft()
            except IndexError:
                if not self._park():
                    break
                continue
            try:
                sandbox = line.pool.check_out(task)
            except Exception as error:  # our own mistake: the caller must hear of it all the same
                line.finished(task, broken(task.invocation, error))
                continue
            if sandbox is None:
                continue
            self.running = task, sandbox
            outcome, usable = run(sandbox, task.invocation, line.pool.started)
            if not task.claim():
                return  # the time-out was first: nobody waits for this thread any more
            self.running = None
            line.pool.give_back(sandbox, usable)
            line.finished(task, outcome)
        line.gone(self)

    def _park(self) -> bool:
        """Wait for work. False: there was none for IDLE_SECONDS."""
        idle = self._line.idle
        self.parked = True
        idle.append(self)
        if (self._line.ready or self._line.closed) and self._unpark():
            return True  # it came in between
        if self._wake.acquire(timeout=IDLE_SECONDS):
            return True
        return not self._unpark() and self._wake.acquire()

    def _unpark(self) -> bool:
        """Leave the idle ones; False when somebody was faster and is about to wake this worker."""
        try:
            self._line.idle.remove(self)
        except ValueError:
            return False
        self.parked = False
        return True
