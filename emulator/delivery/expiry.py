"""What has grown too old to be tried: an event beyond its maximum age is given up without another attempt.

EventBridge and Lambda each count from the moment at which they accepted it.  Its dead letter tells of the last attempt
that there was.
"""

from collections.abc import Sequence

from emulator.delivery.ended import Ended, accepted
from emulator.delivery.policies import Policies
from emulator.delivery.result import By, Result, Status
from emulator.store.database import Store
from emulator.store.deliveries import Attempt, Delivery

YOUNGEST = 60.0
"""Seconds: the least maximum age that EventBridge and Lambda take (botocore's models).  Who is younger need not be
looked at."""


class Expiry:
    def __init__(self, store: Store, policies: Policies) -> None:
        self._store = store
        self._policies = policies

    def at(self, delivery: Delivery) -> float | None:
        """The moment at which it is too old; None when nobody can deliver it anyway."""
        by = _holder(delivery)
        policy = self._policies.of(delivery, by)
        return None if policy is None else accepted(delivery, by) + policy.max_age

    def found(self, delivery: Delivery, now: float) -> Result | None:
        """Instead of an attempt, for one that is too old."""
        if now - delivery.created < YOUNGEST:
            return None
        end = self.at(delivery)
        return None if end is None or now < end else Result(Status.EXPIRED, by=_holder(delivery))

    def told(self, batch: Sequence[Ended]) -> list[Ended]:
        """With the last attempt's error in those that have expired: one question for all, as there is no index."""
        expired = [ended.delivery.id for ended in batch if ended.result.status is Status.EXPIRED]
        if not expired:
            return list(batch)
        last = self._store.deliveries.last_attempts(expired)
        return [
            ended if ended.result.status is not Status.EXPIRED
            else ended._replace(result=_result(last.get(ended.delivery.id), ended.result.by))
            for ended in batch
        ]  # fmt: skip


def _holder(delivery: Delivery) -> By:
    """Who tries: Lambda's queue takes an event at once, but where EventBridge had to try more than once."""
    untried = not delivery.attempts and ":lambda:" in delivery.target_arn
    return By.LAMBDA if delivery.taken is not None or untried else By.EVENTBRIDGE


def _result(last: Attempt | None, by: By) -> Result:
    """The error of the last attempt, in the words that it had.  An event of which there was none has only ever waited:
    to Lambda that is being throttled (recorded on AWS, September 2026); EventBridge's words for it are not known."""
    if last is None and by is By.LAMBDA:
        kind, text, code = "TooManyRequestsException", "Rate Exceeded.", 429
        return Result(Status.EXPIRED, error_type=kind, error_message=text, by=by, code=code)
    if last is None:
        text = "The event has reached its maximum age without an attempt."
        return Result(Status.EXPIRED, error_type="TIMEOUT", error_message=text, by=by)
    return Result(
        Status.EXPIRED, last.payload, last.error_type, last.error_message, last.place, by=by,
        code=429 if last.status == Status.THROTTLED.value else 200,
    )  # fmt: skip
