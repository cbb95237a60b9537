"""Who can deliver to which target: one file per kind of target, chosen by the target's ARN."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Protocol

from emulator.arn import Arn
from emulator.delivery.result import Result
from emulator.delivery.retry import RetryPolicy
from emulator.store.deliveries import Delivery

Report = Callable[[Delivery, Result], None]


class Sender(Protocol):
    """Hands a delivery to its target, once, and reports what came of it: on the event loop's thread, at any later time.
    Never raises: whatever goes wrong is a Result."""

    def send(self, delivery: Delivery, report: Report) -> None: ...

    def policy(self, delivery: Delivery) -> RetryPolicy:
        """How often, and how long, to try again after a failure that may pass."""
        ...


class Senders:
    """The senders by kind: `lambda:function`, `events:event-bus`, `sqs`, … (an ARN's service and type of resource)."""

    def __init__(self, by_kind: Mapping[str, Sender]) -> None:
        self._by_kind = by_kind

    def sender(self, target_arn: str) -> Sender | None:
        kind = kind_of(target_arn)
        return self._by_kind.get(kind) if kind is not None else None

    def refusal(self, target_arn: str) -> str | None:
        """A sentence why this target cannot be delivered to, or None when it can."""
        kind = kind_of(target_arn)
        if kind is None:
            return f"{target_arn} is not an ARN."
        if kind in self._by_kind:
            return None
        return (
            f"EventBridge Local does not deliver to targets of kind {kind} yet ({target_arn});"
            f" it delivers to: {', '.join(sorted(self._by_kind))}."
        )


@lru_cache(maxsize=10_000)
def kind_of(target_arn: str) -> str | None:
    """`lambda:function` for a function's ARN, `sqs` where the resource has no type; None when it is no ARN."""
    arn = Arn.parse(target_arn)
    if arn is None:
        return None
    # Lambda separates with a colon alone: `function/charge` is no function.
    resource = arn.resource if arn.service == "lambda" else arn.resource.replace("/", ":")
    kind, colon, _ = resource.partition(":")
    return f"{arn.service}:{kind}" if colon else arn.service
