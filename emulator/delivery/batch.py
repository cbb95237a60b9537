"""Deliveries that are sent within one turn of the loop, handed over together at its end: in one transaction, say."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from emulator.delivery.refusals import refused
from emulator.delivery.result import By, Result, Status
from emulator.delivery.senders import Report
from emulator.store.database import Unwritable
from emulator.store.deliveries import Delivery

logger = logging.getLogger(__name__)

HandOver = Callable[[Sequence[Delivery]], Sequence[Result]]


class Batch:
    """`hand_over` answers with a result for each.  When it raises, each is handed over alone: one that cannot be must
    not take the others with it, nor be waited for ever."""

    def __init__(self, hand_over: HandOver) -> None:
        self._hand_over = hand_over
        self._waiting: list[tuple[Delivery, Report]] = []

    def add(self, delivery: Delivery, report: Report) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append((delivery, report))

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        results = self._results([delivery for delivery, _ in waiting])
        for (delivery, report), result in zip(waiting, results, strict=True):
            report(delivery, result)

    def _results(self, deliveries: Sequence[Delivery]) -> Sequence[Result]:
        try:
            return self._hand_over(deliveries)
        except Exception as error:
            if len(deliveries) > 1:
                return [self._results([delivery])[0] for delivery in deliveries]
            logger.exception("%s could not be handed over", deliveries[0].target_arn)
            text = f"{type(error).__name__}: {error}"
            if isinstance(error, Unwritable):  # the disk is full, say: that may pass
                return [Result(Status.RETRYABLE, error_type="INTERNAL_FAILURE", error_message=text, by=By.EVENTBRIDGE)]
            return [refused("INTERNAL_FAILURE", text)]
