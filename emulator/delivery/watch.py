"""Wait for something to happen: an event that matches a pattern comes in, or an invocation of a function ends.

What has happened already counts when it is said since when; what is still to come is heard as it happens.  Both are
looked at without giving way in between, so nothing can fall through.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.arn import Arn
from emulator.delivery.steps import Kind, Step, Steps
from emulator.errors import EblError
from emulator.matching import Pattern, RuleVerdict, explain, matches, parse_event
from emulator.store.database import Store
from emulator.store.journal import Invocation, Way, events_where

_LOOKED_BACK = 1_000
_EXPLAINED = 100
_ENDS = (
    Kind.INVOCATION_ATTEMPT_SUCCESS,
    Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE,
    Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE,
)
After = str | float | None
"""The id of an event (or the first characters of it): what came after it.  A moment, in seconds since 1970: what came
then or later.  None: what is still to come."""


class UnknownEvent(EblError):
    """Nothing in the journal has the id after which to look."""


@dataclass(slots=True)
class Missed:
    """Nothing of the kind in time: how many events were looked at, and the one of them that came closest."""

    seen: int = 0
    closest: RuleVerdict | None = None
    _explained: int = field(default=0, repr=False)

    def look(self, envelope: Mapping[str, Any], pattern: Pattern) -> None:
        self.seen += 1
        if self._explained < _EXPLAINED:  # explaining costs a hundred times what matching does
            self._explained += 1
            [verdict] = explain(envelope, [("pattern", pattern)]).rules
            if self.closest is None or verdict.share > self.closest.share:
                self.closest = verdict


class Watch:
    """On the event loop's thread; each caller waits for itself."""

    def __init__(self, store: Store, steps: Steps) -> None:
        self._store = store
        self._steps = steps

    async def event(
        self, pattern: Pattern, timeout: float, *, bus: str | None = None, after: After = None
    ) -> Way | Missed:
        """The first event that matches: one that came in `after`, or one that still comes within `timeout` seconds."""
        missed = Missed()
        for way in self._events(after):
            if bus in (None, way.bus):
                envelope = parse_event(way.envelope)
                if matches(pattern, envelope):
                    return way
                missed.look(envelope, pattern)

        def wanted(step: Step) -> bool:
            if step.kind is not Kind.EVENT_RECEIPT or bus not in (None, step.bus):
                return False
            envelope: Mapping[str, Any] = step.details["event"]
            if matches(pattern, envelope):
                return True
            missed.look(envelope, pattern)
            return False

        step = await self._next(wanted, timeout)
        if step is None:
            return missed
        return next((way for way in self._store.journal.ways(step.event_id) if way.bus == step.bus), missed)

    async def invocation(
        self, function: str, timeout: float, *, event_id: str | None = None, after: After = None
    ) -> Invocation | None:
        """The first attempt of this function (its name) to end: `after`, or within `timeout` seconds; of this event
        (its id, or the first characters of it), where one is given: then it may have ended at any time."""
        for made in self._invocations(function, after if event_id is None or after is not None else 0.0):
            if event_id is None or made.event_id.startswith(event_id):
                return made

        def wanted(step: Step) -> bool:
            if step.kind not in _ENDS or (event_id is not None and not step.event_id.startswith(event_id)):
                return False
            arn = Arn.parse(step.target)
            return arn is not None and arn.service == "lambda" and arn.resource.split(":")[1] == function

        step = await self._next(wanted, timeout)
        if step is None:
            return None
        newest = self._store.journal.invocations(function, _LOOKED_BACK)
        return next(
            (made for made in newest
             if step.event_id in (made.event_id, made.attempt.request_id) and made.attempt.number == step.attempt),
            None,  # its attempt could not be written down
        )  # fmt: skip

    async def _next(self, wanted: Callable[[Step], bool], timeout: float) -> Step | None:
        future: asyncio.Future[Step] = asyncio.get_running_loop().create_future()

        def hear(step: Step) -> None:
            if not future.done() and wanted(step):
                future.set_result(step)

        stop = self._steps.listen(hear)
        try:
            return await asyncio.wait_for(future, timeout)
        except TimeoutError:
            return None
        finally:
            stop()

    def _events(self, after: After) -> list[Way]:
        """Oldest first."""
        journal = self._store.journal
        if after is None:
            return []
        if isinstance(after, str):
            return journal.after(self._number(after), _LOOKED_BACK)
        return journal.find(events_where(since=after), _LOOKED_BACK)[::-1]

    def _invocations(self, function: str, after: After) -> list[Invocation]:
        """Oldest first.  After an event: those that it, or a later one, caused; what no event caused, by the time."""
        journal = self._store.journal
        if after is None:
            return []
        found = journal.invocations(function, _LOOKED_BACK)[::-1]
        if not isinstance(after, str):
            return [made for made in found if made.attempt.ended >= after]
        number = self._number(after)
        later = {way.event_id for way in journal.after(number - 1, _LOOKED_BACK)}
        since = journal.after(number - 1, 1)[0].at
        return [m for m in found if (m.event_id in later if m.event_id else m.attempt.ended >= since)]

    def _number(self, event_id: str) -> int:
        ways = self._store.journal.ways(event_id)
        if not ways:
            raise UnknownEvent(f"No event {event_id} is in the journal.")
        return ways[0].number
