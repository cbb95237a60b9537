"""Limits of Lambda that can be set from outside, by the variables that other emulators know.  Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

CONCURRENCY = "LAMBDA_LIMITS_CONCURRENT_EXECUTIONS"
MINIMUM_UNRESERVED = "LAMBDA_LIMITS_MINIMUM_UNRESERVED_CONCURRENCY"
RETRY_DELAY = "LAMBDA_RETRY_BASE_DELAY_SECONDS"


@dataclass(frozen=True, slots=True)
class Limits:
    """`concurrency` is that of an account in a region, of which `minimum_unreserved` cannot be reserved; `retry_delay`
    is the pause before the first retry of an asynchronous invocation (seconds), before the second it is twice that."""

    concurrency: int = 1000
    minimum_unreserved: int = 100
    retry_delay: float = 60

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Limits":
        """Raises ValueError with a sentence for a value that is no number of its kind."""
        usual = cls()
        return cls(
            concurrency=_whole(environment, CONCURRENCY, usual.concurrency),
            minimum_unreserved=_whole(environment, MINIMUM_UNRESERVED, usual.minimum_unreserved),
            retry_delay=_seconds(environment, RETRY_DELAY, usual.retry_delay),
        )


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(f"{name} should be a whole number, such as {default}, not {text!r}")
    return int(text)


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < math.inf:
        raise ValueError(f"{name} should be a number of seconds, such as {default:g}, not {text!r}")
    return value
