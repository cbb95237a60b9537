"""Results to JSON, as AWS's Python runtime writes them: simplejson, Decimal as a number, NaN allowed, no ASCII escapes.

The common case goes through the standard library's C encoder; what that one would write differently (Decimal, bytes,
named tuples, objects with `_asdict`) goes through a writer of our own.
Source: awslambdaric 4.2.2, lambda_runtime_marshaller.py; simplejson 4.3.
"""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_quote: Callable[[str], str] = encode_basestring
_SCALARS = frozenset({str, int, float, bool, type(None)})


def to_json(value: object) -> str:
    """JSON text. Raises TypeError ("Object of type set is not JSON serializable"), ValueError or RecursionError."""
    return _encode(value) if _is_plain(value, 100) else "".join(_write(value, set()))


def _is_plain(value: object, depth: int) -> bool:
    """Nothing but exact standard types, to a harmless depth: the C encoder writes it as simplejson would."""
    kind = type(value)
    if kind in _SCALARS:
        return True
    if not depth:
        return False
    if kind is dict:
        return all(type(key) is str and _is_plain(item, depth - 1) for key, item in value.items())  # type: ignore[attr-defined]
    return kind is list and all(_is_plain(item, depth - 1) for item in value)  # type: ignore[attr-defined]


def _write(value: Any, above: set[int]) -> Iterator[str]:
    scalar = _scalar(value)
    if scalar is not None:
        yield scalar
        return
    if id(value) in above:
        raise ValueError("Circular reference detected")
    above.add(id(value))
    if isinstance(value, list):
        yield from _array(value, above)
    elif callable(as_dict := getattr(value, "_asdict", None)):
        yield from _object(as_dict(), above)
    elif isinstance(value, tuple):
        yield from _array(value, above)
    elif isinstance(value, dict):
        yield from _object(value, above)
    else:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    above.discard(id(value))


def _scalar(value: Any) -> str | None:
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, bytes):
        return _quote(value.decode())
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(float(value))
    if isinstance(value, Decimal):
        return "NaN" if value.is_nan() else str(value)
    return None


def _number(value: float) -> str:
    return json.dumps(value)


def _array(items: list[Any] | tuple[Any, ...], above: set[int]) -> Iterator[str]:
    separator = "["
    for item in items:
        yield separator
        yield from _write(item, above)
        separator = ", "
    yield "]" if items else "[]"


def _object(members: dict[Any, Any], above: set[int]) -> Iterator[str]:
    separator = "{"
    for key, item in members.items():
        yield f"{separator}{_key(key)}: "
        yield from _write(item, above)
        separator = ", "
    yield "}" if members else "{}"


def _key(key: Any) -> str:
    if isinstance(key, str | bytes):
        return _quote(key if isinstance(key, str) else key.decode())
    if key is None or isinstance(key, bool | int | float):
        return f'"{_scalar(key)}"'
    raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")
