"""Which service and which operation is this request for, and on whose behalf.

The service is told by the name that the request was signed with: `/tags/…` exists in three services. Signatures are not
verified. Without a signature the X-Amz-Target header or, when one service only has it, the path decides.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qs, unquote

from emulator.errors import AwsError
from emulator.wire.http import HttpRequest
from emulator.wire.models import SERVICES, Model, Operation, load_model

ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Credential:
    """The credential scope of a request; `service` is None when it was not signed, `key` is the access key id."""

    service: str | None
    account: str = ACCOUNT
    region: str = REGION
    key: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    operation: Operation
    labels: Mapping[str, str]


def credential(request: HttpRequest) -> Credential:
    """From the Authorization header, or from the query string of a presigned URL.

    A 12-digit access key id is the account, any other stands for 000000000000.
    """
    header = request.headers.get("authorization", "")
    scope = _CREDENTIAL.search(header)
    text = scope[1] if scope else parse_qs(request.query).get("X-Amz-Credential", [""])[0]
    key, *parts = text.split("/")
    if len(parts) < 3:
        return Credential(None)
    service, region = parts[-2], parts[-3] if len(parts) > 3 else request.headers.get("x-amz-region-set", "")
    account = key if len(key) == 12 and key.isascii() and key.isdigit() else ACCOUNT
    return Credential(service, account, region if region not in ("", "*") else REGION, key)


def model_of(request: HttpRequest, service: str | None) -> Model:
    """The model of the service that a request is for; AwsError when that is none of ours."""
    if service is not None:
        if service not in SERVICES:
            raise AwsError(
                "UnknownServiceException", f"There is no service {service!r} here, only {_NAMES}.", status=501
            )
        return load_model(service)
    target = request.headers.get("x-amz-target", "").partition(".")[0]
    models = [load_model(name) for name in SERVICES]
    if target:
        found = [model for model in models if model.metadata.get("targetPrefix") == target]
    else:
        found = [model for model in models if model.protocol == "rest-json" and _find_path(model, request)]
    if len(found) != 1:
        raise AwsError(
            "MissingAuthenticationTokenException",
            f"{_asked(request)}: not signed, so it cannot be told which service this is for ({_NAMES}).",
            status=403,
        )
    return found[0]


def route(model: Model, request: HttpRequest) -> Route:
    """The operation that a request to this service asks for; UnknownOperationException when there is none such."""
    found = _find_target(model, request) if model.protocol == "json" else _find_path(model, request)
    if found is None:
        raise AwsError("UnknownOperationException", f"{_asked(request)}: {model.service} has no such operation.")
    return found


_NAMES = ", ".join(SERVICES)
_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")


def _asked(request: HttpRequest) -> str:
    return request.headers.get("x-amz-target") or f"{request.method} {request.path}"


def _find_target(model: Model, request: HttpRequest) -> Route | None:
    prefix, _, name = request.headers.get("x-amz-target", "").partition(".")
    operation = model.operations.get(name) if prefix == model.metadata["targetPrefix"] else None
    return Route(operation, {}) if operation else None


def _find_path(model: Model, request: HttpRequest) -> Route | None:
    segments = request.path.strip("/").split("/")
    for leaf, values in _table(model).walk((request.method, *segments)):
        constants = parse_qs(request.query, keep_blank_values=True) if leaf.constants else {}
        if all(value in constants.get(name, ()) for name, value in leaf.constants):
            labels = zip(leaf.labels, values, strict=True)
            return Route(leaf.operation, {label: unquote(value) for label, value in labels})
    return None


@dataclass(frozen=True, slots=True)
class _Leaf:
    operation: Operation
    labels: tuple[str, ...]
    constants: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Node:
    """A tree of path segments.  A literal goes before a label, a label before a greedy one."""

    literals: dict[str, "_Node"] = field(default_factory=dict)
    label: "_Node | None" = None
    greedy: "_Node | None" = None
    leaves: list[_Leaf] = field(default_factory=list)

    def walk(self, segments: tuple[str, ...], values: tuple[str, ...] = ()) -> Iterator[tuple[_Leaf, tuple[str, ...]]]:
        if not segments:
            for leaf in self.leaves:
                yield leaf, values
            return
        first, rest = segments[0], segments[1:]
        if first in self.literals:
            yield from self.literals[first].walk(rest, values)
        if self.label and first:
            yield from self.label.walk(rest, (*values, first))
        if self.greedy and first:
            for end in range(len(segments), 0, -1):
                yield from self.greedy.walk(segments[end:], (*values, "/".join(segments[:end])))


@cache
def _table(model: Model) -> _Node:
    root = _Node()
    for operation in model.operations.values():
        path, _, query = operation.uri.partition("?")
        node, labels = root, []
        for segment in (operation.method, *path.strip("/").split("/")):
            if not segment.startswith("{"):
                node = node.literals.setdefault(segment, _Node())
                continue
            labels.append(segment.strip("{+}"))
            if segment.endswith("+}"):
                node.greedy = node = node.greedy or _Node()
            else:
                node.label = node = node.label or _Node()
        constants = parse_qs(query, keep_blank_values=True)
        leaf = _Leaf(operation, tuple(labels), tuple((name, values[0]) for name, values in constants.items()))
        node.leaves.append(leaf)
        node.leaves.sort(key=lambda leaf: -len(leaf.constants))
    return root
