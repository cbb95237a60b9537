"""Invoke: run a function now, put an invocation into its queue, or only ask whether one could."""

import base64
import json

from emulator.errors import AwsError
from emulator.matching.reader import fault_in
from emulator.services.call import Call
from emulator.services.lambda_.names import LATEST, found, named, not_found
from emulator.services.lambda_.service import lambda_api
from emulator.wire.service import Members

# AWS Lambda quotas, 2026: bytes of a request.
_MAX_SYNC = 6 * 1024 * 1024
_MAX_ASYNC = 1024 * 1024
_LOG_TAIL = 4096


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
) -> Members:
    """The invocation's id is that of the request, as on AWS; no payload at all is delivered as `{}`."""
    name = named(call, function_name, qualifier)
    function = found(call, name)
    if function is None:
        # Unlike other operations, Invoke names $LATEST when nothing was asked for (recorded on AWS, 2025).
        raise not_found(f"Function not found: {name.unqualified}:{name.qualifier or LATEST}")
    if invocation_type == "DryRun":
        return {"StatusCode": 204}
    payload = payload or b"{}"
    _check_payload(payload, invocation_type)
    trace = call.headers.get("x-amzn-trace-id")
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
    try:
        json.loads(payload)
    except (ValueError, RecursionError) as error:
        problem = fault_in(payload.decode(errors="replace")) or str(error)
        raise AwsError(
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {problem}",
            {"Type": "User"},
        ) from error


def _decoded(client_context: str | None) -> str | None:
    if client_context is None:
        return None
    try:
        text = base64.b64decode(client_context, validate=True).decode()
        json.loads(text)
    except ValueError as error:
        raise AwsError(
            "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.",
            {"Type": "User"},
        ) from error  # fmt: skip
    return text
