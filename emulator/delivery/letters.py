"""What dead letters and records look like: attributes of a message, and the record for a function's destination.  Pure.

Recorded on AWS, September and October 2026, but where a comment says otherwise.
"""

import json
from collections.abc import Mapping

from emulator.clock import iso_millis
from emulator.delivery.result import Result, Status
from emulator.delivery.retry import PERMANENT

Attributes = dict[str, dict[str, str]]
_MESSAGES = {"INVALID_JSON": "Invalid input for target."}


def of_eventbridge(rule_arn: str, target_arn: str, result: Result, condition: str, attempts: int) -> Attributes:
    """The attributes of a dead letter of EventBridge; a failure that was not retried has the first four alone."""
    code = result.error_type or "ERROR_FROM_TARGET"
    named = {
        "ERROR_CODE": code,
        "ERROR_MESSAGE": result.error_message or _MESSAGES.get(code, code),
        "RULE_ARN": rule_arn,
        "TARGET_ARN": target_arn,
    }
    if condition != PERMANENT:
        named |= {"EXHAUSTED_RETRY_CONDITION": condition, "RETRY_ATTEMPTS": str(attempts - 1)}
    return {name: {"DataType": "String", "StringValue": value} for name, value in named.items()}


def of_lambda(request_id: str, result: Result) -> Attributes:
    """The attributes of a dead letter of Lambda."""
    return {
        "RequestID": {"DataType": "String", "StringValue": request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": str(result.code)},
        "ErrorMessage": {"DataType": "String", "StringValue": result.error_message or ""},
    }


def record(
    *, function_arn: str, request_id: str, payload: str, result: Result, condition: str, attempts: int, now: float
) -> str:
    """What a destination gets, as text: the payload stands in it as it was given, blanks and all.  `function_arn` has a
    qualifier."""
    context: Mapping[str, object] = {
        "requestId": request_id,
        "functionArn": function_arn,
        "condition": condition,
        "approximateInvokeCount": attempts,
    }
    parts = {
        "version": '"1.0"',
        "timestamp": f'"{iso_millis(now)}"',
        "requestContext": _compact(context),
        "requestPayload": payload,
    }
    if result.code != 429:  # never ran: nothing was answered
        answer: dict[str, object] = {"statusCode": result.code, "executedVersion": result.version}
        if result.status is not Status.SUCCESS and result.code == 200:
            answer["functionError"] = "Unhandled"
        parts["responseContext"] = _compact(answer)
    if result.code == 200:
        parts["responsePayload"] = result.payload.decode(errors="replace") or "null"
    return "{" + ",".join(f'"{name}":{text}' for name, text in parts.items()) + "}"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
