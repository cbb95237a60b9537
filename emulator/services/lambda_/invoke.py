"""Invoke: run a function now, put an invocation into its queue, or only ask whether one could."""

import re

from emulator.delivery.invoke import Throttled
from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.services.lambda_.invocation import (
    admitted,
    check_json,
    check_payload,
    decoded_context,
    refuse_loop,
    tail,
    throttled,
    too_large,
)
from emulator.services.lambda_.names import named
from emulator.services.lambda_.service import lambda_api
from emulator.wire.service import Members

_MAX_INVOKE_ASYNC = 256 * 1024  # of the older operation, as it always was (recorded on AWS, Sep 2026)
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
    run = admitted(call, name)
    function, trace = run.function, run.trace
    if invocation_type == "DryRun":
        return {"StatusCode": 204}
    payload = payload or b"{}"
    check_payload(payload, invocation_type)
    call.answer_headers.update(_answer_headers(trace, invocation_type))
    if invocation_type == "Event":
        # No client context: asynchronous invocations do not get one (recorded on AWS, Sep 2026).
        call.worker.enqueue(function.account, function.region, name.arn, payload.decode(), call.request_id, trace)
        return {"StatusCode": 202}
    refuse_loop(call, run)
    try:
        outcome = await call.invoker.invoke(
            function,
            payload,
            request_id=call.request_id,
            trace=trace,
            invoked_arn=name.arn,
            client_context=decoded_context(client_context),
            note=run.note,
        )
    except Throttled as error:
        raise throttled(error) from None
    answer: Members = {"StatusCode": 200, "ExecutedVersion": function.version, "Payload": outcome.payload}
    if outcome.function_error:
        answer["FunctionError"] = outcome.function_error
    if log_type == "Tail":
        answer["LogResult"] = tail(outcome.log)
    return answer


@lambda_api.operation("InvokeAsync")
def invoke_async(call: Call, *, function_name: str, invoke_args: bytes) -> Members:
    """The older way to put an invocation into the queue."""
    name = named(call, function_name)
    run = admitted(call, name)
    payload = invoke_args or b"{}"
    if len(payload) > _MAX_INVOKE_ASYNC:
        raise too_large("RequestEntityTooLargeException", payload, "Event", _MAX_INVOKE_ASYNC)
    check_json(payload)
    call.worker.enqueue(name.account, name.region, name.arn, payload.decode(), call.request_id, run.trace)
    return {"Status": 202}


def _refuse_given(**members: str | None) -> None:
    """What would change the invocation must not be dropped in silence."""
    for name, value in members.items():
        if value is not None:
            raise AwsError("NotImplementedException", f"lambda:Invoke: {name} is not emulated.", status=501)


def _answer_headers(trace: str, invocation_type: str) -> dict[str, str]:
    """Beside the model's: the keys of the trace are lower-case after an asynchronous Invoke (recorded, Sep 2026)."""
    if invocation_type == "Event":
        trace = _KEY.sub(lambda key: key[0].lower(), trace)
    return {"x-amzn-Remapped-Content-Length": "0", "X-Amzn-Trace-Id": trace}
