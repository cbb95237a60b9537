"""Deliver to a queue: one message for each event, many in one transaction."""

import asyncio

from emulator.delivery.outlets import Outlets
from emulator.delivery.result import By
from emulator.delivery.retry import RetryPolicy, of_target
from emulator.delivery.senders import Report
from emulator.store.database import Store
from emulator.store.deliveries import Delivery


class QueueSender:
    def __init__(self, store: Store, outlets: Outlets) -> None:
        self._store = store
        self._outlets = outlets
        self._batch: list[tuple[Delivery, Report]] = []

    def send(self, delivery: Delivery, report: Report) -> None:
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._flush)
        self._batch.append((delivery, report))

    def policy(self, delivery: Delivery) -> RetryPolicy:
        return of_target({})

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        with self._store.transaction():
            results = [
                self._outlets.to_queue(delivery.target_arn, delivery.payload, By.EVENTBRIDGE, delivery.trace)[0]
                for delivery, _ in batch
            ]
        for (delivery, report), result in zip(batch, results, strict=True):
            report(delivery, result)
