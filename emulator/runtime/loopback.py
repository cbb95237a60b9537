"""HTTP/1.1 for one client on this machine: what the Runtime API is served on.

Knows no paths. A request is handed over when it is complete; one whose body is a stream is handed over at its head, and
its body as it comes. Requests of one connection are answered in their order: nobody here sends the next one before.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import httptools

MAX_BODY = 6 * 1024 * 1024 + 100
"""Of a response (interop.MaxPayloadSize of AWS's emulator); of a longer body only the length is kept."""

_MAX_HEAD = 2 * 1024 * 1024  # an error's X-Ray cause is a header, of up to a megabyte
_REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Not Allowed",
            413: "Payload Too Large", 500: "Internal Server Error"}  # fmt: skip


class Sink(Protocol):
    """Takes a body as it comes."""

    def write(self, chunk: bytes) -> None: ...

    def end(self, trailers: Mapping[str, str]) -> None: ...

    def lost(self) -> None:
        """The connection broke before the end."""
        ...


@dataclass(slots=True)
class Request:
    """`headers` by lower-case name; `length` is that of the body, which is empty when it was longer than MAX_BODY."""

    connection: "Connection"
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    length: int = 0
    extra: dict[str, str] = field(default_factory=dict)

    def reply(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.connection.reply(status, body, headers or {})

    def reply_json(self, status: int, members: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(members, separators=(",", ":")).encode()
        self.reply(status, body, {"Content-Type": "application/json", **(headers or {})})


class Handler(Protocol):
    """What is behind the connections of one listener."""

    def handle(self, request: Request) -> None: ...

    def stream(self, request: Request) -> Sink | None:
        """Asked at the head of a request with a body: where to put it as it comes, None to have it whole."""
        ...

    def opened(self, connection: "Connection") -> None: ...

    def closed(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """`authority` is the only Host that is answered: a web page may not talk to a function's environment."""

    def __init__(self, handler: Handler, authority: str) -> None:
        self._handler = handler
        self._authority = authority
        self._transport: asyncio.Transport | None = None
        self._parser: Any = httptools.HttpRequestParser(self)
        self._head = 0
        self._keep = True
        self._request: Request | None = None
        self._sink: Sink | None = None
        self._chunks: list[bytes] = []
        self._length = 0
        self._ended = False

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one, and does not say so
        self._handler.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.lost()
        self._handler.closed(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            self._keep = False
            self.reply(500, b"internal error", {})
            raise error.__context__ or error from None  # ours
        except httptools.HttpParserError:
            self._keep = False
            self.reply(400, b"malformed request", {})

    def reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Dropped when the client is gone."""
        if self._transport is None:
            return
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        close = "" if self._keep else "Connection: close\r\n"
        head = f"HTTP/1.1 {status} {_REASONS.get(status, '')}\r\n{lines}{close}Content-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode("utf-8", "replace") + body)
        if not self._keep:
            self._transport.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # httptools calls these.

    def on_message_begin(self) -> None:
        self._request = Request(self, "", "", {})
        self._sink, self._chunks, self._length, self._head, self._ended = None, [], 0, 0, False

    def on_url(self, url: bytes) -> None:
        assert self._request is not None
        self._request.path += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        assert self._request is not None
        self._head += len(name) + len(value)
        if self._head > _MAX_HEAD:
            self.close()
            return
        target = self._request.extra if self._ended else self._request.headers
        target[name.decode("latin-1").lower()] = value.decode("utf-8", "replace")

    def on_headers_complete(self) -> None:
        request = self._request
        assert request is not None
        self._ended = True  # what comes now are trailers
        request.method = self._parser.get_method().decode()
        self._keep = self._parser.should_keep_alive()
        if request.headers.get("expect", "").lower() == "100-continue" and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.method == "POST" and not self._is_foreign(request):
            self._sink = self._handler.stream(request)

    def on_body(self, chunk: bytes) -> None:
        self._length += len(chunk)
        if self._sink is not None:
            self._sink.write(chunk)
        elif self._length <= MAX_BODY:
            self._chunks.append(chunk)
        else:
            self._chunks.clear()

    def on_message_complete(self) -> None:
        request, sink = self._request, self._sink
        assert request is not None
        self._request = self._sink = None
        if sink is not None:
            sink.end(request.extra)
        elif self._is_foreign(request):
            request.reply_json(403, {"errorMessage": "Forbidden", "errorType": "Forbidden"})
        else:
            request.body, request.length = b"".join(self._chunks), self._length
            self._chunks = []
            self._handler.handle(request)

    def _is_foreign(self, request: Request) -> bool:
        headers = request.headers
        return (
            headers.get("host", self._authority) != self._authority
            or "origin" in headers
            or "sec-fetch-site" in headers
        )


async def listen(handler: Handler) -> tuple[asyncio.Server, str]:
    """A listener of its own on a free port of 127.0.0.1, and its `HOST:PORT`."""
    loop = asyncio.get_running_loop()
    authority: list[str] = []
    make: Callable[[], Connection] = lambda: Connection(handler, authority[0])  # noqa: E731
    server = await loop.create_server(make, "127.0.0.1", 0)
    authority.append(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    return server, authority[0]
