"""A client's request, handed on to the endpoint that the user has named for its service.

It goes as it came, `Host` and signature included: so addresses in answers are those by which the client came, and an
endpoint that checks signatures finds them as the client made them.  Only for the real AWS is it signed anew.
"""

from collections.abc import AsyncIterator
from functools import cache, partial
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, TimeoutError

from emulator.backends.asked import Asked
from emulator.backends.lanes import Lane
from emulator.backends.place import Place
from emulator.errors import AwsError
from emulator.wire.http import HttpRequest, HttpResponse

CONNECT_SECONDS = 2.0
READ_SECONDS = 60.0
"""Between two bytes of an answer."""
WHOLE = 1024 * 1024
"""An answer that is known to be no longer is read before it is handed on."""
PART = 64 * 1024
CONNECTIONS = 64

FORWARDED = "x-ebl-forwarded"
_OF_THE_CONNECTION = frozenset({
    "connection", "content-length", "date", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization",
    "server", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip


async def forwarded(lane: Lane, place: Place, asked: Asked, request: HttpRequest) -> HttpResponse:
    """The endpoint's answer; AwsError when there is none."""
    if FORWARDED in request.headers:
        text = f"services.{asked.service}.endpoint leads back to this server."
        raise AwsError("ServiceUnavailable", text, status=508)
    return await lane.run(partial(_forwarded, lane, place, asked, request))


def _forwarded(lane: Lane, place: Place, asked: Asked, request: HttpRequest) -> HttpResponse:
    """Blocking, up to the head of a long answer, or the end of a short one."""
    endpoint = place.endpoint
    if place.real:
        from emulator.backends.signing import resigned

        endpoint, request = resigned(place, asked, request)
    try:
        answer = _sent(endpoint, request)
        length = answer.headers.get("Content-Length", "")
        headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in _OF_THE_CONNECTION]
        if request.method == "HEAD" or not length.isdecimal() or int(length) > WHOLE:
            if length:
                headers.append(("Content-Length", length))
            parts = None if request.method == "HEAD" else _parts(lane, answer)
            return HttpResponse(answer.status, tuple(headers), stream=parts)
        return HttpResponse(answer.status, tuple(headers), answer.read(decode_content=False))
    except NewConnectionError as error:  # a TimeoutError by its class alone
        raise _problem(asked, endpoint, 503, f"it cannot be reached ({error})") from error
    except TimeoutError as error:
        raise _problem(asked, endpoint, 504, f"it did not answer in time ({error})") from error
    except ProtocolError as error:
        raise _problem(asked, endpoint, 502, f"it did not answer in HTTP, or broke off ({error})") from error
    except HTTPError as error:
        raise _problem(asked, endpoint, 503, f"it cannot be reached ({error})") from error


def _sent(endpoint: str, request: HttpRequest) -> urllib3.BaseHTTPResponse:
    headers = {name: value for name, value in request.headers.items() if name not in _OF_THE_CONNECTION}
    base = urlsplit(endpoint).path.rstrip("/")
    path = base + request.path + (f"?{request.query}" if request.query else "")
    return _connections().connection_from_url(endpoint).urlopen(
        request.method, path, body=request.body or None, headers=headers | {FORWARDED: "1"},
        preload_content=False, decode_content=False, redirect=False, retries=False, assert_same_host=False,
    )  # fmt: skip


@cache
def _connections() -> urllib3.PoolManager:
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    return urllib3.PoolManager(maxsize=CONNECTIONS, timeout=timeout)


async def _parts(lane: Lane, answer: urllib3.BaseHTTPResponse) -> AsyncIterator[bytes]:
    parts = answer.stream(PART, decode_content=False)
    try:
        while part := await lane.run(partial(next, parts, b"")):
            yield part
    finally:
        answer.close()


def _problem(asked: Asked, endpoint: str, status: int, what: str) -> AwsError:
    return AwsError("ServiceUnavailable", f"services.{asked.service}.endpoint {endpoint}: {what}.", status=status)
