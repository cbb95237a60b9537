"""What the three ways to invoke a function have in common: which function is meant, whether it may be run now, and
whether its payload is JSON."""

import base64
import json
from dataclasses import dataclass
from typing import NoReturn

from emulator.delivery.invoke import Throttled
from emulator.delivery.loops import allows_loops
from emulator.delivery.permissions import Mode
from emulator.delivery.trace import functions_before
from emulator.errors import AwsError
from emulator.ids import new_hex
from emulator.matching.fault import fault_in
from emulator.matching.places import REDACTED
from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, found, not_found
from emulator.store.functions import LATEST, FunctionRow, Named

# AWS Lambda quotas, 2026: bytes of a request.
MAX_SYNC = 6 * 1024 * 1024
MAX_ASYNC = 1024 * 1024
_LOG_TAIL = 4096


@dataclass(frozen=True, slots=True)
class Admitted:
    """The version that runs; `note` is what AWS would have said to it, `trace` the X-Ray header that it gets."""

    function: FunctionRow
    note: str | None
    trace: str


def admitted(call: Call, name: FunctionName) -> Admitted:
    """Raises AwsError for a function that is not there, or that the caller may not run."""
    function = found(call, name, call.invoker.dice)
    if function is None:
        # Unlike other operations, Invoke names $LATEST when nothing was asked for (recorded on AWS, 2025).
        raise not_found(f"Function not found: {name.unqualified}:{name.qualifier or LATEST}")
    note = None
    if name.account != call.account:
        named = Named(name.account, name.region, name.name, name.qualifier or LATEST)
        refusal = call.permissions.of_account(named, name.arn, call.account)
        if refusal is not None and call.permissions.mode is Mode.ENFORCE:
            raise AwsError("AccessDeniedException", refusal.text, status=403)
        note = None if refusal is None else refusal.note
    return Admitted(function, note, call.headers.get("x-amzn-trace-id") or _new_trace(call))


def refuse_loop(call: Call, admitted: Admitted) -> None:
    """Functions that call each other, on and on (the text is ours)."""
    passed = functions_before(admitted.trace)
    if passed >= call.worker.max_depth and not allows_loops(call.store.settings, admitted.function.arn):
        raise AwsError(
            "RecursiveInvocationException",
            f"{passed} functions have invoked each other, one after the other: this looks like a loop, and it ends"
            f" here. Where it is none, set max_depth (now {call.worker.max_depth}) in config.yaml, or RecursiveLoop to"
            f" Allow (PutFunctionRecursionConfig).",
            {"Type": "User"},
        )


def throttled(error: Throttled) -> AwsError:
    """Recorded on AWS, 2025."""
    members = {"Reason": error.reason, "Type": "User"}
    return AwsError("TooManyRequestsException", "Rate Exceeded.", members)


def tail(log: str) -> str:
    """The last 4 KB, Base64."""
    return base64.b64encode(log.encode()[-_LOG_TAIL:]).decode()


def check_payload(payload: bytes, invocation_type: str) -> None:
    limit = MAX_ASYNC if invocation_type == "Event" else MAX_SYNC
    if len(payload) > limit:
        raise too_large("RequestTooLargeException", payload, invocation_type, limit)
    check_json(payload)


def too_large(code: str, payload: bytes, invocation_type: str, limit: int) -> AwsError:
    text = f"{len(payload)} byte payload is too large for the {invocation_type} invocation type (limit {limit} bytes)"
    return AwsError(code, text, {"Type": "User"}, status=413)


def check_json(payload: bytes) -> None:
    problem = _fault(payload)
    if problem is not None:
        raise AwsError(
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {problem}",
            {"Type": "User"},
        )


def _fault(payload: bytes) -> str | None:
    """Why this is no JSON text in UTF-8, in the words of Jackson (recorded on AWS; of a wrong byte, from Jackson)."""
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        before = payload[: error.start].decode()
        column = len(before) - before.rfind("\n") + 1
        kind = "start" if error.reason == "invalid start byte" else "middle"
        place = f"[Source: {REDACTED}; line: {before.count(chr(10)) + 1}, column: {column}]"
        return f"Invalid UTF-8 {kind} byte 0x{payload[error.start]:x}\n at {place}"
    try:
        _parse(text)
    except (ValueError, RecursionError) as error:
        return fault_in(text) or str(error)
    return None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_parse = json.JSONDecoder(parse_constant=_no_constant).decode


def decoded_context(client_context: str | None) -> str | None:
    if client_context is None:
        return None
    try:
        text = base64.b64decode(client_context, validate=True).decode()
        _parse(text)
    except (ValueError, RecursionError) as error:
        raise AwsError(
            "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.",
            {"Type": "User"},
        ) from error  # fmt: skip
    return text


def _new_trace(call: Call) -> str:
    """What Lambda makes when the caller gave no trace (recorded on AWS in September 2026)."""
    return f"Root=1-{int(call.clock.now()):08x}-{new_hex(24)};Parent={new_hex(16)};Sampled=0"
