"""JSON text -> members: a reader is compiled once for each shape.  Knows no HTTP.

Unknown members are ignored and nulls are dropped, as AWS does; what is not JSON, or not of the type that the model
says, is a SerializationException.
"""

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

from emulator.wire.models import Member, Shape
from emulator.wire.scalars import INTEGERS, READ_TIME, mismatch, read_blob, unreadable

Read = Callable[[Any], Any]


def parse(body: bytes) -> Any:
    """The JSON value that a body holds."""
    try:
        text = body.decode()
        value = _DECODER.decode(text)
        return without_surrogates(value) if has_surrogates(text) else value
    except RecursionError:
        raise unreadable("the body is nested too deeply") from None
    except ValueError as error:  # not UTF-8, not JSON, NaN, or a number of more digits than Python reads
        raise unreadable(f"the body is not JSON: {error}") from None


class Readers:
    """Compiles readers; keeps them, so that shapes may contain themselves."""

    def __init__(self, time_format: str = "unixTimestamp") -> None:
        self._time_format = time_format
        self._structures: dict[str, Read] = {}

    def member(self, member: Member) -> Read:
        shape = member.shape
        if shape.type == "timestamp":
            own = member.traits.get("timestampFormat") or shape.traits.get("timestampFormat")
            return READ_TIME[own or self._time_format]
        if shape.traits.get("document"):
            return lambda value: value
        build = {"structure": self.structure, "list": self._list, "map": self._map}.get(shape.type)
        return build(shape) if build else _SCALARS[shape.type]

    def structure(self, shape: Shape, members: dict[str, Member] | None = None) -> Read:
        """Reads an object; of all members, or of `members` (those that are in the body)."""
        if members is None and shape.name in self._structures:
            return self._structures[shape.name]
        readers: dict[str, tuple[str, Read]] = {}  # filled below: a shape may contain itself
        reader_of = readers.get

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise mismatch(value, "structure")
            found = {}
            for key, inner in value.items():
                field = reader_of(key)
                if field is not None and inner is not None:
                    name, reader = field
                    found[name] = inner if reader is _string and type(inner) is str else reader(inner)
            return found

        if members is None:
            self._structures[shape.name] = read
        for member in (shape.members if members is None else members).values():
            readers[member.wire_name] = (member.name, self.member(member))
        return read

    def _list(self, shape: Shape) -> Read:
        item = self.member(shape.item)
        enough = shape.traits["max"] + _SHOWN if "max" in shape.traits else None

        def read(value: Any) -> list[Any]:
            if type(value) is not list:
                raise mismatch(value, "list")
            if enough is not None and len(value) > enough:
                value = value[:enough]  # it will be refused for its length, whatever stands in the rest
            return [None if inner is None else item(inner) for inner in value]

        return read

    def _map(self, shape: Shape) -> Read:
        item = self.member(shape.value)

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise mismatch(value, "map")
            return {key: None if inner is None else item(inner) for key, inner in value.items()}

        return read


def _string(value: Any) -> str:
    if type(value) is not str:
        raise mismatch(value, "string")
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise mismatch(value, "boolean")
    return value


def _whole(type_: str) -> Read:
    def read(value: Any) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or value not in INTEGERS:
            raise mismatch(value, type_)
        return value

    return read


def _double(value: Any) -> float:
    if type(value) is float and isfinite(value):  # JSON knows no infinity, but 1e999 becomes one
        return value
    if type(value) is int and value in INTEGERS:
        return float(value)
    raise mismatch(value, "double")


_SCALARS: dict[str, Read] = {
    "string": _string,
    "character": _string,
    "boolean": _boolean,
    "integer": _whole("integer"),
    "long": _whole("long"),
    "double": _double,
    "float": _double,
    "blob": read_blob,
}


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


# Elements that are read of a list beyond as many as it may have: they are shown in the refusal.
_SHOWN = 100

_DECODER = json.JSONDecoder(parse_constant=_no_constant)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def has_surrogates(text: str) -> bool:
    """May a string in this JSON text hold half a surrogate pair?  True for whole pairs that are escaped, too."""
    return "\\u" in text and _SURROGATE.search(text) is not None


def without_surrogates(value: Any) -> Any:
    """Half a surrogate pair is no character: no UTF-8 text can hold it.  Java writes `?` for it, so do we."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [without_surrogates(inner) for inner in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(inner) for key, inner in value.items()}
    return value
