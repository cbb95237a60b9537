"""A request to a function URL -> the event that the function gets: payload format 2.0.  Pure.

Recorded on AWS, September 2026, but where a comment says otherwise.  What AWS adds about TLS (`x-amzn-tls-…`) is left
out: there is none here.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from emulator.services.lambda_.url_address import domain_of
from emulator.wire.http import HttpRequest

# Bodies of these types are text, all others come as Base64: forms, too (documentation of HTTP APIs: it is theirs).
_TEXT = ("text/", "application/json", "application/xml", "application/javascript")
_TEXT_SUFFIXES = ("+json", "+xml")
_NO_BODY_LENGTH = ("HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a request beside what it says.  `path` is that within the function's URL, raw; `caller` is the
    account and the key that signed it, None for nobody; `peer` is the client's address; `trace` the header that AWS
    would have made."""

    url_id: str
    region: str
    path: str
    request_id: str
    now: float
    trace: str
    peer: str = "127.0.0.1"
    caller: tuple[str, str] | None = None


def event_of(request: HttpRequest, asked: Asked) -> bytes:
    """The event, JSON."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": asked.path,
        "rawQueryString": request.query,
    }
    cookies = [part.strip() for part in request.headers.get("cookie", "").split(";") if part.strip()]
    if cookies:
        event["cookies"] = cookies
    event["headers"] = _headers(request, asked)
    if request.query:
        event["queryStringParameters"] = _query(request.query)
    event["requestContext"] = _context(request, asked)
    if request.body:
        event["body"], encoded = _body(request)
        event["isBase64Encoded"] = encoded
    else:
        event["isBase64Encoded"] = False
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _headers(request: HttpRequest, asked: Asked) -> dict[str, str]:
    """Cookies are no headers here (documentation of HTTP APIs, whose format it is)."""
    headers = {name: value for name, value in request.headers.items() if name != "cookie"}
    if request.method not in _NO_BODY_LENGTH:
        headers.setdefault("content-length", str(len(request.body)))
    forwarded = headers.get("x-forwarded-for")
    return headers | {
        "x-amzn-trace-id": asked.trace,
        "x-forwarded-for": f"{forwarded}, {asked.peer}" if forwarded else asked.peer,
        "x-forwarded-proto": "http",
        "x-forwarded-port": _port(headers.get("host", "")),
    }


def _port(host: str) -> str:
    port = host.rpartition(":")[2]
    return port if port.isdecimal() else "80"


def _query(text: str) -> dict[str, str]:
    """Decoded; of a parameter that comes twice, the values with a comma between them."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _context(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    domain = domain_of(asked.url_id, asked.region)
    moment = datetime.fromtimestamp(asked.now, UTC)
    return {
        "accountId": "anonymous" if asked.caller is None else asked.caller[0],
        "apiId": asked.url_id,
        **_authorizer(asked.caller),
        "domainName": domain,
        "domainPrefix": asked.url_id,
        "http": {
            "method": request.method,
            "path": unquote(asked.path, errors="replace"),
            "protocol": "HTTP/1.1",
            "sourceIp": asked.peer,
            "userAgent": request.headers.get("user-agent"),
        },
        "requestId": asked.request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(asked.now * 1000),
    }


def _authorizer(caller: tuple[str, str] | None) -> Mapping[str, Any]:
    """Of a signed request (documentation, 2026); here everybody is the root of his account."""
    if caller is None:
        return {}
    account, key = caller
    iam = {
        "accessKey": key,
        "accountId": account,
        "callerId": account,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": f"arn:aws:iam::{account}:root",
        "userId": account,
    }
    return {"authorizer": {"iam": iam}}


def _body(request: HttpRequest) -> tuple[str, bool]:
    """The body as text, and whether that is Base64."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith(_TEXT) or kind.endswith(_TEXT_SUFFIXES):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return b64encode(request.body).decode(), True
