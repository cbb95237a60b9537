"""The protocol rest-json: members stand in the URI, the query string, headers, the status and the body."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from emulator.errors import AwsError
from emulator.wire import eventstream, refusals
from emulator.wire.http import HttpRequest, HttpResponse
from emulator.wire.models import Member, Members, Model, Operation, Shape
from emulator.wire.reading import Readers, parse
from emulator.wire.scalars import read_json_value, read_text, unreadable, write_blob, write_text
from emulator.wire.writing import Writers, dumps, to_bytes

Labels = Mapping[str, str]
Query = Mapping[str, list[str]]
Take = Callable[[HttpRequest, Labels, Query], Any]

_TIME_FORMATS = {"header": "rfc822", "headers": "rfc822", "querystring": "iso8601", "uri": "iso8601"}


def reader(operation: Operation) -> Callable[[HttpRequest, Labels], Members]:
    shape = operation.input
    if shape is None:
        return lambda request, labels: {}
    located = [(member.name, _taker(member, shape)) for member in shape.members.values() if member.location]
    has_query = any(member.location == "querystring" for member in shape.members.values())
    read_body = _body_reader(shape)

    def read(request: HttpRequest, labels: Labels) -> Members:
        members = read_body(request.body) if read_body and request.body else {}
        query = _query(request.query) if has_query else {}
        for name, take in located:
            value = take(request, labels, query)
            if value is not None:
                members[name] = value
        return members

    return read


def writer(operation: Operation) -> Callable[[Members, str], HttpResponse]:
    shape = operation.output
    if shape is None:
        return lambda members, request_id: HttpResponse(operation.status, (("x-amzn-RequestId", request_id),))
    if shape.payload is not None and shape.payload.shape.traits.get("eventstream"):
        return _stream_writer(operation, shape, shape.payload)
    write_body = _body_writer(shape)
    in_headers = [member for member in shape.members.values() if member.location in ("header", "headers")]
    status_member = next((m.name for m in shape.members.values() if m.location == "statusCode"), "")

    def respond(members: Members, request_id: str) -> HttpResponse:
        status = members.get(status_member, operation.status)
        headers = [("x-amzn-RequestId", request_id)]
        for member in in_headers:
            headers += _headers(member, members.get(member.name))
        body = b"" if status in (204, 304) else write_body(members)
        if body and not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", "application/json"))
        return HttpResponse(status, tuple(headers), body)

    return respond


def _stream_writer(operation: Operation, shape: Shape, events: Member) -> Callable[[Members, str], HttpResponse]:
    """The member of the events is an asynchronous iterator of them; where there is none, there is no body."""
    encode = eventstream.encoder(events.shape)
    in_headers = [member for member in shape.members.values() if member.location == "header"]
    status_member = next((m.name for m in shape.members.values() if m.location == "statusCode"), "")

    def respond(members: Members, request_id: str) -> HttpResponse:
        status = members.get(status_member, operation.status)
        headers = [("x-amzn-RequestId", request_id)]
        for member in in_headers:
            headers += _headers(member, members.get(member.name))
        if members.get(events.name) is None:
            return HttpResponse(status, tuple(headers))
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", eventstream.CONTENT_TYPE))
        chunks = eventstream.encoded(members[events.name], encode)
        return HttpResponse(status, tuple(headers), stream=chunks)

    return respond


def error(model: Model, refusal: AwsError, request_id: str) -> HttpResponse:
    shape = model.error(refusal.code)
    members = refusals.members_of(shape, refusal)
    headers = [
        ("x-amzn-RequestId", request_id),
        ("x-amzn-ErrorType", refusal.code + model.metadata.get("errorTypeSuffix", "")),
        ("Content-Type", "application/json"),
    ]
    for member in shape.members.values() if shape else ():
        if member.location in ("header", "headers"):
            headers += _headers(member, members.pop(member.name, None))
    status = refusal.status or (shape.error_status if shape else 400)
    return HttpResponse(status, tuple(headers), to_bytes(refusals.body_of(shape, members)))


def _query(text: str) -> Query:
    try:
        return parse_qs(text, keep_blank_values=True, errors="strict") if text else {}
    except ValueError:
        raise unreadable("the query string is not UTF-8") from None


def _body_reader(shape: Shape) -> Callable[[bytes], Members] | None:
    payload = shape.payload
    if payload is not None:
        name, read = payload.name, _payload_reader(payload)
        return lambda body: {name: read(body)}
    members = {name: member for name, member in shape.members.items() if member.location is None}
    if not members:
        return None
    structure = Readers().structure(shape, members)
    return lambda body: structure(parse(body))


def _payload_reader(payload: Member) -> Callable[[bytes], Any]:
    if payload.shape.type == "blob":
        return bytes
    if payload.shape.type == "string":
        return _utf8
    read = Readers().member(payload)
    return lambda body: read(parse(body))


def _utf8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise unreadable("the body is not UTF-8") from None


def _taker(member: Member, shape: Shape) -> Take:
    """What finds one member outside the body; None when it is not there."""
    name, text = member.wire_name, _text_reader(member)
    if member.location == "uri":
        return lambda request, labels, query: text(labels[name])
    if member.location == "header":
        return lambda request, labels, query: _given(request.headers.get(name.lower()), text)
    if member.location == "headers":
        return lambda request, labels, query: _prefixed(request.headers, name.lower())
    if member.shape.type == "list":
        return lambda request, labels, query: [text(value) for value in query.get(name, ())] or None
    if member.shape.type == "map":
        named = {other.wire_name for other in shape.members.values() if other.location == "querystring"} - {name}
        many = member.shape.value.shape.type == "list"
        return lambda request, labels, query: _rest_of(query, named, many)
    return lambda request, labels, query: _given(next(iter(query.get(name, ())), None), text)


def _text_reader(member: Member) -> Callable[[str], Any]:
    shape = member.shape.item.shape if member.shape.type == "list" else member.shape
    if member.traits.get("jsonvalue"):
        return read_json_value
    if member.shape.type == "list" and member.location == "header":
        return lambda text: [read_text(part.strip(), shape.type, "rfc822") for part in text.split(",")]
    time_format = _time_format(member)
    return lambda text: read_text(text, shape.type, time_format)


def _time_format(member: Member) -> str:
    own = member.traits.get("timestampFormat") or member.shape.traits.get("timestampFormat")
    return str(own or _TIME_FORMATS[member.location or "header"])


def _given(text: str | None, read: Callable[[str], Any]) -> Any:
    return None if text is None else read(text)


def _prefixed(headers: Mapping[str, str], prefix: str) -> dict[str, str] | None:
    return {name[len(prefix) :]: value for name, value in headers.items() if name.startswith(prefix)} or None


def _rest_of(query: Query, named: set[str], many: bool) -> dict[str, Any] | None:
    return {key: values if many else values[0] for key, values in query.items() if key not in named} or None


def _body_writer(shape: Shape) -> Callable[[Members], bytes]:
    nulls = bool(shape.model.metadata.get("writesNulls"))
    payload = shape.payload
    if payload is not None:
        name, write = payload.name, _payload_writer(payload, nulls)
        return lambda members: write(members[name]) if members.get(name) is not None else b""
    members = {name: member for name, member in shape.members.items() if member.location is None}
    if shape.members and not members:
        return lambda members: b""
    structure = Writers(nulls=nulls).structure(shape, members)
    return lambda members: to_bytes(structure(members))


def _payload_writer(payload: Member, nulls: bool) -> Callable[[Any], bytes]:
    shape = payload.shape
    if shape.type in ("blob", "string"):
        return lambda value: value.encode() if isinstance(value, str) else bytes(value)
    write = Writers(nulls=nulls).member(payload)
    return lambda value: to_bytes(write(value) if write else value)


def _headers(member: Member, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    if member.location == "headers":
        return [(member.wire_name + key, str(inner)) for key, inner in value.items()]
    if member.traits.get("jsonvalue"):
        return [(member.wire_name, write_blob(dumps(value)))]
    time_format = _time_format(member)
    if member.shape.type == "list":
        item = member.shape.item.shape.type
        return [(member.wire_name, ",".join(write_text(inner, item, time_format) for inner in value))]
    return [(member.wire_name, write_text(value, member.shape.type, time_format))]
