"""The JSON text of an event, or of its detail, as a tree that keeps what matching needs."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

MAX_DEPTH = 500  # levels of objects and arrays; AWS's own limit is not recorded

_TOO_DEEP = f"the event nests more than {MAX_DEPTH} levels deep"


class Repeated(list[Any]):
    """The values of a key that an object has more than once: every one counts, and none excludes another."""

    __slots__ = ()


def parse_event(text: str | bytes) -> dict[str, Any]:
    """The object that the JSON text holds.

    Fractions are re-read as doubles and whole numbers keep their digits, as AWS does; a key that is repeated holds a
    `Repeated`. Raises ValueError for anything that is not one strict JSON object, or that nests too deeply.
    """
    if not isinstance(text, str):
        text = text.decode("utf-8")
    try:
        tree = _DECODER.decode(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if type(tree) is not dict:
        raise ValueError("the event is not a JSON object")
    if text.count("{") + text.count("[") > MAX_DEPTH:
        _check_depth(tree)
    return tree


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) == len(pairs):
        return tree
    together: dict[str, list[Any]] = {}
    for key, value in pairs:
        together.setdefault(key, []).append(value)
    return {key: values[0] if len(values) == 1 else Repeated(values) for key, values in together.items()}


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


def _check_depth(tree: Any) -> None:
    level = [tree]
    for _ in range(MAX_DEPTH):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _inside(value: Any) -> Iterator[Any]:
    members = value.values() if isinstance(value, dict) else value
    return (member for member in members if isinstance(member, dict | list))
