"""The ASGI application: /_ebl/* is FastAPI's, everything else is AWS's endpoint, which is raw ASGI.

Raw because a request through FastAPI's router costs four times as much as the whole emulator's own work for it.
FastAPI is imported for the first request that needs it, off the loop: it would be a third of the time to "Ready.".
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, MutableMapping, Sequence
from typing import Any

from emulator.app import Emulator
from emulator.server.access import refusal, refusal_of_host
from emulator.wire.http import HttpRequest, HttpResponse, HungUp, never

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

# The largest request of any of the APIs: CreateFunction with a zip, 70,167,211 bytes (recorded on AWS).
MAX_BODY = 70_167_211
# The largest of the protocol json, where all of a body is JSON that is read on the event loop: a PutEvents of less than
# 1 MiB may escape every byte as six (\u0041), and its names of buses and trace headers do not count for that limit.
MAX_JSON_BODY = 8 * 1024 * 1024
# The largest object of S3 in one request: moto, which keeps it, holds it in memory some times over meanwhile.
MAX_OBJECT = 512 * 1024 * 1024
# Parts in which a large answer is sent, so that it waits for its reader.
PART = 1024 * 1024
_WITHOUT_BODY = (204, 304)
# Also answered, because clients of other emulators look there.
_OWN = ("/_ebl", "/health", "/_localstack/health")


class TooLarge(Exception):
    """The body is longer than anything its API takes; `limit` in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"Request must be smaller than {limit} bytes")


class Gone(Exception):
    """The client hung up before it had sent all of its request."""


class Application:
    """An ASGI application for one emulator; `allowed_hosts` as in `access.refusal`."""

    def __init__(self, emulator: Emulator, allowed_hosts: Collection[str] = ()) -> None:
        self._emulator = emulator
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)
        emulator.gateway.domains = [host[2:] for host in self._allowed_hosts if host.startswith("*.")]
        self._console: asyncio.Task[Asgi] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # no lifespan: whoever serves us starts the emulator; no websockets
        try:
            await self._answer(scope, receive, send)
        except asyncio.CancelledError:
            if not self._emulator.stopping.is_set():
                raise
            # It had its time, and its connection ends with the server: there is nobody to tell.

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope["headers"])
        to_function = self._emulator.is_function_url(headers.get("host", ""), scope["path"])
        problem = (refusal_of_host if to_function else refusal)(headers, self._allowed_hosts)
        if problem is not None:
            await _respond(send, _error(403, "AccessDeniedException", problem))
        elif to_function:
            await self._function_url(scope, receive, send)
        elif _is_own(scope["path"]):
            console = await self._built_console()
            await console(scope, receive, send)
        else:
            await self._aws(scope, headers, receive, send)

    async def _built_console(self) -> Asgi:
        if self._console is None:
            self._console = asyncio.ensure_future(_build_console(self._emulator))
        return await asyncio.shield(self._console)  # a client that hangs up must not stop the others' import

    async def _aws(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        head = _request(scope, headers, b"")
        try:
            body = await _body(headers, receive, lambda: MAX_OBJECT if self._emulator.gateway.takes_large(head) else 0)
        except TooLarge as problem:
            operation = self._emulator.operation(head)
            text = f"{problem} for the {operation} operation" if operation else str(problem)  # recorded on AWS, 2025
            await _respond(send, _error(413, "RequestEntityTooLargeException", text))
            return
        except Gone:
            return
        request = _request(scope, headers, body)

        async def hung_up() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        await _respond(send, await self._emulator.handle(request, hung_up), hung_up)

    async def _function_url(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope["headers"], ",")
        client = scope.get("client") or ("127.0.0.1", 0)
        try:
            request = _request(scope, headers, await _body(headers, receive, lambda: 0))
        except TooLarge as problem:
            await _respond(send, _error(413, "RequestEntityTooLargeException", str(problem)))
            return
        except Gone:
            return
        await _respond(send, await self._emulator.function_urls.handle(request, client[0]), named=_Cased)


async def _build_console(emulator: Emulator) -> Asgi:
    def imported() -> Callable[[Emulator], Asgi]:
        from emulator.console.api import application

        return application

    return (await asyncio.to_thread(imported))(emulator)


def _request(scope: Scope, headers: dict[str, str], body: bytes) -> HttpRequest:
    path = scope.get("raw_path") or scope["path"].encode()
    return HttpRequest(scope["method"], path.decode("latin-1"), scope["query_string"].decode("latin-1"), headers, body)


def _headers(pairs: Sequence[tuple[bytes, bytes]], joint: str = ", ") -> dict[str, str]:
    """By lower-case name; the values of a repeated one are joined with a comma, so that none of them is lost."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
    if len(headers) == len(pairs):
        return headers
    together: dict[str, list[str]] = {}
    for name, value in pairs:
        together.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return {name: joint.join(values) for name, values in together.items()}


def _is_own(path: str) -> bool:
    return path.startswith("/_ebl/") or path in _OWN


async def _body(headers: dict[str, str], receive: Receive, more: Callable[[], int]) -> bytes:
    """All of the request's body; TooLarge before it has been read when its length is announced.

    `more` tells the limit for what is larger than what all others may be.
    """
    limit = MAX_JSON_BODY if headers.get("x-amz-target", "").startswith("AWSEvents.") else MAX_BODY
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit:
        limit = max(limit, more())
        if int(announced) > limit:
            raise TooLarge(limit)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            limit = max(limit, more())
            if size > limit:
                raise TooLarge(limit)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


class _Cased(bytes):
    """The name of a header that stays as it is: uvicorn would make it lower-case, a function URL of AWS does not."""

    def lower(self) -> bytes:
        return self


async def _respond(
    send: Send, response: HttpResponse, hung_up: HungUp = never, named: Callable[[bytes], bytes] = bytes.lower
) -> None:
    headers = [
        (named(name.encode("latin-1", "replace")), value.encode("latin-1", "replace"))
        for name, value in response.headers
    ]
    body = b"" if response.status in _WITHOUT_BODY else response.body
    if response.stream is None and all(name != b"content-length" for name, _ in headers):
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.stream is not None:
        await _send_parts(send, response.stream, hung_up)
        return
    last = max(0, (len(body) - 1) // PART * PART)
    for start in range(0, last, PART):
        await send({"type": "http.response.body", "body": body[start : start + PART], "more_body": True})
    await send({"type": "http.response.body", "body": body[last:] if last else body})


async def _send_parts(send: Send, parts: AsyncIterator[bytes], hung_up: HungUp) -> None:
    """As they come, until nobody listens any more."""
    gone = asyncio.ensure_future(hung_up())
    try:
        while not gone.done():
            part = asyncio.ensure_future(anext(parts, b""))
            await asyncio.wait((part, gone), return_when=asyncio.FIRST_COMPLETED)
            if not part.done():
                part.cancel()
                return
            body = part.result()
            await send({"type": "http.response.body", "body": body, "more_body": bool(body)})
            if not body:
                return
    finally:
        gone.cancel()


def _error(status: int, code: str, message: str) -> HttpResponse:
    """In a shape that every SDK reads, whatever its protocol."""
    body = json.dumps({"__type": code, "message": message}).encode()
    return HttpResponse(status, (("Content-Type", "application/json"), ("x-amzn-ErrorType", code)), body)
