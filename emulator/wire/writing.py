"""Members -> JSON text: a writer is compiled once for each shape.  Knows no HTTP.

A member that the model does not have is our own mistake, and is raised as one (ValueError).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from emulator.wire.models import Member, Shape
from emulator.wire.scalars import WRITE_TIME, write_blob

Write = Callable[[Any], Any]

dumps: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def to_bytes(value: Any) -> bytes:
    """Compact JSON in UTF-8.  A lone surrogate, which a handler may have made of `\\ud800`, is written as Java does."""
    return dumps(value).encode(errors="replace")


class Writers:
    """Compiles writers; `nulls`: an absent member is written as null (recorded on Lambda) instead of left out."""

    def __init__(self, *, time_format: str = "unixTimestamp", nulls: bool = False) -> None:
        self._time_format = time_format
        self._nulls = nulls
        self._structures: dict[str, Write] = {}

    def member(self, member: Member) -> Write | None:
        """None: the value is written as it is."""
        shape = member.shape
        if shape.type == "timestamp":
            own = member.traits.get("timestampFormat") or shape.traits.get("timestampFormat")
            return WRITE_TIME[own or self._time_format]
        if shape.type == "blob":
            return write_blob
        if shape.type == "structure" and not shape.traits.get("document"):
            return self.structure(shape)
        if shape.type in ("list", "map"):
            return self._collection(shape)
        return None

    def structure(self, shape: Shape, members: Mapping[str, Member] | None = None) -> Write:
        """Writes an object; of all members, or of `members` (those that are in the body)."""
        if members is None and shape.name in self._structures:
            return self._structures[shape.name]
        fields: list[tuple[str, str, Write | None]] = []  # filled below: a shape may contain itself
        known = shape.members.keys()
        nulls = self._nulls

        def write(value: Mapping[str, Any]) -> dict[str, Any]:
            written = {}
            for name, wire_name, writer in fields:
                inner = value.get(name)
                if inner is not None:
                    written[wire_name] = writer(inner) if writer else inner
                elif nulls:
                    written[wire_name] = None
            if (nulls or len(value) > len(written)) and not value.keys() <= known:
                raise ValueError(f"{shape.name} has no member {', '.join(sorted(value.keys() - known))}")
            return written

        if members is None:
            self._structures[shape.name] = write
        body = (shape.members if members is None else members).values()
        fields.extend((member.name, member.wire_name, self.member(member)) for member in body)
        return write

    def _collection(self, shape: Shape) -> Write | None:
        writer = self.member(shape.item if shape.type == "list" else shape.value)
        if writer is None:
            return None
        item = writer
        if shape.type == "list":
            return lambda value: [None if inner is None else item(inner) for inner in value]
        return lambda value: {key: None if inner is None else item(inner) for key, inner in value.items()}
