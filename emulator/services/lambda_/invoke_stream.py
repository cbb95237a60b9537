"""InvokeWithResponseStream: run a function, and hear its answer as it comes.

A function that does not stream answers in one piece; an error is told when the stream is complete (documentation of the
operation; its model).
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from emulator.delivery.invoke import Throttled
from emulator.delivery.streams import AnswerStream
from emulator.runtime.outcome import Outcome
from emulator.services.call import Call
from emulator.services.lambda_.invocation import (
    admitted,
    check_payload,
    decoded_context,
    refuse_loop,
    tail,
    throttled,
)
from emulator.services.lambda_.names import named, unsupported
from emulator.services.lambda_.service import lambda_api
from emulator.wire.service import Members

Event = dict[str, dict[str, Any]]


@lambda_api.operation("InvokeWithResponseStream")
async def invoke_with_response_stream(
    call: Call,
    *,
    function_name: str,
    invocation_type: str = "RequestResponse",
    log_type: str = "None",
    client_context: str | None = None,
    payload: bytes = b"",
    qualifier: str | None = None,
    tenant_id: str | None = None,
) -> Members:
    """The answer begins when the function has: what it streams is sent piece by piece."""
    if tenant_id is not None:
        raise unsupported("InvokeWithResponseStream", "TenantId")
    name = named(call, function_name, qualifier)
    run = admitted(call, name)
    if invocation_type == "DryRun":
        return {"StatusCode": 204}
    payload = payload or b"{}"
    check_payload(payload, invocation_type)
    refuse_loop(call, run)
    context = decoded_context(client_context)
    stream = AnswerStream()
    running = asyncio.ensure_future(
        call.invoker.invoke(
            run.function, payload, request_id=call.request_id, trace=run.trace, invoked_arn=name.arn,
            client_context=context, stream=stream, note=run.note,
        )
    )  # fmt: skip
    try:
        await stream.first(running)
    except Throttled as error:
        raise throttled(error) from None
    call.answer_headers["X-Amzn-Trace-Id"] = run.trace
    return {
        "StatusCode": 200,
        "ExecutedVersion": run.function.version,
        "ResponseStreamContentType": "application/vnd.amazon.eventstream",
        "EventStream": _events(stream, running, with_log=log_type == "Tail"),
    }


async def _events(stream: AnswerStream, running: "asyncio.Future[Outcome]", *, with_log: bool) -> AsyncIterator[Event]:
    async for chunk in stream.chunks():
        yield {"PayloadChunk": {"Payload": chunk}}
    outcome = await asyncio.shield(running)
    complete: Event = {"InvokeComplete": {}}
    if outcome.function_error:
        complete["InvokeComplete"] = {
            "ErrorCode": outcome.function_error,
            "ErrorDetails": outcome.payload.decode(errors="replace"),
        }
    elif not outcome.streamed:
        yield {"PayloadChunk": {"Payload": outcome.payload}}
    if with_log:
        complete["InvokeComplete"]["LogResult"] = tail(outcome.log)
    yield complete
