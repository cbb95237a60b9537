"""What came of one attempt to hand something to a target: a value, so that a policy can decide on it."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How an attempt ended; `RETRYABLE` and `THROTTLED` may be tried again, and the second is not counted by Lambda.
    `EXPIRED` is no attempt: the event was too old for one."""

    SUCCESS = "success"
    RETRYABLE = "retryable"
    THROTTLED = "throttled"
    PERMANENT = "permanent"
    EXPIRED = "expired"


class By(StrEnum):
    """Whose attempt it was.  EventBridge's ends when Lambda's queue has taken the event; what follows is Lambda's."""

    EVENTBRIDGE = "eventbridge"
    LAMBDA = "lambda"


@dataclass(frozen=True, slots=True)
class Result:
    """`payload` is what the target answered (a handler's result or its error object, JSON), `log` what it printed,
    `where` the user's own line that failed (`functions/charge.py:7`), `duration_ms` its run time in milliseconds.

    `code` is the status that Lambda reports of a failure (200: the function failed, 429: it was throttled, 404: it is
    gone), `on_success` the ARN that is to hear of a success, `version` the version of the function that ran.
    `condition` is Lambda's word for why a PERMANENT failure is one, where it has one of its own; `note` is what AWS
    would have said to an attempt that went through here.
    """

    status: Status
    payload: bytes = b""
    error_type: str | None = None
    error_message: str | None = None
    where: str | None = None
    log: str = ""
    duration_ms: float | None = None
    by: By = By.LAMBDA
    code: int = 200
    on_success: str = ""
    version: str = "$LATEST"
    condition: str = ""
    note: str | None = None
