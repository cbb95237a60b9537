"""One execution environment of a function: its modules, variables, log, loggers and clients.

As on AWS it runs one invocation at a time and is kept warm for the next; concurrent invocations get further ones.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

from emulator.clock import Clock
from emulator.ids import new_hex
from emulator.runtime import variables
from emulator.runtime.capture import Output, Silence
from emulator.runtime.context import LambdaContext
from emulator.runtime.function import FunctionSpec
from emulator.runtime.loader import Handler, layer_roots, shared_root, task_root
from emulator.runtime.logs import Loggers
from emulator.runtime.namespace import Namespace
from emulator.runtime.outcome import Invocation
from emulator.runtime.reload import Files

LineListener = Callable[[Invocation, str], None]


class Sandbox:
    """`deadline` is when the invocation that runs has to be stopped, inf while none runs; `checked` when its files were
    last compared with the disk; both on `time.monotonic`. `generation` belongs to the pool.
    """

    def __init__(self, function: FunctionSpec, clock: Clock, on_line: LineListener | None) -> None:
        self.function = function
        self.clock = clock
        self.namespace = Namespace(task_root(function.code), shared_root(function.code), layer_roots(function.layers))
        day = time.strftime("%Y/%m/%d", time.gmtime(clock.now()))
        self.log_stream = f"{day}/[{function.version}]{new_hex(32)}"
        self.variables = variables.in_thread(function, self.namespace.root, self.log_stream)
        self.output = Output(None if on_line is None else lambda line: self._tell(on_line, line))
        self.redirected: dict[str, list[Any]] = {"stdout": [], "stderr": []}
        self.loggers = Loggers()
        self.files = Files(self.namespace.files)
        self.handler: Handler | None = None
        self.session: Any = None
        self.invocation: Invocation | None = None
        self.context: LambdaContext | None = None
        self.deadline = inf
        self.checked = time.monotonic()
        self.generation = 0
        self.at_terminal = False
        self.forked = False
        self.streamed = False  # the invocation that runs (or was the last) answers piece by piece
        self._event_loop: asyncio.AbstractEventLoop | None = None

    @property
    def request_id(self) -> str:
        return self.invocation.request_id if self.invocation is not None else ""

    @property
    def tenant_id(self) -> str | None:
        return self.invocation.tenant_id if self.invocation is not None else None

    @contextmanager
    def debugging(self) -> Iterator[None]:
        """While somebody debugs at the terminal: prints go there, and no time passes for the deadline."""
        began, self.at_terminal = time.monotonic(), True
        try:
            yield
        finally:
            self.at_terminal = False
            pause = time.monotonic() - began
            self.deadline += pause
            if self.context is not None:
                self.context._deadline += pause

    def get_event_loop(self) -> asyncio.AbstractEventLoop:
        """asyncio's loop of the "main thread"; a handler keeps it between invocations."""
        if self._event_loop is None or self._event_loop.is_closed():
            self._event_loop = asyncio.new_event_loop()
        return self._event_loop

    def close(self) -> None:
        """It will not be used again; what its threads still print is dropped."""
        self.output = Silence()
        if self._event_loop is not None and not self._event_loop.is_running():
            self._event_loop.close()

    def _tell(self, on_line: LineListener, line: str) -> None:
        if self.invocation is not None:
            on_line(self.invocation, line)
