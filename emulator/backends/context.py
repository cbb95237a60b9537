"""What moto's code is told of the request that it works on, beside the request: on the thread that works on it."""

import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from emulator.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Work:
    """`trace` is the X-Ray header of the request: what the work causes (a bucket's notification, say) is linked by it
    to the invocation whose handler sent the request.  `now` is the emulator's clock, in seconds since 1970.  `changed`
    belongs to the service's lock and is notified when another of its requests has ended; without it this is no work of
    a service's.  `abandoned` says that nobody waits for the answer any more."""

    trace: str | None = None
    now: Callable[[], float] = SystemClock().now
    changed: threading.Condition | None = None
    abandoned: Callable[[], bool] = lambda: False


IDLE = Work()
WORK: ContextVar[Work] = ContextVar("ebl_neighbours_work", default=IDLE)

ABANDONED: ContextVar[Callable[[], bool]] = ContextVar("ebl_neighbours_abandoned", default=lambda: False)
"""Asked by work on a lane: has the one who awaited it given up?"""
