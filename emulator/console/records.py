"""The records that AWS's event bus log would have of an event, derived from the journal.  Pure.

Names, fields and levels as the user guide describes them (Event bus logs, 2025).  A record says one step; nothing is
stored for it but what the journal has anyway.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulator.delivery.steps import Kind
from emulator.store.buses import BusKey
from emulator.store.deliveries import DELIVERED, PENDING, Attempt
from emulator.store.journal import Delivered, Way
from emulator.store.rules import Rule

Record = dict[str, Any]

_LEVELS = ("OFF", "ERROR", "INFO", "TRACE")
_LEVEL_OF = {
    Kind.EVENT_INGEST_FAILURE: "ERROR",
    Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE: "ERROR",
    Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE: "ERROR",
    Kind.INVOCATION_FAILURE: "ERROR",
    Kind.INVOCATION_DLQ: "ERROR",
    Kind.EVENT_RECEIPT: "INFO",
    Kind.RULE_MATCH: "INFO",
    Kind.NO_STANDARD_RULES_MATCHED: "INFO",
    Kind.INVOCATION_SUCCESS: "INFO",
    Kind.RULE_DISABLED: "INFO",
}
"""What is not here is TRACE."""
_ONLY_FULL = ("event_detail", "target_input", "target_response_body")
_FAILURES = {
    "retryable": Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE,
    "permanent": Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE,
    "throttled": Kind.INVOCATION_ATTEMPT_THROTTLE,
}
# What EventBridge itself finds wrong with a delivery to a function: all else happens behind Lambda's queue.
_BEFORE_THE_QUEUE = ("NO_RESOURCE", "NO_PERMISSIONS", "INVALID_JSON")


@dataclass(frozen=True, slots=True)
class LogConfig:
    """That of a bus: `level` OFF, ERROR, INFO or TRACE; `full` is its IncludeDetail FULL."""

    level: str = "OFF"
    full: bool = False

    @classmethod
    def of(cls, members: Mapping[str, Any] | None) -> "LogConfig":
        members = members or {}
        return cls(members.get("Level", "OFF"), members.get("IncludeDetail") == "FULL")

    def shown(self, record: Record) -> Record | None:
        """The record as a bus with this configuration logs it; None when it does not."""
        kind = record["message_type"]
        if kind == Kind.RULE_DISABLED or _LEVELS.index(record["log_level"]) > _LEVELS.index(self.level):
            return None
        if self.full:
            return record
        details = {name: value for name, value in record["details"].items() if name not in _ONLY_FULL}
        return record | {"details": details}


def records(way: Way, envelope: Mapping[str, Any], disabled: list[str]) -> Iterator[Record]:
    """All steps of an event on one bus, in order; `disabled` are rules that would have matched, were they enabled."""
    bus = BusKey(way.account, way.region, way.bus)
    make = _maker(way.event_id, bus.arn)
    yield make(Kind.EVENT_RECEIPT, way.at, {
        "caller_account_id": envelope.get("account", way.account), "source_time_ms": envelope.get("time"),
        "source": envelope.get("source"), "detail_type": envelope.get("detail-type"),
        "event_detail": envelope.get("detail"),
    })  # fmt: skip
    if way.verdict == "unknown_bus":
        message = f"Event bus {way.bus} does not exist."
        yield make(Kind.EVENT_INGEST_FAILURE, way.at, {}, error={"error_message": message, "aws_service": "events"})
        return
    for name in way.rules:
        yield make(Kind.RULE_MATCH, way.at, {"rule_name": name, "rule_arn": _rule_arn(bus, name)})
    if not way.rules:
        yield make(Kind.NO_STANDARD_RULES_MATCHED, way.at, {})
    for name in disabled:
        yield make(Kind.RULE_DISABLED, way.at, {"rule_name": name, "rule_arn": _rule_arn(bus, name)})
    steps = [step for each in way.deliveries for step in _delivery(make, way, each, _rule_arn(bus, each.rule))]
    yield from sorted(steps, key=lambda record: record["message_timestamp_ms"])  # stable: of one moment, in order


def as_bus_log(delivery: Delivered) -> Delivered:
    """What EventBridge sees of a delivery: for a function, that Lambda's queue took it, whatever its handler did."""
    own = tuple(attempt for attempt in delivery.attempts if attempt.by == "eventbridge" or _is_refused(attempt))
    letters = tuple(letter for letter in delivery.letters if letter.by == "eventbridge")
    behind = [attempt for attempt in delivery.attempts if attempt not in own]
    if not behind or ":lambda:" not in delivery.target_arn:
        return replace(delivery, letters=letters)
    taken = behind[0]._replace(
        number=len(own) + 1, ended=behind[0].started, status="success", error_type=None, error_message=None,
        payload=b"", log="", place=None,
    )  # fmt: skip
    return replace(delivery, state=DELIVERED, due=taken.ended, attempts=(*own, taken), letters=letters)


def _is_refused(attempt: Attempt) -> bool:
    return attempt.error_type in _BEFORE_THE_QUEUE


_Make = Callable[..., Record]


def _maker(event_id: str, resource_arn: str) -> _Make:
    def make(
        kind: Kind, at: float, details: Mapping[str, Any], invocation: str = "", error: Mapping[str, Any] | None = None
    ) -> Record:
        record: Record = {
            "resource_arn": resource_arn,
            "event_id": event_id,
            "invocation_id": invocation,
            "message_timestamp_ms": round(at * 1000),
            "message_type": kind.value,
            "log_level": _LEVEL_OF.get(kind, "TRACE"),
            "details": {name: value for name, value in details.items() if value is not None},
        }
        return record | ({"error": error} if error else {})

    return make


def _delivery(make: _Make, way: Way, delivery: Delivered, rule_arn: str) -> Iterator[Record]:
    common = {"rule_arn": rule_arn, "target_arn": delivery.target_arn, "target_id": delivery.target_id}
    yield make(Kind.INVOCATION_START, way.at, common, delivery.request_id)
    for attempt in delivery.attempts:
        yield from _attempt(make, delivery, attempt, common)
    for letter in delivery.letters:
        if letter.kind == "dlq":
            sent = {**common, "dlq_arn": letter.target_arn, "dlq_message_id": letter.reference}
            message = ": ".join(part for part in (letter.error_type, letter.error_message) if part)
            failure = None if letter.status == "success" else {"error_message": message, "aws_service": "sqs"}
            yield make(Kind.INVOCATION_DLQ, letter.at, sent, delivery.request_id, failure)
    if delivery.state == PENDING:
        return
    last = delivery.attempts[-1] if delivery.attempts else None
    ended = last.ended if last else delivery.due
    kind = Kind.INVOCATION_SUCCESS if delivery.state == DELIVERED else Kind.INVOCATION_FAILURE
    details = common | {
        "total_attempts": len(delivery.attempts),
        "final_invocation_status": "SUCCESS" if delivery.state == DELIVERED else "FAILURE",
        "ingestion_to_complete_latency_ms": round((ended - way.at) * 1000),
    }
    error = _error(last) if last and delivery.state != DELIVERED else None
    yield make(kind, ended, details, delivery.request_id, error)


def _attempt(make: _Make, delivery: Delivered, attempt: Attempt, common: Mapping[str, Any]) -> Iterator[Record]:
    numbered = {**common, "attempt_count": attempt.number, "attempt_type": "FIRST" if attempt.number == 1 else "RETRY"}
    started = {**numbered, "target_input": delivery.payload}
    yield make(Kind.INVOCATION_ATTEMPT_START, attempt.started, started, delivery.request_id)
    kind = _FAILURES.get(attempt.status, Kind.INVOCATION_ATTEMPT_SUCCESS)
    if attempt.status == "retryable" and delivery.state != PENDING and attempt is delivery.attempts[-1]:
        kind = Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE  # nothing came after it
    ended = {
        **numbered,
        "invocation_status": "SUCCESS" if attempt.status == "success" else "FAILURE",
        "target_duration_ms": round((attempt.ended - attempt.started) * 1000),
        "target_response_body": attempt.payload.decode(errors="replace") or None,
    }
    yield make(kind, attempt.ended, ended, delivery.request_id, _error(attempt))


def _error(attempt: Attempt) -> Mapping[str, Any] | None:
    if attempt.status == "success":
        return None
    message = ": ".join(part for part in (attempt.error_type, attempt.error_message) if part)
    return {"error_message": message, "aws_service": attempt.target_arn.split(":")[2], "request_id": attempt.request_id}


def _rule_arn(bus: BusKey, name: str) -> str:
    return Rule(bus.account, bus.region, bus.name, name, "", bus.account).arn
