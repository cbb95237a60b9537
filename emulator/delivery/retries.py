"""Deliveries that wait for their next attempt, as something that is due: the worker's side of the timeline."""

import heapq
from collections.abc import Collection

from emulator.clock import Clock
from emulator.delivery.due import Due
from emulator.delivery.expiry import YOUNGEST
from emulator.delivery.result import Status
from emulator.delivery.trace import cause_of
from emulator.delivery.worker import Worker
from emulator.store.database import Store
from emulator.store.deliveries import Attempt, Delivery
from emulator.store.journal import Invocation

# Lambda stops a chain of functions that call each other after about sixteen (AWS documentation, 2026).
_LONGEST_CHAIN = 20


class Retries:
    """Holds nothing: what waits is the worker's, what it is stands in the store.

    What waits is a retry, or the first attempt of something that a fault has made late (`late`), or the moment at which
    an event is too old to be tried again (`expiry`).
    """

    def __init__(self, store: Store, clock: Clock, worker: Worker) -> None:
        self._store = store
        self._clock = clock
        self._worker = worker

    def next_at(self) -> float | None:
        later = self._worker.later()
        return later[0][0] if later else None

    def next_besides(self, origins: Collection[str]) -> float | None:
        """The same, without the retries of these events (their ids), and of what came of them."""
        if not origins:
            return self.next_at()
        later = {number: at for at, number in self._worker.later()}
        others = (d.id for d in self._store.deliveries.get(later) if not self._stems_from(d, origins))
        return min((later[number] for number in others), default=None)

    def fire_due(self) -> list[Due]:
        now = self._clock.now()
        due = [entry for entry in self._worker.later() if entry[0] <= now]
        if due:
            self._worker.wake()
        return self._described(due)

    def waiting(self, limit: int) -> list[Due]:
        return self._described(heapq.nsmallest(limit, self._worker.later()))

    def clock_changed(self) -> None:
        self._worker.wake()

    def _stems_from(self, delivery: Delivery, origins: Collection[str]) -> bool:
        """Is its event, or one that led to it, among these?  From invocation to invocation, by their lineage."""
        event_id, cause = delivery.event_id, cause_of(delivery.trace)
        for _ in range(_LONGEST_CHAIN):
            if event_id in origins:
                return True
            made = self._store.journal.invocation(cause) if cause is not None else None
            if made is None:
                return False
            event_id, cause = made.event_id, self._cause(made)
        return False

    def _cause(self, made: Invocation) -> str | None:
        if not made.event_id:
            return made.cause
        ways = self._store.journal.ways(made.event_id)
        return ways[0].cause if ways else None

    def _described(self, entries: Collection[tuple[float, int]]) -> list[Due]:
        moments = {number: at for at, number in entries}
        found = self._store.deliveries.get(moments) if moments else []
        last = self._store.deliveries.last_attempts(moments) if found else {}
        described = (self._due(delivery, moments[delivery.id], last.get(delivery.id)) for delivery in found)
        return sorted(described, key=lambda due: due.at)

    def _due(self, delivery: Delivery, at: float, last: Attempt | None) -> Due:
        attempt: int | None = delivery.attempts + 1
        kind, why = "retry", _failed(delivery.attempts, last)
        if last is None or self._worker.accidents.is_late(delivery.id):
            kind, why = "late", "made to come late"
        begins = max(at, self._clock.now())
        end = self._worker.expiry.at(delivery) if begins - delivery.created >= YOUNGEST else None
        if end is not None and begins >= end:
            kind, why, attempt = "expiry", f"given up: at its maximum age; {why}", None
        return Due(
            at=at, kind=kind, rule=delivery.rule, bus=delivery.bus, target=delivery.target_arn,
            event_id=delivery.event_id, attempt=attempt, why=why,
        )  # fmt: skip


def _failed(attempts: int, last: Attempt | None) -> str:
    """`attempt 1 failed`; a throttled one is not counted."""
    counted = "" if not attempts else "attempt 1 failed" if attempts == 1 else f"{attempts} attempts failed"
    throttled = "throttled" if last is not None and last.status == Status.THROTTLED.value else ""
    return ", then ".join(part for part in (counted, throttled) if part)
