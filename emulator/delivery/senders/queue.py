"""Deliver to a queue: one message for each event, many in one transaction."""

from collections.abc import Sequence

from emulator.delivery.batch import Batch
from emulator.delivery.outlets import Outlets
from emulator.delivery.result import By, Result
from emulator.delivery.retry import RetryPolicy, of_target
from emulator.delivery.senders import Report
from emulator.store.database import Store
from emulator.store.deliveries import Delivery


class QueueSender:
    def __init__(self, store: Store, outlets: Outlets) -> None:
        self._store = store
        self._outlets = outlets
        self._batch = Batch(self._hand_over)

    def send(self, delivery: Delivery, report: Report) -> None:
        self._batch.add(delivery, report)

    def policy(self, delivery: Delivery) -> RetryPolicy:
        return of_target({})

    def _hand_over(self, deliveries: Sequence[Delivery]) -> Sequence[Result]:
        with self._store.transaction():
            return [
                self._outlets.to_queue(delivery.target_arn, delivery.payload, By.EVENTBRIDGE, delivery.trace)[0]
                for delivery in deliveries
            ]
