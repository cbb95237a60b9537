"""Where each function runs: on a thread of this process, or in processes of its own."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from emulator.clock import Clock
from emulator.runtime.function import FunctionSpec
from emulator.runtime.in_process import InProcess
from emulator.runtime.languages import is_python
from emulator.runtime.outcome import Invocation, Outcome
from emulator.runtime.pool import ReloadListener
from emulator.runtime.sandbox import LineListener

if TYPE_CHECKING:
    from emulator.runtime.process import Processes

IN_PROCESS, PROCESS = "in-process", "process"
EXECUTORS = (IN_PROCESS, PROCESS)


def executor_of(runtime: str, executor: str, default: str) -> str:
    """By name: what is not Python runs in processes, whatever was asked for."""
    return (executor or default) if is_python(runtime) else PROCESS


class Executors:
    """An executor of executors.  `default` is where a function runs that does not say it, and may be changed at any
    time.  What threads print is told on those threads, everything else on the loop's.
    """

    def __init__(
        self, *, clock: Clock, default: str = IN_PROCESS, on_line_of_thread: LineListener | None = None,
        on_line_of_process: LineListener | None = None, on_reload: ReloadListener | None = None,
    ) -> None:  # fmt: skip
        self.default = default
        self._on_line = on_line_of_process
        self._on_reload = on_reload
        self._threads = InProcess(clock=clock, on_line=on_line_of_thread, on_reload=on_reload)
        self._processes: Processes | None = None
        self._closed = False

    @property
    def in_flight(self) -> int:
        return self._threads.in_flight + (self._processes.in_flight if self._processes is not None else 0)

    def submit(self, invocation: Invocation, done: Callable[[Outcome], None]) -> None:
        """Run it; `done` is called later, on the loop's thread. Raises RuntimeError when closed."""
        function: FunctionSpec = invocation.function
        if executor_of(function.runtime, function.executor, self.default) == PROCESS:
            self._made_processes().submit(invocation, done)
        else:
            self._threads.submit(invocation, done)

    async def stop(self) -> None:
        """Close, after processes had the time to end that AWS gives them."""
        if self._processes is not None:
            await self._processes.stop()
        self.close()

    def close(self) -> None:
        """Take no more. What runs is not waited for, and not reported."""
        self._closed = True
        self._threads.close()
        if self._processes is not None:
            self._processes.close()

    def _made_processes(self) -> "Processes":
        if self._processes is None:
            if self._closed:
                raise RuntimeError("the executor is closed")
            from emulator.runtime.process import Processes  # a start that needs none need not read all of this

            self._processes = Processes(on_line=self._on_line, on_reload=self._on_reload)
        return self._processes
