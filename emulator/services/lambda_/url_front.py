"""Function URLs: a web request in, a function's answer out.

Refusals and their texts recorded on AWS (2025 and September 2026) but where a comment says otherwise.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

from emulator.clock import Clock
from emulator.delivery.invoke import Invoker, Throttled
from emulator.delivery.permissions import Mode, Permissions, Refusal
from emulator.delivery.streams import AnswerStream
from emulator.delivery.trace import seen_by_function
from emulator.ids import new_hex, new_id
from emulator.services.lambda_ import url_response
from emulator.services.lambda_.url_address import address_of, id_in
from emulator.services.lambda_.url_cors import Cors, Header
from emulator.services.lambda_.url_event import Asked, event_of
from emulator.services.lambda_.url_pages import refusal
from emulator.store.database import Store
from emulator.store.functions import LATEST, FunctionRow, Named
from emulator.store.settings import Setting
from emulator.wire.http import HttpRequest, HttpResponse
from emulator.wire.router import credential

MAX_REQUEST = 6 * 1024 * 1024
"""Bytes of an event (AWS quota, 2026)."""
_FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues,"
    " see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
_DENIED = "AccessDeniedException"


class FunctionUrls:
    """Every function URL of the emulator."""

    def __init__(self, store: Store, clock: Clock, invoker: Invoker, permissions: Permissions) -> None:
        self._store = store
        self._clock = clock
        self._invoker = invoker
        self._permissions = permissions

    def addresses(self, account: str, region: str, server: str) -> list[tuple[str, str]]:
        """Each function (`NAME`, `NAME:ALIAS`) with its URL, for who calls the server by its URL `server`."""
        host = server.partition("://")[2]
        return [
            (
                _arn(Named(*setting.key[1:])).partition(":function:")[2],
                address_of(setting.members["UrlId"], region, host),
            )
            for setting in self._store.settings.all("url", account, region)
        ]

    async def handle(self, request: HttpRequest, peer: str) -> HttpResponse:
        """Answers a request for which `url_address.id_in` finds an id; `peer` is the client's address."""
        found = id_in(request.headers.get("host", ""), request.path)
        setting = None if found is None else self._store.settings.url(found[0])
        if found is None or setting is None:
            return _error(403, _DENIED, None)
        cors = Cors(setting.members.get("Cors"))
        preflight = preflight_of(request, cors)
        if preflight is not None:
            return preflight
        why = refusal(request.headers, cors)
        if why is not None:
            return _error(403, _DENIED, why)
        return await self._invoke(request, setting, found[1], peer, cors)

    async def _invoke(self, request: HttpRequest, setting: Setting, path: str, peer: str, cors: Cors) -> HttpResponse:
        named = Named(*setting.key[1:])
        function = self._store.functions.resolve(*named, dice=self._invoker.dice)
        if function is None:  # the alias is gone
            return _error(403, _DENIED, _FORBIDDEN)
        caller = _caller(request) if setting.members["AuthType"] == "AWS_IAM" else None
        refused = self._permissions.of_url(named, _arn(named), setting.members["AuthType"], caller and caller[0])
        if refused is not None and self._permissions.mode is Mode.ENFORCE:
            return _error(403, _DENIED, _FORBIDDEN)
        now, request_id = self._clock.now(), new_id()
        root = f"1-{int(now):08x}-{new_hex(24)}"
        given = f"Self=1-{int(now):08x}-{new_hex(24)};Root={root}"
        asked = Asked(setting.members["UrlId"], named.region, path, request_id, now, given, peer, caller)
        payload = event_of(request, asked)
        if len(payload) > MAX_REQUEST:  # not recorded
            return _error(413, "RequestEntityTooLargeException", "Request Entity Too Large")
        trace = f"Root={root};Parent={new_hex(16)};Sampled=0"
        answer = await self._answer(request, setting, function, payload, request_id, trace, cors, refused)
        ids = (("x-amzn-RequestId", request_id), ("X-Amzn-Trace-Id", seen_by_function(trace, request_id)))
        return replace(answer, headers=(*answer.headers, *ids))

    async def _answer(
        self, request: HttpRequest, setting: Setting, function: FunctionRow, payload: bytes, request_id: str,
        trace: str, cors: Cors, refused: Refusal | None,
    ) -> HttpResponse:  # fmt: skip
        stream = AnswerStream()
        mode = setting.members.get("InvokeMode", "BUFFERED")
        running = asyncio.ensure_future(
            self._invoker.invoke(
                function, payload, request_id=request_id, trace=trace, invoked_arn=_arn(Named(*setting.key[1:])),
                stream=stream, note=None if refused is None else refused.note,
            )
        )  # fmt: skip
        try:
            await stream.first(running)
        except Throttled as throttled:
            return _error(429, "TooManyRequestsException", "Rate Exceeded.", Reason=throttled.reason, Type="User")
        if stream.content_type is None or mode == "BUFFERED" or request.method == "HEAD":
            outcome = await asyncio.shield(running)  # a client that hangs up does not stop the handler
            content = outcome.payload if stream.content_type is None else await stream.all()
            return answer_of(
                request, cors, mode, content, failed=outcome.function_error is not None, stream_type=stream.content_type
            )
        return await _streamed(stream, cors.of_answer(request.headers.get("origin")))


def preflight_of(request: HttpRequest, cors: Cors) -> HttpResponse | None:
    """The answer to a browser that asks whether a page may; the function is not asked.  None for all else."""
    origin, method = request.headers.get("origin"), request.headers.get("access-control-request-method")
    if request.method != "OPTIONS" or origin is None or method is None or not cors:
        return None
    allowed = cors.of_preflight(origin, method, request.headers.get("access-control-request-headers", ""))
    return HttpResponse(200, (("Content-Type", url_response.JSON), *allowed))


def answer_of(
    request: HttpRequest, cors: Cors, mode: str, payload: bytes, *, failed: bool, stream_type: str | None = None
) -> HttpResponse:
    """All of an answer at once.  `payload` is what the function answered or, with a `stream_type`, all that it
    streamed."""
    added = cors.of_answer(request.headers.get("origin"))
    answer = _whole(mode, payload, added, failed, stream_type)
    return answer if request.method != "HEAD" else HttpResponse(answer.status, answer.headers)


def _whole(mode: str, payload: bytes, added: list[Header], failed: bool, stream_type: str | None) -> HttpResponse:
    if stream_type is None and mode == "BUFFERED":
        return url_response.failed() if failed else url_response.of_payload(payload, added)
    if stream_type is None:
        return url_response.of_payload_streamed(payload, added)
    if mode == "BUFFERED" or not payload:
        return url_response.of_stream_buffered(stream_type, payload, added)
    prelude, found, body = payload.partition(url_response.END_OF_PRELUDE)
    if stream_type != url_response.INTEGRATION:
        head, body = url_response.head_without_prelude(stream_type, added), payload
        return HttpResponse(head.status, head.headers, body)
    try:
        head = url_response.head_of_stream(prelude if found else b"", added)
    except url_response.BadAnswer:
        return url_response.failed()
    return HttpResponse(head.status, head.headers, body)


async def _streamed(stream: AnswerStream, added: list[Header]) -> HttpResponse:
    """The head, as soon as it is there, and the rest as it comes."""
    chunks = stream.chunks()
    assert stream.content_type is not None
    if stream.content_type != url_response.INTEGRATION:
        first = await anext(chunks, b"")
        if not first:
            return url_response.of_stream_buffered(stream.content_type, b"", added)
        head = url_response.head_without_prelude(stream.content_type, added)
        return HttpResponse(head.status, head.headers, stream=_after(first, chunks))
    begun = b""
    while url_response.END_OF_PRELUDE not in begun:
        piece = await anext(chunks, b"")
        if not piece:
            return url_response.of_stream_buffered(stream.content_type, begun, added)
        begun += piece
    prelude, _, rest = begun.partition(url_response.END_OF_PRELUDE)
    try:
        head = url_response.head_of_stream(prelude, added)
    except url_response.BadAnswer:
        return url_response.failed()
    return HttpResponse(head.status, head.headers, stream=_after(rest, chunks))


async def _after(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for chunk in chunks:
        yield chunk


def _caller(request: HttpRequest) -> tuple[str, str] | None:
    """Account and access key of who signed the request; None when nobody did."""
    signed = credential(request)
    key = request.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
    return (signed.account, key) if signed.service == "lambda" else None


def _arn(function: Named) -> str:
    """Without a qualifier for the function itself."""
    return function.arn.removesuffix(f":{LATEST}")


def _error(status: int, code: str, message: str | None, **members: str) -> HttpResponse:
    headers = (("x-amzn-ErrorType", code), ("Content-Type", url_response.JSON))
    return HttpResponse(status, headers, json.dumps({"Message": message, **members}, separators=(",", ":")).encode())
