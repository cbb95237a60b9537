"""What follows the end of a delivery: dead letters of EventBridge, dead letters and destinations of Lambda.

Each belongs to one of the two: EventBridge's is set at the rule's target and hears of what EventBridge could not hand
over; Lambda's are set at the function and hear of what its queue gave up (or, of a destination, did).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.clock import Clock
from emulator.delivery import letters
from emulator.delivery.ended import Ended
from emulator.delivery.event_invoke import EventInvokes
from emulator.delivery.outlets import Outlets, Sent
from emulator.delivery.result import By, Result
from emulator.delivery.retry import Done, GiveUp, RetryPolicy, of_target
from emulator.store.buses import BusKey
from emulator.store.database import Store
from emulator.store.deliveries import Delivery
from emulator.store.functions import Named, named_in
from emulator.store.letters import Letter
from emulator.store.rules import rule_arn

_CONDITIONS = ("EventAgeExceeded", "ZeroReservedConcurrency")
"""What a function's destination hears, but for RetriesExhausted (recorded on AWS)."""


class Aftermath:
    """Inside of the transaction in which the end of the delivery is stored."""

    def __init__(self, store: Store, clock: Clock, outlets: Outlets, event_invokes: EventInvokes) -> None:
        self._store = store
        self._event_invokes = event_invokes
        self._clock = clock
        self._outlets = outlets

    def policy(self, delivery: Delivery) -> RetryPolicy:
        """EventBridge's, of the target as it is now; AWS's default for one that is gone."""
        return of_target(self._members(delivery))

    def after(self, ended: Ended, decision: Done | GiveUp) -> list[Letter]:
        """Send on what is to be sent on; each of it is stored, whether it could be sent or not."""
        sent = self._of_lambda(ended, decision) if ended.result.by is By.LAMBDA else self._of_target(ended, decision)
        made = [self._letter(ended, kind, arn, *came) for kind, arn, came in sent]
        for letter in made:
            self._store.letters.add(letter)
        return made

    def _of_target(self, ended: Ended, decision: Done | GiveUp) -> Iterator[tuple[str, str, Sent]]:
        delivery = ended.delivery
        arn = self._members(delivery).get("DeadLetterConfig", {}).get("Arn") if delivery.rule else None
        if arn and isinstance(decision, GiveUp):
            attributes = letters.of_eventbridge(
                rule_arn(BusKey(delivery.account, delivery.region, delivery.bus), delivery.rule),
                delivery.target_arn, ended.result, decision.condition, ended.attempt,
            )  # fmt: skip
            yield "dlq", arn, self._outlets.to_queue(arn, delivery.payload, By.EVENTBRIDGE, delivery.trace, attributes)

    def _of_lambda(self, ended: Ended, decision: Done | GiveUp) -> Iterator[tuple[str, str, Sent]]:
        delivery, result = ended.delivery, ended.result
        named = named_in(delivery.target_arn)
        if named is None:
            return
        config = self._event_invokes.of(named)
        if isinstance(decision, Done):
            if config.on_success:
                yield self._to_destination("on_success", config.on_success, named, ended, "Success")
            return
        function = self._store.functions.resolve(*named) or self._store.functions.find(*named[:3])
        if function is not None and function.dead_letters:
            attributes = letters.of_lambda(delivery.request_id, result)
            came = self._outlets.to_dead_letters(function.dead_letters, delivery.payload, delivery.trace, attributes)
            yield "dlq", function.dead_letters, came
        if config.on_failure:
            condition = decision.condition if decision.condition in _CONDITIONS else "RetriesExhausted"
            yield self._to_destination("on_failure", config.on_failure, named, ended, condition)

    def _to_destination(
        self, kind: str, arn: str, function: Named, ended: Ended, condition: str
    ) -> tuple[str, str, Sent]:
        delivery = ended.delivery
        # One that never ran has no attempt of its own (recorded on AWS).
        attempts = delivery.attempts if ended.result.code == 429 else ended.attempt
        record = letters.record(
            function_arn=function.arn, request_id=delivery.request_id, payload=delivery.payload, result=ended.result,
            condition=condition, attempts=attempts, now=self._clock.now(),
        )  # fmt: skip
        return (
            kind,
            arn,
            self._outlets.to_destination(arn, record, function.arn, condition == "Success", delivery.trace),
        )

    def _letter(self, ended: Ended, kind: str, arn: str, result: Result, reference: str | None) -> Letter:
        return Letter(
            ended.delivery.id, ended.result.by.value, kind, arn, self._clock.now(), result.status.value,
            result.error_type, result.error_message, reference,
        )  # fmt: skip

    def _members(self, delivery: Delivery) -> Mapping[str, Any]:
        bus = BusKey(delivery.account, delivery.region, delivery.bus)
        target = self._store.rules.target(bus, delivery.rule, delivery.target_id) if delivery.rule else None
        return {} if target is None else target.members
