"""A request as moto's code wants it, and an answer as it gives one.

Account and region are those of the request's credentials, as everywhere: moto is told the account in a header, and the
region by the credential scope, which is written anew in the form that moto reads.
"""

import re
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from emulator.backends.asked import Asked
from emulator.errors import AwsError
from emulator.ids import new_id
from emulator.wire.codec import write_foreign_error
from emulator.wire.http import HttpRequest, HttpResponse

Handler = Callable[[Any, str, Any], Any]
Paths = list[tuple[re.Pattern[str], Handler]]

# The server's own: it sends a date, a length and what the connection wants.
_DROPPED = frozenset({"status", "server", "date", "connection", "transfer-encoding", "content-length"})
_IP = re.compile(r"\d+(\.\d+){3}|\[.*\]")


def answered(paths: Paths, asked: Asked, request: HttpRequest) -> HttpResponse:
    """What moto answers.  Raises AwsError for what moto does not have."""
    path = f"/{asked.bucket}{request.path}" if asked.bucket else request.path
    if asked.service == "s3":
        check_method(asked, request)
    handler = next((handler for pattern, handler in paths if pattern.match(path)), None)
    if handler is None:
        raise not_implemented(asked, request)
    from botocore.model import OperationNotFoundError
    from moto.core.request import Request
    from werkzeug.exceptions import HTTPException

    made: Any = Request(_environ(asked, request, path))
    made.from_wsgi_server = True
    made.get_data()  # a form is read from this then, and the body is still there
    if request.method == "PUT":
        made.form = made.files = {}  # curl calls everything a form
    try:
        answer = handler(made, made.raw_url, made.headers)
    except HTTPException as refused:
        answer = refused.code, dict(refused.get_headers()), refused.get_body()
    except (NotImplementedError, OperationNotFoundError) as error:
        raise not_implemented(asked, request) from error
    return _response(answer, asked, request)


def check_method(asked: Asked, request: HttpRequest) -> None:
    """What is posted to an object and is none of S3's operations (moto would fail of it)."""
    place = request.path.strip("/")
    if request.method == "POST" and not asked.operation and ("/" in place or (asked.bucket and place)):
        text = "The specified method is not allowed against this resource."
        raise AwsError("MethodNotAllowed", text, status=405)


def not_implemented(asked: Asked, request: HttpRequest) -> AwsError:
    if "smithy-protocol" in request.headers:
        text = f"moto, which answers for {asked.service} here, does not speak CBOR: let the SDK use another protocol."
        return AwsError("NotImplementedException", text, status=501)
    what = asked.operation or f"{request.method} {request.path}"
    text = f"moto, which answers for {asked.service} here, does not have {what}."
    return AwsError("NotImplementedException", text, status=501)


def _environ(asked: Asked, request: HttpRequest, path: str) -> dict[str, Any]:
    """As WSGI has it (PEP 3333), with the path as it came in RAW_URI, as servers add it."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "RAW_URI": path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
    }
    spelt = {}
    for name, value in request.headers.items():
        key = "HTTP_" + name.upper().replace("-", "_")
        environ[key] = value
        if "_" in name:
            spelt[key] = name
    environ["moto.preserved_header_names"] = spelt
    environ["CONTENT_LENGTH"] = str(len(request.body))
    if "HTTP_CONTENT_TYPE" in environ:
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")
    elif asked.service != "s3" and "Action=" in request.query:
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"  # by which moto knows the protocol of the answer
    for name in ("HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
        environ.pop(name, None)
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = asked.account
    environ["HTTP_USER_AGENT"] = ""  # moto would look for a region in it
    if asked.service == "s3":
        environ["HTTP_HOST"] = _without_bucket(environ.get("HTTP_HOST", ""))
    if asked.service != "s3" or "HTTP_AUTHORIZATION" in environ:
        scope = f"{asked.key or asked.account}/20260101/{asked.region}/{asked.signing}/aws4_request"
        environ["HTTP_AUTHORIZATION"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    return environ


def _without_bucket(host: str) -> str:
    """moto would take the first word of a name with dots for a bucket, whatever name that is."""
    name, _, port = host.partition(":")
    if "." not in name or _IP.fullmatch(name) or host.startswith("["):
        return host
    return f"localhost:{port}" if port else "localhost"


def _response(answer: Any, asked: Asked, request: HttpRequest) -> HttpResponse:
    status, headers, body = answer if isinstance(answer, tuple) and len(answer) == 3 else (200, {}, answer)
    content = _bytes(body)
    if int(status) == 403 and not content and asked.service == "s3":  # moto leaves the body out
        return write_foreign_error(request, "s3", AwsError("AccessDenied", "Access Denied", status=403), new_id())
    given = [(str(name), str(value)) for name, value in dict(headers).items() if name.lower() not in _DROPPED]
    if request.method == "HEAD":
        length = next((value for name, value in dict(headers).items() if name.lower() == "content-length"), "0")
        given.append(("Content-Length", str(length)))
    return HttpResponse(int(status), tuple(given), content)


def _bytes(body: str | bytes | Iterable[bytes] | None) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else b"".join(body)
