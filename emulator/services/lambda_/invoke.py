"""Invoke: run a function now, put an invocation into its queue, or only ask whether one could."""

import base64
import json
import re
from typing import NoReturn

from emulator.errors import AwsError
from emulator.ids import new_hex
from emulator.matching.fault import fault_in
from emulator.matching.places import REDACTED
from emulator.services.call import Call
from emulator.services.lambda_.names import found, named, not_found
from emulator.services.lambda_.service import lambda_api
from emulator.store.functions import LATEST
from emulator.wire.service import Members

# AWS Lambda quotas, 2026: bytes of a request.
_MAX_SYNC = 6 * 1024 * 1024
_MAX_ASYNC = 1024 * 1024
_LOG_TAIL = 4096
_KEY = re.compile(r"\b(?:Root|Parent|Sampled)=")


@lambda_api.operation("Invoke")
async def invoke(
    call: Call,
    *,
    function_name: str,
    invocation_type: str = "RequestResponse",
    log_type: str = "None",
    client_context: str | None = None,
    payload: bytes = b"",
    qualifier: str | None = None,
    tenant_id: str | None = None,
    durable_execution_name: str | None = None,
) -> Members:
    """The invocation's id is that of the request, as on AWS; no payload at all is delivered as `{}`."""
    _refuse_given(TenantId=tenant_id, DurableExecutionName=durable_execution_name)
    name = named(call, function_name, qualifier)
    function = found(call, name)
    if function is None:
        # Unlike other operations, Invoke names $LATEST when nothing was asked for (recorded on AWS, 2025).
        raise not_found(f"Function not found: {name.unqualified}:{name.qualifier or LATEST}")
    if invocation_type == "DryRun":
        return {"StatusCode": 204}
    payload = payload or b"{}"
    _check_payload(payload, invocation_type)
    trace = call.headers.get("x-amzn-trace-id") or _new_trace(call)
    call.answer_headers.update(_answer_headers(trace, invocation_type))
    if invocation_type == "Event":
        # No client context: asynchronous invocations do not get one (recorded on AWS, Sep 2026).
        call.worker.enqueue(function.account, function.region, name.arn, payload.decode(), call.request_id, trace)
        return {"StatusCode": 202}
    outcome = await call.invoker.invoke(
        function,
        payload,
        request_id=call.request_id,
        trace=trace,
        invoked_arn=name.arn,
        client_context=_decoded(client_context),
    )
    answer: Members = {"StatusCode": 200, "ExecutedVersion": LATEST, "Payload": outcome.payload}
    if outcome.function_error:
        answer["FunctionError"] = outcome.function_error
    if log_type == "Tail":
        answer["LogResult"] = base64.b64encode(outcome.log.encode()[-_LOG_TAIL:]).decode()
    return answer


def _check_payload(payload: bytes, invocation_type: str) -> None:
    limit = _MAX_ASYNC if invocation_type == "Event" else _MAX_SYNC
    if len(payload) > limit:
        raise AwsError(
            "RequestTooLargeException",
            f"{len(payload)} byte payload is too large for the {invocation_type} invocation type (limit {limit} bytes)",
            {"Type": "User"},
            status=413,
        )
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


def _refuse_given(**members: str | None) -> None:
    """What would change the invocation must not be dropped in silence."""
    for name, value in members.items():
        if value is not None:
            raise AwsError("NotImplementedException", f"lambda:Invoke: {name} is not emulated.", status=501)


def _new_trace(call: Call) -> str:
    """What Lambda makes when the caller gave no trace (recorded on AWS in September 2026)."""
    return f"Root=1-{int(call.clock.now()):08x}-{new_hex(24)};Parent={new_hex(16)};Sampled=0"


def _answer_headers(trace: str, invocation_type: str) -> dict[str, str]:
    """Beside the model's: the keys of the trace are lower-case after an asynchronous Invoke (recorded, Sep 2026)."""
    if invocation_type == "Event":
        trace = _KEY.sub(lambda key: key[0].lower(), trace)
    return {"x-amzn-Remapped-Content-Length": "0", "X-Amzn-Trace-Id": trace}


def _decoded(client_context: str | None) -> str | None:
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
