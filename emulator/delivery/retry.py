"""What happens after an attempt: done, again at a given moment, or given up.  Pure: decides, does nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.delivery.result import Result, Status


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`attempts` in all, the pauses between them (seconds; the last one repeats), and the age at which to give up.

    `jitter` is the share of a pause that chance may take off it; `exhausted` and `too_old` are the words for the two
    ways to give up.
    """

    attempts: int
    pauses: Sequence[float]
    max_age: float
    jitter: float = 0.0
    exhausted: str = "RetriesExhausted"
    too_old: str = "EventAgeExceeded"


# Doubling from a second to ten minutes.  AWS says "exponential back-off and jitter" and no numbers: with these, 185
# retries and 24 hours are over at about the same time, as AWS's defaults suggest.
_DOUBLING = (*(float(2**n) for n in range(10)), 600.0)
_THROTTLE = (1.0, 300.0)


def asynchronous(retries: int = 2, max_age: float = 21600, pause: float = 60) -> RetryPolicy:
    """Lambda's policy for asynchronous invocations: two retries, after one and then two minutes, within six hours.

    Recorded on AWS in September 2026: three attempts, 60 and 114 seconds apart.
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
    )


@dataclass(frozen=True, slots=True)
class Done:
    """The target took it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at `at` (seconds since 1970)."""

    at: float


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
    if result.status is Status.THROTTLED:
        # Lambda waits a second, then twice as long each time, five minutes at most: six times within a minute (recorded
        # on AWS, Sep 2026).  So each time a second more than it has waited already.
        pause = min(now - created + _THROTTLE[0], _THROTTLE[1])
    elif attempt >= policy.attempts:
        return GiveUp(policy.exhausted)
    else:
        pause = policy.pauses[min(attempt, len(policy.pauses)) - 1] * (1 - policy.jitter * chance)
    # Lambda does not retry when the next attempt would come after the maximum age (recorded on AWS).
    return GiveUp(policy.too_old) if now + pause - created > policy.max_age else Retry(now + pause)
