"""Ways to look values up: a projection takes a value to the key under which a dictionary has it.

Equal projections are one function, so that an index keeps one dictionary for all alternatives that share it.
"""

from collections.abc import Callable, Hashable
from functools import cache
from typing import Any

from emulator.matching.addresses import address
from emulator.matching.numbers import Digits, java_text, whole_text

Value = Hashable
Projection = Callable[[Any], Value]
Key = tuple[Projection | None, Value]  # None: the value itself

_NOTHING = object()


def lowered(value: Any) -> Value:
    """ASCII text in lower case, for operands that are ASCII: nothing else matches those."""
    return value.lower() if type(value) is str and value.isascii() else _NOTHING


@cache
def cut_of(operator: str, length: int, folded: bool) -> Projection:
    """The first ("prefix") or the last letters of a text, `lowered` on request."""
    cut = slice(length) if operator == "prefix" else slice(-length, None)
    if folded:
        return lambda value: lowered(value[cut]) if type(value) is str else _NOTHING
    return lambda value: value[cut] if type(value) is str else _NOTHING


@cache
def address_of(length: int) -> Projection:
    """Addresses cut to the digits of a shorter one; a shorter one never equals a longer."""

    def project(value: Any) -> Value:
        digits = digits_of(value)
        return _NOTHING if digits is None else digits[:length]

    return project


def digits_of(value: Any) -> str | None:
    """The run of digits that a value is to `cidr`: those of an address, or the text of a number."""
    if type(value) is str:
        return address(value)
    if isinstance(value, int | float):
        return java_text(value) if isinstance(value, float) else whole_text(value)
    return value.text if isinstance(value, Digits) else None
