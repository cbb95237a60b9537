"""What happened, as it happens: one `Step` per hop of an event, in the vocabulary of AWS's own event bus logs.

Whoever wants to watch (the terminal, a test, the console) listens; nobody is asked to wait for a listener.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

logger = logging.getLogger(__name__)


class Kind(StrEnum):
    """`message_type` of EventBridge's bus logs (documentation, 2025), and below the line what only we can see."""

    EVENT_INGEST_SUCCESS = "EVENT_INGEST_SUCCESS"
    EVENT_INGEST_FAILURE = "EVENT_INGEST_FAILURE"
    EVENT_RECEIPT = "EVENT_RECEIPT"
    RULE_MATCH_START = "RULE_MATCH_START"
    RULE_MATCH = "RULE_MATCH"
    NO_STANDARD_RULES_MATCHED = "NO_STANDARD_RULES_MATCHED"
    INVOCATION_START = "INVOCATION_START"
    INVOCATION_ATTEMPT_START = "INVOCATION_ATTEMPT_START"
    INVOCATION_ATTEMPT_SUCCESS = "INVOCATION_ATTEMPT_SUCCESS"
    INVOCATION_ATTEMPT_RETRYABLE_FAILURE = "INVOCATION_ATTEMPT_RETRYABLE_FAILURE"
    INVOCATION_ATTEMPT_PERMANENT_FAILURE = "INVOCATION_ATTEMPT_PERMANENT_FAILURE"
    INVOCATION_ATTEMPT_THROTTLE = "INVOCATION_ATTEMPT_THROTTLE"
    INVOCATION_THROTTLE_START = "INVOCATION_THROTTLE_START"
    INVOCATION_SUCCESS = "INVOCATION_SUCCESS"
    INVOCATION_FAILURE = "INVOCATION_FAILURE"
    INVOCATION_DLQ = "INVOCATION_DLQ"
    # -- ours
    RULE_DISABLED = "RULE_DISABLED"
    """A rule that is switched off would have matched."""
    FUNCTION_DESTINATION = "FUNCTION_DESTINATION"
    """The record of an asynchronous invocation went to the function's destination."""
    BACKLOG = "BACKLOG"
    """Events for a target come faster than they are taken; or, when none is `waiting`, it has caught up."""
    PERMISSION_MISSING = "PERMISSION_MISSING"
    """AWS would refuse what went through here."""
    FUNCTION_OUTPUT = "FUNCTION_OUTPUT"
    STOPPING = "STOPPING"
    """The server takes no more requests."""
    FUNCTION_RELOADED = "FUNCTION_RELOADED"
    CONFIGURATION_APPLIED = "CONFIGURATION_APPLIED"
    CONFIGURATION_REFUSED = "CONFIGURATION_REFUSED"


@dataclass(frozen=True, slots=True)
class Step:
    """One hop.  `at` in seconds since 1970, `target` the target's ARN; what is in `details` depends on `kind`."""

    kind: Kind
    at: float
    bus: str = ""
    event_id: str = ""
    rule: str = ""
    target: str = ""
    attempt: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Step], None]


class Steps:
    """Tells every listener.  `wanted` is False while nobody listens: then a step need not even be made."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._from_threads: deque[Step] = deque()
        self._waking = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def wanted(self) -> bool:
        return bool(self._listeners)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """From now on `listener` is called with every step, on the event loop's thread; returns how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def start(self) -> None:
        """From here on other threads may tell, too: what they tell is heard on this running loop."""
        self._loop = asyncio.get_running_loop()

    def tell_from_thread(self, step: Step) -> None:
        """Tell from any thread: listeners hear it on the loop's thread, in order, one wake-up for many steps."""
        self._from_threads.append(step)
        if not self._waking and self._loop is not None:
            self._waking = True
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it everybody who listened
                self._loop.call_soon_threadsafe(self._tell_queued)

    def _tell_queued(self) -> None:
        # The flag first: whoever appends from now on wakes us again, and whoever saw it set is still in the queue.
        self._waking = False
        while self._from_threads:
            self.tell(self._from_threads.popleft())

    def tell(self, step: Step) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(step)
            except Exception:  # a broken listener (a closed terminal, say) must not stop a delivery
                logger.exception("a listener failed on %s", step.kind)
