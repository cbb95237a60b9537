"""Which operation is a request, and may it have changed something?  For every protocol, from botocore's models."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs

from emulator.backends.names import form
from emulator.wire.http import HttpRequest
from emulator.wire.models import Model, Operation, load_model

_READS = re.compile(
    r"(?:Batch|Transact)?(?:Get|List|Describe|Head|Query|Scan|Select|Search|Lookup|Filter|Test|Check|Validate|Estimate"
    r"|Preview|Receive|Poll|Detect|Decode|Simulate|Verify)(?![a-z])"
)
_RPC = re.compile(r"/service/[^/]+/operation/([^/]+)")


def changes(operation: str) -> bool:
    """May this operation have changed something that others wait for?  ReceiveMessage hides a message: it has not."""
    return _READS.match(operation) is None


def operation_of(service: str, request: HttpRequest, bucket: str | None = None) -> str:
    """The operation's name as AWS has it (`SendMessage`); an empty text when it cannot be told.  `bucket` is the one
    that the `Host` names."""
    target = request.headers.get("x-amz-target")
    if target is not None:
        return target.rpartition(".")[2]
    rpc = _RPC.fullmatch(request.path)
    if rpc is not None:
        return rpc[1]
    return form(request).get("Action") or _by_path(service, request, f"/{bucket}" if bucket else "")


def _by_path(service: str, request: HttpRequest, prefix: str) -> str:
    """Of the operations with this path, the one that asks for most of what the request has: an UploadPart is a
    PutObject with a part's number in its query string, a CopyObject one with a header that names the source."""
    try:
        routes = _routes(service)
    except LookupError:
        return ""
    path, query = prefix + request.path, parse_qs(request.query, keep_blank_values=True)
    for route in routes:
        if route.takes(request, path, query):
            return route.operation
    return ""


@dataclass(frozen=True, slots=True)
class _Route:
    operation: str
    method: str
    path: re.Pattern[str]
    query: tuple[tuple[str, str], ...]
    """Names that must be there, and the value where it must be a certain one."""
    headers: tuple[str, ...]

    def takes(self, request: HttpRequest, path: str, query: dict[str, list[str]]) -> bool:
        return (
            self.method == request.method
            and all(name in query and value in ("", *query[name]) for name, value in self.query)
            and all(name in request.headers for name in self.headers)
            and self.path.fullmatch(path) is not None
        )

    @property
    def wants(self) -> tuple[int, int]:
        labels = self.path.pattern.count("+")
        return len(self.query) + len(self.headers), self.path.pattern.count("/") - labels


@cache
def _routes(service: str) -> list[_Route]:
    """The most demanding first."""
    return sorted(_made(load_model(service)), key=lambda route: route.wants, reverse=True)


def _made(model: Model) -> Iterator[_Route]:
    if model.protocol.startswith("rest"):
        for operation in model.operations.values():
            path, _, constants = operation.uri.partition("?")
            query = {name: values[0] for name, values in parse_qs(constants, keep_blank_values=True).items()}
            query |= dict.fromkeys(_required(operation, "querystring"), "")
            headers = tuple(name.lower() for name in _required(operation, "header"))
            yield _Route(operation.name, operation.method, _pattern(path), tuple(query.items()), headers)


def _required(operation: Operation, location: str) -> Iterator[str]:
    shape = operation.input
    if shape is not None:
        yield from (
            shape.members[name].wire_name for name in shape.required if shape.members[name].location == location
        )


def _pattern(path: str) -> re.Pattern[str]:
    parts = [
        ".+" if part.endswith("+}") else "[^/]+" if part.startswith("{") else re.escape(part)
        for part in path.strip("/").split("/")
    ]
    return re.compile("/" + "/".join(parts) + "/?")
