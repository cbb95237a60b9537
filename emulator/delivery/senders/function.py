"""Deliver to a Lambda function: through its asynchronous queue, whose retries are Lambda's, not EventBridge's.

EventBridge's own attempt ends when the queue has the event: all it can fail by is that there is no such function, or
that it may not be run.
"""

from emulator.delivery.concurrency import RESERVED_LIMIT
from emulator.delivery.event_invoke import EventInvokes
from emulator.delivery.invoke import Invoker, result_of
from emulator.delivery.permissions import Mode, Permissions
from emulator.delivery.refusals import denied, no_function
from emulator.delivery.result import Result, Status
from emulator.delivery.retry import RetryPolicy
from emulator.delivery.senders import Report
from emulator.store.database import Store
from emulator.store.deliveries import Delivery
from emulator.store.functions import FunctionRow, Named, named_in


class FunctionSender:
    def __init__(self, store: Store, invoker: Invoker, event_invokes: EventInvokes, permissions: Permissions) -> None:
        self._store = store
        self._invoker = invoker
        self._event_invokes = event_invokes
        self._permissions = permissions

    def send(self, delivery: Delivery, report: Report) -> None:
        named = named_in(delivery.target_arn)
        # Asked anew for each attempt: an alias may have been moved (recorded on AWS, Sep 2026).
        function = None if named is None else self._store.functions.resolve(*named, dice=self._invoker.dice)
        if named is None or function is None:
            report(delivery, _missing(delivery))
            return
        refusal = self._permissions.of_rule(delivery) if delivery.taken is None and delivery.rule else None
        if refusal is not None and self._permissions.mode is Mode.ENFORCE:
            report(delivery, denied(delivery.target_arn, refusal.why))
        elif (limit := self._invoker.concurrency.refusal(function)) is not None:
            report(delivery, self._throttled(function, limit))
        else:
            self._start(delivery, named, function, None if refusal is None else refusal.note, report)

    def policy(self, delivery: Delivery) -> RetryPolicy:
        return self._event_invokes.policy(named_in(delivery.target_arn))

    def _start(self, delivery: Delivery, named: Named, function: FunctionRow, note: str | None, report: Report) -> None:
        on_success = self._event_invokes.of(named).on_success
        self._invoker.start(
            function,
            delivery.payload.encode(),
            lambda outcome: report(delivery, result_of(outcome, function, on_success, note)),
            request_id=delivery.request_id,
            trace=delivery.trace,
            invoked_arn=delivery.target_arn,
        )

    def _throttled(self, function: FunctionRow, limit: str) -> Result:
        """One that will never have room is given up at once (recorded on AWS)."""
        if limit == RESERVED_LIMIT and self._invoker.concurrency.reserved(function) == 0:
            status, condition = Status.PERMANENT, "ZeroReservedConcurrency"
        else:
            status, condition = Status.THROTTLED, ""
        return Result(
            status, error_type="TooManyRequestsException", error_message="Rate Exceeded.", code=429, condition=condition
        )


def _missing(delivery: Delivery) -> Result:
    """Gone since Lambda took the event: Lambda's failure; never there: EventBridge's."""
    if delivery.taken is None:
        return no_function(delivery.target_arn)
    text = f"Function not found: {delivery.target_arn}"
    return Result(Status.PERMANENT, error_type="ResourceNotFoundException", error_message=text, code=404)
