"""What happens after an attempt: done, again at a given moment, or given up.  Pure: decides, does nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.delivery.result import Result, Status


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`attempts` in all, the pauses between them (seconds; the last one repeats), and the age at which to give up.

    `jitter` is the share of a pause that chance may take off it; `exhausted` and `too_old` are the words for the two
    ways to give up.  `foresees` says when an event is given up whose next attempt would come too late: at once, or at
    the moment at which it is too old.
    """

    attempts: int
    pauses: Sequence[float]
    max_age: float
    jitter: float = 0.0
    exhausted: str = "RetriesExhausted"
    too_old: str = "EventAgeExceeded"
    foresees: bool = True


# Doubling from a second to ten minutes.  AWS says "exponential back-off and jitter" and no numbers: with these, 185
# retries and 24 hours are over at about the same time, as AWS's defaults suggest.
_DOUBLING = (*(float(2**n) for n in range(10)), 600.0)
_THROTTLE = (1.0, 300.0)


def asynchronous(retries: int = 2, max_age: float = 21600, pause: float = 60) -> RetryPolicy:
    """Lambda's policy for asynchronous invocations: two retries, after one and then two minutes, within six hours.

    Recorded on AWS in September 2026: three attempts, 60 and 114 seconds apart; there is no retry when it would come
    after the maximum age.
    """
    return RetryPolicy(attempts=retries + 1, pauses=(pause, 2 * pause), max_age=max_age)


def of_target(members: Mapping[str, Any]) -> RetryPolicy:
    """EventBridge's policy for a target (AWS's members): 185 retries within 24 hours unless its RetryPolicy differs."""
    given = members.get("RetryPolicy", {})
    return RetryPolicy(
        attempts=given.get("MaximumRetryAttempts", 185) + 1,
        pauses=_DOUBLING,
        max_age=given.get("MaximumEventAgeInSeconds", 86400),
        jitter=0.5,
        exhausted="MaximumRetryAttempts",
        too_old="MaximumEventAgeInSeconds",
        foresees=False,
    )


@dataclass(frozen=True, slots=True)
class Done:
    """The target took it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at `at` (seconds since 1970); or (`expires`) give up then, for it is too old by that time."""

    at: float
    expires: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further attempt; `condition` is EventBridge's or Lambda's word for why, or PermanentFailure."""

    condition: str


Decision = Done | Retry | GiveUp
PERMANENT = "PermanentFailure"


def decide(
    policy: RetryPolicy, *, attempt: int, created: float, result: Result, now: float, chance: float = 0.0
) -> Decision:
    """What follows from `result`: that of attempt number `attempt` (from 1) at something accepted at `created`;
    `chance` (0 to 1) is the dice for the jitter."""
    if result.status is Status.SUCCESS:
        return Done()
    if result.status is Status.PERMANENT:
        return GiveUp(result.condition or PERMANENT)
    if result.status is Status.EXPIRED:
        return GiveUp(policy.too_old)
    if result.status is Status.THROTTLED:
        # Lambda waits a second, then twice as long each time, five minutes at most: six times within a minute (recorded
        # on AWS, Sep 2026).  So each time a second more than it has waited already.
        pause = min(now - created + _THROTTLE[0], _THROTTLE[1])
    elif attempt >= policy.attempts:
        return GiveUp(policy.exhausted)
    else:
        pause = policy.pauses[min(attempt, len(policy.pauses)) - 1] * (1 - policy.jitter * chance)
    end = created + policy.max_age
    if now + pause < end:
        return Retry(now + pause)
    return GiveUp(policy.too_old) if policy.foresees or now >= end else Retry(end, expires=True)
