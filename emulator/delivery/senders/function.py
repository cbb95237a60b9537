"""Deliver to a Lambda function: through its asynchronous queue, whose retries are Lambda's, not EventBridge's.

EventBridge's own attempt ends when the queue has the event: all it can fail by is that there is no such function.
"""

from emulator.delivery.invoke import Invoker, result_of
from emulator.delivery.refusals import no_function
from emulator.delivery.result import Result, Status
from emulator.delivery.retry import RetryPolicy, asynchronous
from emulator.delivery.senders import Report
from emulator.store.database import Store
from emulator.store.deliveries import Delivery
from emulator.store.functions import FunctionRow, named_in


class FunctionSender:
    def __init__(self, store: Store, invoker: Invoker) -> None:
        self._store = store
        self._invoker = invoker

    def send(self, delivery: Delivery, report: Report) -> None:
        function = self._function(delivery)
        if function is None:
            report(delivery, _missing(delivery))
            return
        self._invoker.start(
            function,
            delivery.payload.encode(),
            lambda outcome: report(delivery, result_of(outcome, function.on_success)),
            request_id=delivery.request_id,
            trace=delivery.trace,
            invoked_arn=delivery.target_arn,
        )

    def policy(self, delivery: Delivery) -> RetryPolicy:
        function = self._function(delivery)
        return asynchronous() if function is None else asynchronous(function.retries, function.max_event_age)

    def _function(self, delivery: Delivery) -> FunctionRow | None:
        named = named_in(delivery.target_arn)
        return None if named is None else self._store.functions.resolve(*named)


def _missing(delivery: Delivery) -> Result:
    """Gone since Lambda took the event: Lambda's failure; never there: EventBridge's."""
    if delivery.taken is None:
        return no_function(delivery.target_arn)
    text = f"Function not found: {delivery.target_arn}"
    return Result(Status.PERMANENT, error_type="ResourceNotFoundException", error_message=text, code=404)
