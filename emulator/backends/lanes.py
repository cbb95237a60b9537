"""Threads for what would block the event loop: each service has a lane of its own, so that a slow one delays no
other."""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Any, TypeVar

from emulator.backends.context import ABANDONED

T = TypeVar("T")


class Lane:
    """At most `threads` daemon threads, made when they are needed; work is begun in the order in which it came."""

    def __init__(self, name: str, threads: int) -> None:
        self._name = name
        self._most = threads
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = 0
        self._busy = 0
        self._lock = threading.Lock()

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises.  It goes on when its caller is cancelled, unless it had not begun."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        context = copy_context()
        context.run(ABANDONED.set, future.cancelled)

        def settle(value: Any, error: BaseException | None) -> None:
            if future.done():
                return  # cancelled
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)

        def task() -> None:
            if future.cancelled():
                return
            value, error = None, None
            try:
                value = context.run(work)
            except BaseException as raised:  # it is raised where it is awaited
                error = raised
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, value, error)

        self._submit(task)
        return await future

    def close(self) -> None:
        """No thread waits for work any more; what runs, goes on."""
        with self._lock:
            for _ in range(self._threads):
                self._work.put(None)

    def _submit(self, task: Callable[[], None]) -> None:
        with self._lock:
            self._busy += 1
            if self._busy > self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._serve, name=f"{self._name}-{self._threads}", daemon=True).start()
        self._work.put(task)

    def _serve(self) -> None:
        while (task := self._work.get()) is not None:
            task()
            with self._lock:
                self._busy -= 1
