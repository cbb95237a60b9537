"""AWS service models: what AWS declares about its operations, shapes, limits and errors.

The model files are those that botocore ships; they are read as data, without importing botocore: to import
`botocore.model` costs 110 ms (it pulls in urllib3, ssl and dateutil), to read a model here 1 to 8 ms.
`patches/*.json` correct a model where recordings of AWS disagree with it. Knows no protocol and no service of ours.
"""

import gzip
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

Members = dict[str, Any]
"""AWS member names -> values, as botocore gives them to (and takes them from) the user of an SDK.  A handler may give
timestamps as epoch seconds, too."""

SERVICES = ("events", "lambda", "scheduler", "pipes", "schemas")
"""The APIs whose models are known, by botocore's name; it is also the name that their requests are signed with."""

PATCHES = Path(__file__).with_name("patches")


@cache
def load_model(service: str) -> "Model":
    """The model of a service of SERVICES, patched; read once.  LookupError when botocore has no such service."""
    raw = _read(_newest(service))
    protocol = raw["metadata"]["protocol"]
    for name, shape in _patch(protocol).get("shapes", {}).items():
        raw["shapes"].setdefault(name, shape)
    _merge(raw, _patch(service))
    return Model(service, raw)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A member of a structure, or the element, key or value of a collection; `traits`: what the model says here."""

    name: str
    shape: "Shape"
    traits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def wire_name(self) -> str:
        return str(self.traits.get("locationName", self.name))

    @property
    def location(self) -> str | None:
        """uri, querystring, header, headers, statusCode; None: in the body."""
        return self.traits.get("location")


@dataclass(frozen=True, eq=False)
class Shape:
    """A type of the model; `traits` is all that the model says about it (min, max, pattern, enum, exception, …)."""

    name: str
    type: str
    traits: Mapping[str, Any]
    model: "Model"

    @cached_property
    def members(self) -> dict[str, Member]:
        return {name: self._member(name, ref) for name, ref in self.traits.get("members", {}).items()}

    @cached_property
    def item(self) -> Member:
        return self._member("member", self.traits["member"])

    @cached_property
    def key(self) -> Member:
        return self._member("key", self.traits["key"])

    @cached_property
    def value(self) -> Member:
        return self._member("value", self.traits["value"])

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self.traits.get("required", ()))

    @property
    def payload(self) -> Member | None:
        """The member that is the whole body, if one is."""
        name = self.traits.get("payload")
        return None if name is None else self.members[name]

    @property
    def is_exception(self) -> bool:
        return bool(self.traits.get("exception"))

    @property
    def error_status(self) -> int:
        """HTTP status of an exception; where the model names none (protocol json) 500 for the service's own fault."""
        default = 500 if self.traits.get("fault") else 400
        return int(self.traits.get("error", {}).get("httpStatusCode", default))

    def _member(self, name: str, ref: Mapping[str, Any]) -> Member:
        return Member(name, self.model.shape(ref["shape"]), ref)


@dataclass(frozen=True, eq=False)
class Operation:
    name: str
    model: "Model"
    traits: Mapping[str, Any]

    @property
    def method(self) -> str:
        return str(self.traits["http"]["method"])

    @property
    def uri(self) -> str:
        return str(self.traits["http"]["requestUri"])

    @property
    def status(self) -> int:
        """HTTP status of a success."""
        return int(self.traits["http"].get("responseCode", 200))

    @cached_property
    def input(self) -> Shape | None:
        return self.model.shape(self.traits["input"]["shape"]) if "input" in self.traits else None

    @cached_property
    def output(self) -> Shape | None:
        return self.model.shape(self.traits["output"]["shape"]) if "output" in self.traits else None

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Member name -> name of the handler's parameter: `EventBusName` -> `event_bus_name`."""
        return {name: snake_case(name) for name in self.input.members} if self.input else {}

    @property
    def errors(self) -> list[Shape]:
        return [self.model.shape(ref["shape"]) for ref in self.traits.get("errors", ())]


class Model:
    """One service; shapes and operations are made when they are asked for."""

    def __init__(self, service: str, raw: Mapping[str, Any]) -> None:
        self.service = service
        self.metadata: Mapping[str, Any] = raw["metadata"]
        self._raw = raw
        self._shapes: dict[str, Shape] = {}

    @property
    def protocol(self) -> str:
        """`json` or `rest-json`."""
        return str(self.metadata["protocol"])

    @cached_property
    def operations(self) -> dict[str, Operation]:
        return {name: Operation(name, self, traits) for name, traits in self._raw["operations"].items()}

    def shape(self, name: str) -> Shape:
        found = self._shapes.get(name)
        if found is None:
            traits = self._raw["shapes"][name]
            found = self._shapes[name] = Shape(name, traits["type"], traits, self)
        return found

    def shapes(self) -> Iterator[Shape]:
        return map(self.shape, self._raw["shapes"])

    def error(self, code: str) -> Shape | None:
        """The exception with this code, modelled or common to all services; None when there is none."""
        traits = self._raw["shapes"].get(code)
        return self.shape(code) if traits and traits.get("exception") else None

    @cached_property
    def internal_error(self) -> str:
        """The code with which this service says that it is broken itself (status 500)."""
        return next(shape.name for shape in self.shapes() if shape.is_exception and shape.error_status == 500)


@cache
def known_services() -> frozenset[str]:
    """All that botocore has a model of, by its names."""
    return frozenset(file.parent.parent.name for file in _files("*"))


def snake_case(name: str) -> str:
    """`EventBusName` -> `event_bus_name`, `ResourceARN` -> `resource_arn`: botocore's rule for its own method names."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def _files(services: str) -> Iterator[Path]:
    spec = importlib.util.find_spec("botocore")
    for folder in (spec.submodule_search_locations if spec else None) or []:
        yield from Path(folder, "data").glob(f"{services}/*/service-2.json*")


def _newest(service: str) -> Path:
    files = sorted(_files(service))
    if not files:
        raise LookupError(f"botocore has no model of a service {service!r}")
    return files[-1]


def _read(file: Path) -> dict[str, Any]:
    data = file.read_bytes()
    raw: dict[str, Any] = json.loads(gzip.decompress(data) if file.suffix == ".gz" else data)
    return raw


def _patch(name: str) -> dict[str, Any]:
    file = PATCHES / f"{name}.json"
    return _read(file) if file.exists() else {}


def _merge(target: dict[str, Any], patch: Mapping[str, Any]) -> None:
    """JSON merge patch (RFC 7386): null deletes.  `why` is for the reader of the patch."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        elif key != "why":
            target[key] = value
