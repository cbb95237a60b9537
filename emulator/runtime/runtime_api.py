"""The Runtime API: one environment's, whose runtime fetches invocations here and brings back what came of them.

    GET  /2018-06-01/runtime/invocation/next            waits for one
    POST /2018-06-01/runtime/invocation/ID/response     the result, whole or as a stream
    POST /2018-06-01/runtime/invocation/ID/error        what the handler failed with
    POST /2018-06-01/runtime/init/error                 what the cold start failed with
    GET  /2018-06-01/ping

States, answers and errors are those of AWS's runtime interface emulator. Knows no processes: it tells a Listener.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Protocol

from emulator.runtime.loopback import MAX_BODY, Request, Sink
from emulator.runtime.outcome import Invocation

STARTED, READY, RUNNING, SENT, INIT_ERROR = "Started", "Ready", "Running", "ResponseSent", "InitError"
_RESPONSE, _ERROR = "InvocationResponse", "InvocationErrorResponse"
_PREFIX = "/2018-06-01/"
_INVOCATION = re.compile(r"runtime/invocation/([^/]+)/(response|error)")
_OK = b'{"status":"OK"}\n'
_JSON = {"Content-Type": "application/json"}
JSON_TYPE = "application/json"


class Listener(Protocol):
    """Whose runtime it is."""

    def runtime_ready(self) -> None:
        """It waits for an invocation: after its cold start, or after an invocation."""
        ...

    def runtime_responded(self, payload: bytes, content_type: str) -> None: ...

    def runtime_failed(self, payload: bytes, error_type: str) -> None: ...

    def runtime_response_too_large(self) -> None: ...

    def runtime_init_failed(self, payload: bytes, error_type: str) -> None: ...

    def stream_began(self, content_type: str) -> None: ...

    def stream_continued(self, chunk: bytes) -> None: ...

    def stream_ended(self, error_type: str, error_body: bytes) -> None:
        """`error_type` is "" for one that ended well."""
        ...

    def stream_broke(self) -> None: ...


class RuntimeApi:
    """`state` is one of AWS's names. `request_id` is of the invocation that runs, or ran last."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.state = STARTED
        self.request_id = ""
        self._poll: Request | None = None
        self._given: tuple[Mapping[str, str], bytes] | None = None

    def restart(self) -> None:
        """A new runtime is about to be started."""
        self.state, self.request_id, self._poll, self._given = STARTED, "", None, None

    def invoke(self, invocation: Invocation, deadline_ms: int) -> None:
        """Hand it to the runtime that waits."""
        self.state, self.request_id = RUNNING, invocation.request_id
        headers, payload = _headers(invocation, deadline_ms), invocation.payload or b"{}"
        if self._poll is not None and self._poll.connection.is_open:
            self._poll.reply(200, payload, headers)
        else:  # it hung up, and will ask again
            self._given = headers, payload
        self._poll = None

    def over(self) -> None:
        """The invocation was answered for the runtime: it ran out of time, or ended."""
        self.state = SENT

    def routes(self, request: Request) -> Callable[[Request], None] | None:
        """Who answers this request; None when it is none of this API."""
        if not request.path.startswith(_PREFIX):
            return None
        path = request.path.removeprefix(_PREFIX)
        found = _INVOCATION.fullmatch(path)
        if found is not None and request.method == "POST":
            return self._respond if found[2] == "response" else self._fail
        return {
            ("GET", "runtime/invocation/next"): self._next,
            ("POST", "runtime/init/error"): self._init_error,
            ("GET", "ping"): lambda request: request.reply(200, b"pong", {"Content-Type": "text/plain"}),
        }.get((request.method, path))

    def stream(self, request: Request) -> Sink | None:
        """Where the body goes, when it is a streamed response to the invocation that runs."""
        found = _INVOCATION.fullmatch(request.path.removeprefix(_PREFIX))
        mode = request.headers.get("lambda-runtime-function-response-mode", "")
        if found is None or found[2] != "response" or mode.lower() != "streaming":
            return None
        if found[1] != self.request_id or self.state != RUNNING:
            return None  # refused with its whole body
        self.state = _RESPONSE
        return _Stream(self, request, self._listener)

    def _next(self, request: Request) -> None:
        if self.state in (RUNNING, _RESPONSE, INIT_ERROR):
            if self._given is not None:
                headers, payload = self._given
                self._given = None
                request.reply(200, payload, headers)
            else:
                _refuse_transition(request, self.state, READY)
            return
        self._poll = request
        if self.state != READY:
            self.state = READY
            self._listener.runtime_ready()

    def _respond(self, request: Request) -> None:
        mode = request.headers.get("lambda-runtime-function-response-mode", "")
        if not self._may_answer(request, _RESPONSE):
            return
        if mode:
            _error(request, 400, "InvalidResponseModeHeader", f"Invalid function response mode: {mode}")
            return
        self.state = SENT
        if request.length > MAX_BODY:
            message = f"Exceeded maximum allowed payload size ({MAX_BODY} bytes)."
            _error(request, 413, "RequestEntityTooLarge", message)
            self._listener.runtime_response_too_large()
            return
        request.reply(202, _OK, _JSON)
        self._listener.runtime_responded(request.body, request.headers.get("content-type", JSON_TYPE))

    def _fail(self, request: Request) -> None:
        if self._may_answer(request, _ERROR):
            self.state = SENT
            request.reply(202, _OK, _JSON)
            self._listener.runtime_failed(request.body, _type_of(request))

    def _init_error(self, request: Request) -> None:
        if self.state != STARTED:
            _refuse_transition(request, self.state, INIT_ERROR)
            return
        self.state = INIT_ERROR
        request.reply(202, _OK, _JSON)
        self._listener.runtime_init_failed(request.body, _type_of(request))

    def _may_answer(self, request: Request, to: str) -> bool:
        found = _INVOCATION.fullmatch(request.path.removeprefix(_PREFIX))
        if found is None or found[1] != self.request_id:
            _error(request, 400, "InvalidRequestID", "Invalid request ID")
            return False
        if self.state != RUNNING:
            _refuse_transition(request, self.state, to)
            return False
        return True

    def _streamed(self, request: Request, trailers: Mapping[str, str]) -> None:
        self.state = SENT
        request.reply(202, _OK, _JSON)
        body = trailers.get("lambda-runtime-function-error-body", "")
        try:
            error_body = base64.b64decode(body, validate=True)
        except binascii.Error:
            error_body = body.encode()
        self._listener.stream_ended(trailers.get("lambda-runtime-function-error-type", ""), error_body)


class _Stream:
    def __init__(self, api: RuntimeApi, request: Request, listener: Listener) -> None:
        self._api = api
        self._request = request
        self._listener = listener
        self._id = api.request_id
        content_type = request.headers.get("content-type", "application/octet-stream")
        listener.stream_began(content_type)

    def write(self, chunk: bytes) -> None:
        if self._is_current():
            self._listener.stream_continued(chunk)

    def end(self, trailers: Mapping[str, str]) -> None:
        if self._is_current():
            self._api._streamed(self._request, trailers)
        else:
            _refuse_transition(self._request, self._api.state, _RESPONSE)

    def lost(self) -> None:
        if self._is_current():
            self._api.state = SENT
            self._listener.stream_broke()

    def _is_current(self) -> bool:
        return self._api.state == _RESPONSE and self._api.request_id == self._id


def _headers(invocation: Invocation, deadline_ms: int) -> dict[str, str]:
    """What the runtime is told beside the payload."""
    headers = {
        "Content-Type": JSON_TYPE,
        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
        "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
        "Lambda-Runtime-Invoked-Function-Arn": invocation.invoked_arn,
    }
    if invocation.trace is not None:
        headers["Lambda-Runtime-Trace-Id"] = invocation.trace
    if invocation.client_context is not None:  # on one line, whatever it was on
        headers["Lambda-Runtime-Client-Context"] = json.dumps(json.loads(invocation.client_context))
    if invocation.tenant_id is not None:
        headers["Lambda-Runtime-Aws-Tenant-Id"] = invocation.tenant_id
    return headers


def _type_of(request: Request) -> str:
    return request.headers.get("lambda-runtime-function-error-type", "")


def _refuse_transition(request: Request, state: str, to: str) -> None:
    text = f"State transition from {state} to {to} failed for runtime. Error: State transition is not allowed"
    _error(request, 403, "InvalidStateTransition", text)


def _error(request: Request, status: int, error_type: str, message: str) -> None:
    request.reply_json(status, {"errorMessage": message, "errorType": error_type})
