"""What follows from an attempt: a table."""

import pytest

from emulator.delivery.result import Result, Status
from emulator.delivery.retry import Decision, Done, GiveUp, Retry, RetryPolicy, asynchronous, decide

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
        (asynchronous(max_age=65), 1, AGAIN, 5, Retry(65)),
        (RetryPolicy(attempts=9, pauses=(1, 2), max_age=100), 7, AGAIN, 5, Retry(7)),
    ],
)
def test_decide(policy: RetryPolicy, attempt: int, result: Result, now: float, expected: Decision) -> None:
    assert decide(policy, attempt=attempt, created=0, result=result, now=now) == expected
