"""Faults on purpose: what shall go wrong, for whom, and how often.

A fault of a function is Lambda's: its handler fails, is throttled or is slow, also when it is invoked directly.  A
fault of a rule or a target is EventBridge's: its own attempt fails, comes late, twice or out of order.  Chance is
seeded, so that a run can be repeated.
"""

import json
import random
from dataclasses import dataclass
from itertools import count

from emulator.delivery.refusals import denied, no_function, no_queue, refused
from emulator.delivery.result import By, Result, Status
from emulator.store.deliveries import Delivery
from emulator.store.functions import named_in

_PERMANENT = frozenset(
    {"NO_PERMISSIONS", "NO_RESOURCE", "INVALID_PARAMETER", "RESOURCE_ALREADY_EXISTS", "INVALID_JSON"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One of `function`, `rule` and `target` (its id or ARN) says for whom, `times` for how many attempts (None: all).

    `error` is an error type or an ERROR_CODE of EventBridge, `message` its text; `status` the HTTP status of a service;
    `latency` seconds by which the attempt is late; `duplicate` gives it to the target twice; `reorder` shuffles what is
    ready at the same time.  `probability` of 1 is always; `seed` is that of the dice.
    """

    function: str = ""
    rule: str = ""
    target: str = ""
    times: int | None = None
    error: str = ""
    message: str = ""
    status: int | None = None
    latency: float = 0.0
    duplicate: bool = False
    reorder: bool = False
    probability: float = 1.0
    seed: int = 0

    def is_about(self, delivery: Delivery) -> bool:
        if self.function:
            return self.is_of_function(delivery.target_arn)
        if self.rule:
            return delivery.rule == self.rule
        return self.target in (delivery.target_arn, delivery.target_id) and bool(delivery.rule)

    def is_of_function(self, arn: str) -> bool:
        named = named_in(arn)
        return bool(self.function) and named is not None and self.function in (named.name, arn)

    @property
    def fails(self) -> bool:
        return bool(self.error) or self.status is not None

    def result(self, target_arn: str, request_id: str) -> Result:
        """How an attempt looks that it has failed."""
        return self._of_lambda(request_id) if self.function else self._of_eventbridge(target_arn)

    def _of_lambda(self, request_id: str) -> Result:
        if self.status == 429:
            text = self.message or "Rate Exceeded."
            return Result(Status.THROTTLED, error_type="TooManyRequestsException", error_message=text, code=429)
        kind = self.error or "ServiceException"
        text = self.message or ("" if self.status is None else f"HTTP status {self.status}") or "made to fail"
        error = {"errorMessage": text, "errorType": kind, "requestId": request_id, "stackTrace": []}
        log = f"START RequestId: {request_id} Version: $LATEST\n[ERROR] {kind}: {text}\nEND RequestId: {request_id}\n"
        return Result(
            Status.RETRYABLE, json.dumps(error, ensure_ascii=False).encode(), kind, text, log=log, duration_ms=0.0
        )

    def _of_eventbridge(self, target_arn: str) -> Result:
        if self.error == "NO_PERMISSIONS" or self.status == 403:
            return denied(target_arn) if not self.message else refused("NO_PERMISSIONS", self.message)
        if self.error == "NO_RESOURCE" or self.status == 404:
            if self.message:
                return refused("NO_RESOURCE", self.message)
            return no_queue() if ":sqs:" in target_arn else no_function(target_arn)
        code = self.error or ("THROTTLING" if self.status == 429 else "ERROR_FROM_TARGET")
        text = self.message or ("made to fail" if self.status is None else f"HTTP status {self.status}")
        is_final = code in _PERMANENT or (self.status is not None and 400 <= self.status < 500 and self.status != 429)
        return Result(
            Status.PERMANENT if is_final else Status.RETRYABLE, error_type=code, error_message=text, by=By.EVENTBRIDGE
        )


@dataclass(slots=True)
class Active:
    """A fault in force; `left` attempts are still to be hit (None: all), `hits` have been."""

    id: int
    fault: Fault
    left: int | None
    dice: random.Random
    hits: int = 0

    def strikes(self) -> bool:
        """Is this attempt hit?  Counts it."""
        if self.left == 0 or self.dice.random() >= self.fault.probability:
            return False
        self.hits += 1
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """In memory alone: they end with the process.  One that has hit all that it was to hit stays listed."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._all: dict[int, Active] = {}
        self.active = False

    def add(self, fault: Fault) -> Active:
        made = Active(next(self._ids), fault, fault.times, random.Random(fault.seed))
        self._all[made.id] = made
        self.active = True
        return made

    def all(self) -> list[Active]:
        return list(self._all.values())

    def clear(self, id: int | None = None) -> int:
        """One, or all; how many there were."""
        gone = [known for known in self._all if id in (None, known)]
        for known in gone:
            del self._all[known]
        self.active = bool(self._all)
        return len(gone)

    def on(self, delivery: Delivery) -> Fault | None:
        """What goes wrong with the next attempt of this delivery: the first fault that strikes."""
        return next((a.fault for a in self._all.values() if a.fault.is_about(delivery) and a.strikes()), None)

    def on_invocation(self, function_arn: str) -> Fault | None:
        """What goes wrong with a direct invocation."""
        return next((a.fault for a in self._all.values() if a.fault.is_of_function(function_arn) and a.strikes()), None)
