"""What a function answers -> what its URL sends: the status, the headers with their names and order, the body.  Pure.

Recorded on AWS, September 2026 (buffered and streamed answers, each on URLs of both invoke modes), but where a comment
says otherwise.
"""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.services.lambda_.url_cors import ORDER, Header, merged
from emulator.wire.http import HttpResponse

INTEGRATION = "application/vnd.awslambda.http-integration-response"
"""Content type of a stream that begins with a prelude: JSON with status, headers and cookies, then eight NUL bytes."""
END_OF_PRELUDE = bytes(8)
JSON = "application/json"
_BYTES = "application/octet-stream"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# About the connection: ours, whatever the handler says.
_OURS = frozenset({"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_FAILED = b"Internal Server Error"


@dataclass(frozen=True, slots=True)
class Head:
    """What comes before the body; `headers` in order."""

    status: int
    headers: tuple[Header, ...]


class BadAnswer(Exception):
    """What the function said is no answer to a request: it is a 502."""


def failed() -> HttpResponse:
    """The answer of a function that failed: no details."""
    return HttpResponse(502, (("Content-Type", JSON),), _FAILED)


def of_payload(payload: bytes, cors: list[Header]) -> HttpResponse:
    """Of a buffered URL.  `cors` is what the URL's configuration adds."""
    answer = _read(payload)
    try:
        if isinstance(answer, dict) and answer.get("statusCode") is not None:
            head = _head(answer, cors, JSON, streamed=False)
            return HttpResponse(head.status, head.headers, _body(answer))
    except BadAnswer:
        return failed()
    body = answer.encode() if isinstance(answer, str) else payload
    return HttpResponse(200, _plain(JSON, cors), body)


def of_payload_streamed(payload: bytes, cors: list[Header]) -> HttpResponse:
    """Of a streaming URL whose function does not stream: status and headers count, and the body is all of the JSON."""
    answer = _read(payload)
    try:
        if isinstance(answer, dict) and answer.get("statusCode") is not None:
            head = _head(answer, cors, JSON, streamed=True)
            return HttpResponse(head.status, head.headers, payload)
    except BadAnswer:
        return failed()
    return HttpResponse(200, _plain(JSON, cors), payload)


def of_stream_buffered(content_type: str, content: bytes, cors: list[Header]) -> HttpResponse:
    """Of a buffered URL whose function streamed `content`, all in all: a prelude counts, and the body is lost."""
    if not content:
        return HttpResponse(200, _plain(JSON, cors), b"")
    if content_type == INTEGRATION:
        prelude, found, _ = content.partition(END_OF_PRELUDE)
        try:
            head = head_of_stream(prelude, cors) if found else None
        except BadAnswer:
            head = None
        return failed() if head is None else HttpResponse(head.status, head.headers, b"")
    return HttpResponse(200, _plain(_BYTES, cors), content)


def head_of_stream(prelude: bytes, cors: list[Header]) -> Head:
    """Of a streaming URL: what the prelude says.  Raises BadAnswer."""
    answer = _read(prelude)
    if not isinstance(answer, dict):
        raise BadAnswer
    return _head({"statusCode": 200, **answer}, cors, _BYTES, streamed=True)


def head_without_prelude(content_type: str, cors: list[Header]) -> Head:
    """Of a streaming URL whose function streams nothing but a body."""
    return Head(200, _plain(content_type, cors))


def _read(payload: bytes) -> Any:
    """None for what is no JSON: it is sent as it is."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def _plain(content_type: str, cors: list[Header]) -> tuple[Header, ...]:
    return (("Content-Type", content_type), *cors)


def _head(answer: Mapping[str, Any], cors: list[Header], default_type: str, *, streamed: bool) -> Head:
    given = answer.get("headers") or {}
    if not isinstance(given, Mapping):
        raise BadAnswer
    own = [(str(name).lower(), _text(value)) for name, value in given.items() if value is not None]
    if not all(_TOKEN.fullmatch(name) for name, _ in own):
        raise BadAnswer
    content_type = next((value for name, value in own if name == "content-type"), default_type)
    before, after = merged([h for h in own if h[0] in ORDER], cors, streamed=streamed)
    others = [h for h in own if h[0] not in ("content-type", "set-cookie", *ORDER) and h[0] not in _OURS]
    headers = [("Content-Type", content_type), *before, *_cookies(answer, own), *others, *after]
    return Head(_status(answer["statusCode"]), tuple((name, _one_line(value)) for name, value in headers))


def _status(value: Any) -> int:
    """From 200 to 599, others do not end an answer; recorded for 700.  Digits in text count (not recorded)."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not re.fullmatch(r"[2-5]\d\d", str(value)):
        raise BadAnswer
    return int(value)


def _cookies(answer: Mapping[str, Any], own: list[Header]) -> list[Header]:
    """Under the name of the handler's own header, when it has set one as well; that one goes first."""
    first = [header for header in own if header[0] == "set-cookie"]
    name = "set-cookie" if first else "Set-Cookie"
    cookies = answer.get("cookies") or []
    return [*first, *((name, _text(cookie)) for cookie in (cookies if isinstance(cookies, list) else [cookies]))]


def _one_line(value: str) -> str:
    """No header of a handler's may begin another one, or end them."""
    return re.sub(r"[\r\n\0]+", " ", value)


def _body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    return _decoded(body) if answer.get("isBase64Encoded") is True else body.encode(errors="replace")


def _decoded(text: str) -> bytes:
    """What is no Base64 is passed over, `-` and `_` are letters of its other alphabet, `=` ends it."""
    letters = _NOT_BASE64.sub("", text.partition("=")[0].replace("-", "+").replace("_", "/"))
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return b64decode(letters + "=" * (-len(letters) % 4))


def _text(value: Any) -> str:
    """As Java prints what is no text: `{bad=true}`."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return str(value)
