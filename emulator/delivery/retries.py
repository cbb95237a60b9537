"""Deliveries that wait for their next attempt, as something that is due: the worker's side of the timeline."""

import heapq
from collections.abc import Collection

from emulator.clock import Clock
from emulator.delivery.due import Due
from emulator.delivery.worker import Worker
from emulator.store.database import Store
from emulator.store.deliveries import Delivery


class Retries:
    """Holds nothing: what waits is the worker's, what it is stands in the store."""

    def __init__(self, store: Store, clock: Clock, worker: Worker) -> None:
        self._store = store
        self._clock = clock
        self._worker = worker

    def next_at(self) -> float | None:
        later = self._worker.later()
        return later[0][0] if later else None

    def next_besides(self, event_ids: Collection[str]) -> float | None:
        """The same, without the retries of these events."""
        if not event_ids:
            return self.next_at()
        later = {number: at for at, number in self._worker.later()}
        others = (d.id for d in self._store.deliveries.get(later) if d.event_id not in event_ids)
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

    def _described(self, entries: Collection[tuple[float, int]]) -> list[Due]:
        moments = {number: at for at, number in entries}
        found = self._store.deliveries.get(moments) if moments else []
        return sorted((_due(delivery, moments[delivery.id]) for delivery in found), key=lambda due: due.at)


def _due(delivery: Delivery, at: float) -> Due:
    kind, why = "retry", "attempt 1 failed" if delivery.attempts == 1 else f"{delivery.attempts} attempts failed"
    if not delivery.attempts:
        kind, why = "late", "made to come late"
    return Due(
        at=at, kind=kind, rule=delivery.rule, bus=delivery.bus, target=delivery.target_arn,
        event_id=delivery.event_id, attempt=delivery.attempts + 1, why=why,
    )  # fmt: skip
