"""Threads that a handler starts belong to its sandbox, and `asyncio.get_event_loop()` works as in a main thread."""

import _thread
import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from emulator.runtime.current import CURRENT


def install() -> Callable[[], None]:
    """Patch what is needed; returns what undoes it."""
    start, submit, get_event_loop = threading.Thread.start, ThreadPoolExecutor.submit, asyncio.get_event_loop

    def start_in_context(self: threading.Thread) -> None:
        if CURRENT.get() is not None:
            _run_in_context(self)
        start(self)

    def submit_in_context(self: ThreadPoolExecutor, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        if CURRENT.get() is None:
            return submit(self, fn, *args, **kwargs)
        # The pool's threads carry the context of whoever made them start; a pool may outlive the invocation.
        return submit(self, copy_context().run, fn, *args, **kwargs)

    def event_loop() -> asyncio.AbstractEventLoop:
        sandbox = CURRENT.get()
        if sandbox is None:
            return get_event_loop()
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            return sandbox.get_event_loop()

    start_new = _thread.start_new_thread

    def start_new_in_context(function: Callable[..., object], args: Any, *kwargs: Any) -> int:
        if CURRENT.get() is None:
            return start_new(function, args, *kwargs)
        return start_new(copy_context().run, (function, *args), *kwargs)

    _patch(start_in_context, submit_in_context, event_loop, start_new_in_context)
    return lambda: _patch(start, submit, get_event_loop, start_new)


def _run_in_context(thread: threading.Thread) -> None:
    context, run = copy_context(), thread.run

    def run_here() -> None:
        del thread.run  # or the thread refers to itself
        context.run(run)

    thread.run = run_here  # type: ignore[method-assign]


def _patch(start: Any, submit: Any, get_event_loop: Any, start_new: Any) -> None:
    _thread.start_new_thread = start_new
    threading.Thread.start = start  # type: ignore[method-assign]
    ThreadPoolExecutor.submit = submit  # type: ignore[method-assign]
    asyncio.get_event_loop = asyncio.events.get_event_loop = get_event_loop
