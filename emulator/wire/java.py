"""How AWS's own code, which is Java, reads a regular expression and prints a value.  Pure."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from emulator.wire.models import Shape


def full_match(pattern: str) -> Callable[[str], object]:
    """Does a whole string match this Java pattern?  None, or something true."""
    flags = re.NOFLAG if "\\p{" in pattern else re.ASCII  # \d and \w are ASCII in Java, \p is not
    in_class = False

    def translated(token: re.Match[str]) -> str:
        nonlocal in_class
        text = token[0]
        if text[0] in "[]":
            in_class = text[0] == "["
        elif text.startswith("\\p"):
            return _CATEGORIES[text]
        elif text == "." and not in_class:
            return _ANY
        return text

    return re.compile(_TOKEN.sub(translated, pattern), flags).fullmatch


def to_string(value: Any, shape: Shape) -> str:
    """`[Entry(source=a, time=null), …]`, `{key=value}`.

    A structure shows the members that its `toString` (a patch) lists, or else those of the model.
    """
    if value is None:
        return "null"
    if shape.type == "structure":
        names = shape.traits.get("toString") or [_lower(name) for name in shape.members]
        members = {_lower(name): (member, value.get(name)) for name, member in shape.members.items()}
        shown = (f"{name}={to_string(*_value_and_shape(members.get(name)))}" for name in names)
        return f"{shape.name}({', '.join(shown)})"
    if shape.type == "list":
        return f"[{', '.join(to_string(inner, shape.item.shape) for inner in value)}]"
    if shape.type == "map":
        return "{" + ", ".join(f"{key}={to_string(inner, shape.value.shape)}" for key, inner in value.items()) + "}"
    return _scalar(value)


def member_name(name: str) -> str:
    """`EventBusName` -> `eventBusName`, as paths in messages have it (and `KMSKeyArn` -> `kMSKeyArn`)."""
    return _lower(name)


_ANY = "[^\n\r\u0085\u2028\u2029]"
_CATEGORIES = {
    r"\p{L}": r"\w",  # with the digits and the underscore that stand beside it wherever the models use it
    r"\p{N}": r"\w",
    r"\p{Z}": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
_TOKEN = re.compile(r"\\p\{\w+\}|\\.|\[\^?\]?|\]|\.", re.DOTALL)


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _value_and_shape(found: Any) -> tuple[Any, Any]:
    return (None, None) if found is None else (found[1], found[0].shape)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%a %b %d %H:%M:%S} UTC {value.astimezone(UTC):%Y}"
    if isinstance(value, bytes | bytearray):
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    return str(value)
