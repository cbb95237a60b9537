"""An attempt that has ended, on its way to be decided on and written down."""

from typing import NamedTuple

from emulator.delivery.result import By, Result, Status
from emulator.delivery.retry import Decision, Done, GiveUp, Retry
from emulator.store.deliveries import DELIVERED, FAILED, PENDING, Attempt, Delivery, Settled

# `.value` of an enumeration is a call, and this is asked for every attempt.
_WORD = {status: status.value for status in Status}
_BY = {by: by.value for by in By}


class Ended(NamedTuple):
    """`attempt` is its number among those of EventBridge, or of Lambda (`result.by`): each counts its own.  When it is
    a second copy of an attempt, `duplicate` says of whom; nothing follows from that one.
    """

    delivery: Delivery
    attempt: int
    started: float
    ended: float
    result: Result
    duplicate: By | None = None

    @property
    def is_attempt(self) -> bool:
        return self.result.status is not Status.EXPIRED

    @property
    def accepted(self) -> float:
        """Since when those whose attempt it was have the event: their patience counts from there."""
        return accepted(self.delivery, self.result.by, self.started)


def accepted(delivery: Delivery, by: By, started: float | None = None) -> float:
    """The same of an attempt of theirs that began at `started`."""
    if by is By.EVENTBRIDGE:
        return delivery.created
    if delivery.taken is not None:
        return delivery.taken
    # Taken at once, but where EventBridge had to try more than once.
    return delivery.created if not delivery.attempts or started is None else started


def ended_of(delivery: Delivery, started: float, now: float, result: Result) -> Ended:
    """Lambda counts from one again when EventBridge has needed several attempts to reach it."""
    if result.status is Status.EXPIRED:
        return Ended(delivery, delivery.attempts, started, now, result)
    first_of_lambda = result.by is By.LAMBDA and delivery.taken is None
    return Ended(delivery, 1 if first_of_lambda else delivery.attempts + 1, started, now, result)


def state_of(ended: Ended, decision: Decision) -> Settled:
    match decision:
        case Done():
            return Settled(ended.delivery.id, DELIVERED, ended.attempt, ended.ended)
        case Retry(at):
            counted = ended.attempt - (ended.result.status is Status.THROTTLED and ended.result.by is By.LAMBDA)
            taken = ended.accepted if ended.result.by is By.LAMBDA else None
            return Settled(ended.delivery.id, PENDING, counted, at, taken)
        case GiveUp(condition):
            return Settled(ended.delivery.id, FAILED, ended.attempt, ended.ended, condition=condition)


def attempt_of(ended: Ended) -> Attempt:
    delivery, result = ended.delivery, ended.result
    return Attempt(
        delivery.id, delivery.account, delivery.region, delivery.target_arn, ended.attempt, delivery.request_id,
        ended.started, ended.ended, _WORD[result.status], result.error_type, result.error_message, result.payload,
        result.log, result.where, None, None, _BY[result.by],
        None if ended.duplicate is None else _BY[ended.duplicate], result.note,
    )  # fmt: skip
