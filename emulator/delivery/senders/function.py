"""Deliver to a Lambda function: through its asynchronous queue, whose retries are Lambda's, not EventBridge's."""

from functools import lru_cache

from emulator.arn import Arn
from emulator.delivery.invoke import Invoker, result_of
from emulator.delivery.result import Result, Status
from emulator.delivery.retry import RetryPolicy, asynchronous
from emulator.delivery.senders import Report
from emulator.store.database import Store
from emulator.store.deliveries import Delivery
from emulator.store.functions import FunctionRow


class FunctionSender:
    def __init__(self, store: Store, invoker: Invoker) -> None:
        self._store = store
        self._invoker = invoker

    def send(self, delivery: Delivery, report: Report) -> None:
        function = self._function(delivery)
        if function is None:
            message = f"Function not found: {delivery.target_arn}"
            report(delivery, Result(Status.PERMANENT, error_type="NO_RESOURCE", error_message=message))
            return
        self._invoker.start(
            function,
            delivery.payload.encode(),
            lambda outcome: report(delivery, result_of(outcome)),
            request_id=delivery.request_id,
            trace=delivery.trace,
            invoked_arn=delivery.target_arn,
        )

    def policy(self, delivery: Delivery) -> RetryPolicy:
        function = self._function(delivery)
        return asynchronous() if function is None else asynchronous(function.retries, function.max_event_age)

    def _function(self, delivery: Delivery) -> FunctionRow | None:
        named = _named(delivery.target_arn)
        return None if named is None else self._store.functions.find(*named)


@lru_cache(maxsize=10_000)
def _named(target_arn: str) -> tuple[str, str, str] | None:
    """Account, region and name of the function."""
    arn = Arn.parse(target_arn)
    return None if arn is None else (arn.account, arn.region, arn.resource.split(":")[1])  # function:NAME[:QUALIFIER]
