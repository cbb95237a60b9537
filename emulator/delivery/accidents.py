"""What faults do to deliveries on their way: which of them are late, and which are out a second time.

Says what is to happen to an attempt; the worker makes it happen.
"""

import random
from collections.abc import Iterator

from emulator.delivery.faults import Fault, Faults
from emulator.store.deliveries import Delivery


class Accidents:
    """`copies` is how many deliveries are out a second time.  All of it is in memory: a new process has none."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._late: dict[int, Fault] = {}
        self._dice = random.Random(0)  # a run can be repeated
        self.copies = 0

    @property
    def possible(self) -> bool:
        """Is there any reason to ask?"""
        return self._faults.active or bool(self._late)

    def forget(self) -> None:
        """What is on its way now is nobody's any more."""
        self._late.clear()
        self.copies = 0

    def of(self, delivery: Delivery) -> Fault | None:
        """What is to go wrong with this attempt; one that has been late already is not late again."""
        fault = self._late.pop(delivery.id, None)
        if fault is not None:
            return fault if fault.fails or fault.duplicate or fault.reorder else None
        fault = self._faults.on(delivery)
        if fault is not None and fault.latency:
            self._late[delivery.id] = fault
        return fault

    def let_go(self, number: int) -> None:
        """There is no attempt of this delivery any more."""
        self._late.pop(number, None)

    def is_late(self, number: int) -> bool:
        """Is the delivery of this number made to wait?"""
        return number in self._late

    def shuffled(self, struck: list[tuple[Delivery, Fault]]) -> Iterator[tuple[Delivery, Fault]]:
        """In any order but their own, where there is more than one."""
        order = list(struck)
        while len(struck) > 1 and order == struck:
            self._dice.shuffle(order)
        yield from order
