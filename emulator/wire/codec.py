"""Members in, members out, over HTTP: a table, protocol -> reader and writer.

Everything is compiled once per operation, when it is first used. Knows no service, and does not check constraints.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

from emulator.errors import AwsError
from emulator.wire import refusals, rest
from emulator.wire.http import HttpRequest, HttpResponse
from emulator.wire.models import Members, Model, Operation
from emulator.wire.reading import Readers, parse
from emulator.wire.writing import Writers, to_bytes

Labels = Mapping[str, str]
Reader = Callable[[HttpRequest, Labels], Members]
Writer = Callable[[Members, str], HttpResponse]


@dataclass(frozen=True, slots=True)
class Protocol:
    reader: Callable[[Operation], Reader]
    writer: Callable[[Operation], Writer]
    error: Callable[[Model, AwsError, str], HttpResponse]


@cache
def reader(operation: Operation) -> Reader:
    """Request and labels of the URI (decoded) -> members; raises SerializationException."""
    return PROTOCOLS[operation.model.protocol].reader(operation)


@cache
def writer(operation: Operation) -> Writer:
    """Members and request id -> the response of a success."""
    return PROTOCOLS[operation.model.protocol].writer(operation)


def write_error(model: Model | None, error: AwsError, request_id: str) -> HttpResponse:
    """The response of a refusal in the service's own shape; when none is known, in one that all SDKs can read."""
    if model is not None:
        return PROTOCOLS[model.protocol].error(model, error, request_id)
    body = to_bytes({"__type": error.code, "message": error.message})
    headers = (("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", error.code), ("Content-Type", "application/json"))
    return HttpResponse(error.status or 400, headers, body)


def write_foreign_error(request: HttpRequest, service: str | None, error: AwsError, request_id: str) -> HttpResponse:
    """The refusal of a request to a service that is not here: its SDK may only understand XML."""
    query = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if not query and service not in _REST_XML:
        return write_error(None, error, request_id)
    wrapped = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if query:  # protocols query and ec2: STS, IAM, SNS, CloudFormation, …
        told = f"<Error><Type>Sender</Type>{wrapped}</Error><RequestId>{request_id}</RequestId>"
        body = f"<ErrorResponse>{told}</ErrorResponse>"
    else:
        body = f"<Error>{wrapped}<RequestId>{request_id}</RequestId></Error>"
    headers = (("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", error.code), ("Content-Type", "text/xml"))
    return HttpResponse(error.status or 400, headers, f'<?xml version="1.0"?>{body}'.encode())


# Signing names of the services whose protocol is rest-xml (botocore's models, November 2026).
_REST_XML = frozenset({"s3", "s3express", "s3-outposts", "route53", "cloudfront"})


def _json_reader(operation: Operation) -> Reader:
    shape = operation.input
    read = Readers().structure(shape) if shape else None
    return lambda request, labels: read(parse(request.body)) if read and request.body else {}


def _json_writer(operation: Operation) -> Writer:
    content_type = ("Content-Type", f"application/x-amz-json-{operation.model.metadata['jsonVersion']}")
    shape = operation.output
    write = Writers().structure(shape) if shape else None

    def respond(members: Members, request_id: str) -> HttpResponse:
        body = to_bytes(write(members)) if write else b""
        return HttpResponse(200, (("x-amzn-RequestId", request_id), content_type), body)

    return respond


def _json_error(model: Model, error: AwsError, request_id: str) -> HttpResponse:
    """AWS answers 400 to every refusal in this protocol, not found included; 500 when the fault is its own."""
    shape = model.error(error.code)
    body = {"__type": error.code} | refusals.body_of(shape, refusals.members_of(shape, error))
    content_type = ("Content-Type", f"application/x-amz-json-{model.metadata['jsonVersion']}")
    status = error.status or (shape.error_status if shape else 400)
    return HttpResponse(status, (("x-amzn-RequestId", request_id), content_type), to_bytes(body))


PROTOCOLS = {
    "json": Protocol(_json_reader, _json_writer, _json_error),
    "rest-json": Protocol(rest.reader, rest.writer, rest.error),
}
