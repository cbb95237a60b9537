"""An invocation on its way through the executor."""

import threading
from collections.abc import Callable

from emulator.runtime.outcome import Invocation, Outcome


class Task:
    """`submitted` is on `time.monotonic`. Whoever claims it first says how it ended: its worker, or the time-out."""

    __slots__ = ("_claim", "done", "invocation", "submitted")

    def __init__(self, invocation: Invocation, done: Callable[[Outcome], None], submitted: float) -> None:
        self.invocation = invocation
        self.done = done
        self.submitted = submitted
        self._claim = threading.Lock()

    def claim(self) -> bool:
        return self._claim.acquire(blocking=False)
