"""botocore's clients of the neighbours.

A client costs 50 ms and more to make, so each is made once.  Those of embedded services have no connection: the request
that botocore has prepared is answered by moto on the spot, in the thread of the caller.  botocore's own retries are
off: the caller knows better when to try again.
"""

import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore import UNSIGNED, xform_name
from botocore import exceptions as errors
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.config import Config
from botocore.parsers import ResponseParserError
from botocore.response import StreamingBody

from emulator.backends import quiet
from emulator.backends.asked import Asked
from emulator.backends.change import Trouble
from emulator.backends.context import WORK
from emulator.backends.place import Place
from emulator.wire.http import HttpRequest, HttpResponse

CONNECT_SECONDS = 2.0
READ_SECONDS = 30.0
"""Between two bytes of an answer: a consumer of SQS may wait for 20 seconds."""
CONNECTIONS = 16

Answer = Callable[[Asked, HttpRequest], HttpResponse]
Told = Callable[[Asked, str | None], None]


class Clients:
    """For any thread.  `answer` answers for embedded services, `url` tells where this server listens (queues have
    URLs), and `told` is called after each call that succeeded, with its trace header."""

    def __init__(self, answer: Answer, url: Callable[[], str], told: Told) -> None:
        self._answer = answer
        self._url = url
        self._told = told
        self._made: dict[tuple[str, str, str, Place | None], BaseClient] = {}
        self._lock = threading.Lock()

    def client(self, service: str, account: str, region: str, place: Place | None) -> BaseClient:
        """Blocks for a while when it is not made yet.  `place` None: the embedded service."""
        key = (service, account, region, place)
        with self._lock:
            found = self._made.get(key)
            if found is None:
                found = self._made[key] = self._make(*key)
            return found

    def _make(self, service: str, account: str, region: str, place: Place | None) -> BaseClient:
        if place is not None and place.real:
            session, key, secret = botocore.session.Session(), None, None
        else:
            session, key, secret = quiet.session(), account, "test"
        made: Any = session.create_client(
            service, region_name=region, endpoint_url="http://localhost" if place is None else place.endpoint or None,
            aws_access_key_id=key, aws_secret_access_key=secret, config=_config(embedded=place is None),
        )  # fmt: skip
        told = Asked(service, made.meta.service_model.signing_name, "", account, region)
        events = made.meta.events
        events.register_first("before-call", _carry_trace)
        events.register_last("after-call", self._telling(told))
        if place is None:
            events.register_first("before-send", self._answering(told))
        return made  # type: ignore[no-any-return]

    def _answering(self, asked: Asked) -> Callable[..., AWSResponse]:
        def answer(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
            operation = event_name.rpartition(".")[2]
            response = self._answer(_for(asked, operation), _as_value(request, urlsplit(self._url()).netloc))
            headers: Any = {"Content-Length": str(len(response.body)), **dict(response.headers)}
            return AWSResponse(request.url, response.status, headers, _Raw(response.body))

        return answer

    def _telling(self, asked: Asked) -> Callable[..., None]:
        def tell(http_response: AWSResponse, model: Any, **_: Any) -> None:
            if http_response.status_code < 300:
                self._told(_for(asked, model.name), WORK.get().trace)

        return tell


def called(make: Callable[[], BaseClient], operation: str, members: dict[str, Any]) -> dict[str, Any] | Trouble:
    """Run an operation of the client that `make` gives; what goes wrong is a value."""
    try:
        client = make()
        if client.meta.method_to_api_mapping.get(xform_name(operation)) != operation:
            name = client.meta.service_model.service_name
            return Trouble("ValidationError", f"{name} has no operation {operation!r}.")
        answer: dict[str, Any] = getattr(client, xform_name(operation))(**members)
        answer.pop("ResponseMetadata", None)
        return {name: value.read() if isinstance(value, StreamingBody) else value for name, value in answer.items()}
    except errors.ClientError as refused:
        error = refused.response.get("Error", {})
        status = refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        return Trouble(error.get("Code", "Unknown"), error.get("Message", str(refused)), int(status))
    except (errors.ReadTimeoutError, errors.ConnectTimeoutError) as late:
        return Trouble("Timeout", str(late))
    except errors.HTTPClientError as unreachable:
        return Trouble("ConnectionError", str(unreachable))
    except ResponseParserError as nonsense:
        return Trouble("InvalidResponse", str(nonsense))
    except (errors.NoCredentialsError, errors.ProfileNotFound, errors.PartialCredentialsError) as unsigned:
        return Trouble("NoCredentials", str(unsigned))
    except (errors.BotoCoreError, TypeError, ValueError) as wrong:  # members that are none, or cannot be written
        return Trouble("ValidationError", str(wrong))


def _config(*, embedded: bool) -> Config:
    unheeded: Any = {"ignore_configured_endpoint_urls": True}  # AWS_ENDPOINT_URL may well name this server
    return Config(
        connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, max_pool_connections=CONNECTIONS,
        retries={"total_max_attempts": 1}, s3={"addressing_style": "path"},
        signature_version=UNSIGNED if embedded else None, **unheeded,
    )  # fmt: skip


def _for(asked: Asked, operation: str) -> Asked:
    return Asked(asked.service, asked.signing, operation, asked.account, asked.region)


def _carry_trace(params: dict[str, Any], **_: Any) -> None:
    trace = WORK.get().trace
    if trace is not None:
        params["headers"]["X-Amzn-Trace-Id"] = trace


def _as_value(request: AWSPreparedRequest, host: str) -> HttpRequest:
    url = urlsplit(request.url)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    headers |= {"host": host, "authorization": "in process"}
    return HttpRequest(request.method, url.path or "/", url.query, headers, _body(request.body))


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body if isinstance(body, bytes | bytearray) else body.read())


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _Raw(BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self, amt: int = 65536, decode_content: bool = False) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk
