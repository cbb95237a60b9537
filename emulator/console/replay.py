"""The steps of an event that is in the journal, as they would have been told.  Pure."""

import json
from collections.abc import Iterator

from emulator.delivery.result import Result, Status
from emulator.delivery.steps import Kind, Step
from emulator.store.deliveries import PENDING, Attempt
from emulator.store.journal import Delivered, Way


def steps_of(way: Way) -> Iterator[Step]:
    """In order of time; without what its handlers printed, and unexplained."""
    yield Step(Kind.EVENT_RECEIPT, way.at, way.bus, way.event_id, details={"event": json.loads(way.envelope)})
    if way.verdict == "unknown_bus":
        yield Step(Kind.EVENT_INGEST_FAILURE, way.at, way.bus, way.event_id, details={"elsewhere": []})
        return
    for name in way.rules:
        targets = [delivery.target_arn for delivery in way.deliveries if delivery.rule == name]
        yield Step(Kind.RULE_MATCH, way.at, way.bus, way.event_id, name, details={"targets": targets})
    if not way.rules:
        yield Step(Kind.NO_STANDARD_RULES_MATCHED, way.at, way.bus, way.event_id, details={"explanation": None})
    steps = [step for delivery in way.deliveries for step in _attempts(way, delivery)]
    yield from sorted(steps, key=lambda step: step.at)  # stable: of one moment, in order


def _attempts(way: Way, delivery: Delivered) -> Iterator[Step]:
    for attempt in delivery.attempts:
        details = {"by": attempt.by} | ({"duplicate": attempt.duplicate} if attempt.duplicate else {})
        start = Step(
            Kind.INVOCATION_ATTEMPT_START, attempt.started, way.bus, way.event_id, delivery.rule, delivery.target_arn,
            attempt.number, details,
        )  # fmt: skip
        yield start
        yield _end(start, delivery, attempt)


def _end(start: Step, delivery: Delivered, attempt: Attempt) -> Step:
    result = Result(
        Status(attempt.status), attempt.payload, attempt.error_type, attempt.error_message, attempt.place,
        duration_ms=(attempt.ended - attempt.started) * 1000,
    )  # fmt: skip
    kind, details = Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE, {**start.details, "result": result}
    if result.status is Status.SUCCESS:
        kind = Kind.INVOCATION_ATTEMPT_SUCCESS
    elif attempt.duplicate is None:
        if attempt is not delivery.own[-1] or delivery.state == PENDING:
            throttled = result.status is Status.THROTTLED
            kind = Kind.INVOCATION_ATTEMPT_THROTTLE if throttled else Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE
        elif delivery.condition is not None:
            details["condition"] = delivery.condition
    return Step(kind, attempt.ended, start.bus, start.event_id, start.rule, start.target, attempt.number, details)
