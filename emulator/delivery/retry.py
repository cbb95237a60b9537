"""What happens after an attempt: done, again at a given moment, or given up.  Pure: decides, does nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from emulator.delivery.result import Result, Status


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`attempts` in all, the pauses between them (seconds; the last one repeats), and the age at which to give up."""

    attempts: int
    pauses: Sequence[float]
    max_age: float


def asynchronous(retries: int = 2, max_age: float = 21600) -> RetryPolicy:
    """Lambda's policy for asynchronous invocations: two retries, after one and then two minutes, within six hours.

    Recorded on AWS in September 2026: three attempts, 60 and 114 seconds apart.
    """
    return RetryPolicy(attempts=retries + 1, pauses=(60, 120), max_age=max_age)


@dataclass(frozen=True, slots=True)
class Done:
    """The target took it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at `at` (seconds since 1970)."""

    at: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further attempt; `condition` is Lambda's word for why."""

    condition: str


Decision = Done | Retry | GiveUp


def decide(policy: RetryPolicy, *, attempt: int, created: float, result: Result, now: float) -> Decision:
    """What follows from `result`: that of attempt number `attempt` (from 1) at something accepted at `created`."""
    if result.status is Status.SUCCESS:
        return Done()
    if result.status is Status.PERMANENT:
        return GiveUp("PermanentFailure")
    if attempt >= policy.attempts:
        return GiveUp("RetriesExhausted")
    at = now + policy.pauses[min(attempt, len(policy.pauses)) - 1]
    # Lambda does not retry when the next attempt would come after the maximum age (recorded on AWS).
    return GiveUp("EventAgeExceeded") if at - created > policy.max_age else Retry(at)
