"""What follows from an attempt: a table."""

import pytest

from emulator.delivery.result import Result, Status
from emulator.delivery.retry import Decision, Done, GiveUp, Retry, RetryPolicy, asynchronous, decide, of_target

OK, AGAIN, NEVER = Result(Status.SUCCESS), Result(Status.RETRYABLE), Result(Status.PERMANENT)


@pytest.mark.parametrize(
    ("policy", "attempt", "result", "now", "expected"),
    [
        (asynchronous(), 1, OK, 5, Done()),
        (asynchronous(), 1, AGAIN, 5, Retry(65)),
        (asynchronous(), 2, AGAIN, 70, Retry(190)),
        (asynchronous(), 3, AGAIN, 200, GiveUp("RetriesExhausted")),
        (asynchronous(), 1, NEVER, 5, GiveUp("PermanentFailure")),
        (asynchronous(retries=0), 1, AGAIN, 5, GiveUp("RetriesExhausted")),
        (asynchronous(max_age=64), 1, AGAIN, 5, GiveUp("EventAgeExceeded")),
        (asynchronous(max_age=65), 1, AGAIN, 5, GiveUp("EventAgeExceeded")),
        (asynchronous(max_age=66), 1, AGAIN, 5, Retry(65)),
        (asynchronous(), 2, Result(Status.EXPIRED), 90_000, GiveUp("EventAgeExceeded")),
        (RetryPolicy(attempts=9, pauses=(1, 2), max_age=100), 7, AGAIN, 5, Retry(7)),
    ],
)
def test_decide(policy: RetryPolicy, attempt: int, result: Result, now: float, expected: Decision) -> None:
    assert decide(policy, attempt=attempt, created=0, result=result, now=now) == expected


@pytest.mark.parametrize(
    ("members", "attempt", "now", "expected"),
    [
        ({}, 1, 5, Retry(6)),
        ({}, 4, 5, Retry(13)),
        ({}, 100, 5, Retry(605)),
        ({}, 185, 5, Retry(605)),
        ({}, 186, 5, GiveUp("MaximumRetryAttempts")),
        ({}, 100, 86_000, Retry(86_400, expires=True)),
        ({}, 100, 86_400, GiveUp("MaximumEventAgeInSeconds")),
        ({"RetryPolicy": {"MaximumRetryAttempts": 0}}, 1, 5, GiveUp("MaximumRetryAttempts")),
        ({"RetryPolicy": {"MaximumEventAgeInSeconds": 60}}, 7, 30, Retry(60, expires=True)),
    ],
)
def test_eventbridge(members: dict[str, dict[str, int]], attempt: int, now: float, expected: Decision) -> None:
    assert decide(of_target(members), attempt=attempt, created=0, result=AGAIN, now=now) == expected


def test_chance_takes_up_to_half_of_a_pause_and_a_throttled_event_waits_twice_as_long_each_time() -> None:
    assert decide(of_target({}), attempt=2, created=0, result=AGAIN, now=0, chance=1.0) == Retry(1)
    throttled = Result(Status.THROTTLED)
    for waited, next_ in ((0, 1), (1, 3), (7, 15), (1000, 1300)):
        assert decide(asynchronous(), attempt=1, created=0, result=throttled, now=waited) == Retry(next_)
