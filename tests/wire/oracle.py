"""botocore as the other end of the wire: its serializer makes the requests, its parsers read the responses.

And random members of any shape, always the same for the same seed.
"""

import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from emulator.wire.http import HttpRequest, HttpResponse

Members = dict[str, Any]
Shape = Any  # botocore's; its stubs tell the kinds apart by classes, its code by type_name


@cache
def botocore_model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service_name=service)


def all_operations(*services: str) -> Iterator[tuple[str, str]]:
    for service in services:
        for name in botocore_model(service).operation_names:
            yield service, name


def request_of(operation: OperationModel, members: Members) -> HttpRequest:
    """What an SDK sends."""
    service = operation.service_model
    serializer = create_serializer(service.metadata["protocol"], include_validation=False)
    raw = serializer.serialize_to_request(members, operation)
    prepare_request_dict(raw, endpoint_url="http://127.0.0.1:4566", context={"client_config": None})
    prepared = create_request_object(raw).prepare()
    url = urlsplit(prepared.url)
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    headers["authorization"] = authorization(service.signing_name)
    body = prepared.body or b""
    return HttpRequest(raw["method"], url.path, url.query, headers, body.encode() if isinstance(body, str) else body)


def authorization(service: str, key: str = "test", region: str = "us-east-1") -> str:
    scope = f"{key}/20261001/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"


def read_response(response: HttpResponse, shape: Shape, protocol: str) -> Members:
    """The members that an SDK makes of a response."""
    answer = parsed(response, shape, protocol)
    answer.pop("ResponseMetadata")
    return answer


def parsed(response: HttpResponse, shape: Shape, protocol: str) -> Members:
    """What an SDK makes of a response; a body that is a blob is not read by the parser, but given as a stream."""
    parser = create_parser(protocol)
    headers = HeadersDict(response.headers)
    payload = shape.serialization.get("payload", "") if shape else ""
    stream = payload and shape.members[payload].type_name == "blob"
    body = io.BytesIO(response.body) if stream else response.body
    answer: Members = parser.parse({"status_code": response.status, "headers": headers, "body": body}, shape)
    if stream:
        answer.pop(payload)
        answer |= {payload: response.body} if response.body else {}
    return answer


class Randomly:
    """Random members, without about half of what may be left out."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def members(self, shape: Shape, depth: int = 0) -> Members:
        found = {}
        if getattr(shape, "is_tagged_union", False):
            name, member = self._random.choice(list(shape.members.items()))
            return {name: self.value(member, depth + 1)}
        for name, member in shape.members.items() if shape else ():
            # botocore sends {} for a structure that is the whole body, when it is not given.
            whole_body = name == shape.serialization.get("payload") and member.type_name == "structure"
            wanted = name in shape.required_members or member.serialization.get("location") == "uri" or whole_body
            if wanted or self._random.random() < (0.6 if depth < 4 else 0.05):
                found[name] = self.value(member, depth + 1)
        return found

    def value(self, shape: Shape, depth: int) -> Any:
        kind = shape.type_name
        if kind == "structure":
            return self.members(shape, depth)
        if kind == "list":
            return [self.value(shape.member, depth + 1) for _ in range(self._size(shape))]
        if kind == "map":
            return {self._key(shape.key): self.value(shape.value, depth + 1) for _ in range(self._size(shape))}
        return self._scalar(shape)

    def _size(self, shape: Shape) -> int:
        # An empty list in a query string, and an empty map in headers, cannot be told from none at all.
        return self._random.randint(1 if shape.serialization.get("location") else 0, 3)

    def _key(self, shape: Shape) -> str:
        return str(self._random.choice(shape.enum)) if getattr(shape, "enum", None) else self.text()

    def _scalar(self, shape: Shape) -> Any:
        kind = shape.type_name
        if kind == "boolean":
            return self._random.random() < 0.5
        if kind in ("integer", "long"):
            return self._random.choice((0, 1, -7, 2**31 - 1, 2**40 if kind == "long" else 300))
        if kind in ("double", "float"):
            return self._random.choice((0.0, 1.0, 0.25, -1e-9, 1e21))
        if kind == "timestamp":
            return datetime(2026, 9, 26, tzinfo=UTC) + timedelta(seconds=self._random.randint(-(10**9), 10**9))
        if kind == "blob":
            return self._random.randbytes(self._random.randint(1, 40))
        if shape.enum:
            return self._random.choice(shape.enum)
        return self.plain() if shape.serialization.get("location") in ("header", "headers") else self.text()

    def plain(self) -> str:
        return "".join(self._random.choices("abcXYZ019-_:/+ .", k=8)).strip() or "x"

    def text(self) -> str:
        return "".join(self._random.choices("abcZ09-_:/+ .%?&=#~'\"\\{}<>\n\té中😀", k=self._random.randint(1, 12)))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
