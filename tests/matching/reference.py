"""The pattern language a second time, as plainly as possible, to hold the engine against.

Written from the recorded facts alone and sharing no code with the package. Slow, and only for patterns that are valid
and strings without halves of surrogate pairs.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

Json = Any
Trail = dict[int, int]  # number of an array -> index of the element
Pairs = list[tuple[str, Json]]  # an object, repeated keys and all
Leaf = list[Json]


class Whole(str):
    """The text of a JSON number."""

    __slots__ = ()


def matches(pattern: str, event: str) -> bool:
    """Whether the event (JSON text) matches the pattern (JSON text)."""
    values = list(_flatten(_read(event), "", {}, count()))
    return any(_search(sorted(table.items(), key=_utf16), values, {}) for table in _combinations(_read(pattern)))


def _read(text: str) -> Json:
    return json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs), parse_int=Whole, parse_float=Whole)


def _utf16(item: tuple[str, Leaf]) -> bytes:
    return item[0].encode("utf-16-be")


def _join(path: str, name: str) -> str:
    return f"{path}\x00{name}" if path else f"\x00{name}"


def _path(path: str) -> str:
    return path[1:].replace("\x00", ".")


# -- the pattern


def _combinations(pattern: Json) -> list[dict[str, Leaf]]:
    tables: list[dict[str, Leaf]] = [{}]
    return _write(pattern[1], "", tables)


def _write(pairs: Pairs, path: str, tables: list[dict[str, Leaf]]) -> list[dict[str, Leaf]]:
    for name, value in pairs:
        if name == "$or":
            tables = [table for member in value for table in _write(member[1], path, [dict(table) for table in tables])]
        elif isinstance(value, tuple):
            tables = _write(value[1], _join(path, name), tables)
        else:
            for table in tables:
                table[_path(_join(path, name))] = value
    return tables


# -- the event


def _flatten(value: Json, path: str, trail: Trail, numbers: Iterator[int]) -> Iterator[tuple[str, Json, Trail]]:
    if isinstance(value, tuple):
        for name, member in value[1]:
            yield from _flatten(member, _join(path, name), trail, numbers)
    elif isinstance(value, list):
        array = next(numbers)
        for index, item in enumerate(value):
            inner = {**trail, array: index} if isinstance(item, tuple | list) else trail
            yield from _flatten(item, path, inner, numbers)
    else:
        yield _path(path), value, trail


def _search(leaves: list[tuple[str, Leaf]], values: list[tuple[str, Json, Trail]], bound: Trail) -> bool:
    if not leaves:
        return True
    (path, alternatives), *rest = leaves
    agreeing = [
        (value, trail)
        for at, value, trail in values
        if at == path and all(bound.get(array, index) == index for array, index in trail.items())
    ]
    for value, trail in agreeing:
        if any(_holds(one, value) for one in alternatives) and _search(rest, values, {**bound, **trail}):
            return True
    return not agreeing and _absence_will_do(alternatives) and _search(rest, values, bound)


def _absence_will_do(alternatives: Leaf) -> bool:
    return any(isinstance(one, tuple) and one[1] == [("exists", False)] for one in alternatives)


# -- one alternative and one value


def _holds(alternative: Json, value: Json) -> bool:
    if not isinstance(alternative, tuple):
        return _equal(alternative, value)
    ((operator, operand),) = alternative[1]
    if operator == "exists":
        return bool(operand)
    if operator == "exactly":
        return _equal(operand, value)
    if operator == "numeric":
        return isinstance(value, Whole) and _in_range(operand, value)
    if operator == "cidr":
        return _in_block(operand, value)
    if operator == "anything-but":
        return not _excluded(operand, value)
    return not isinstance(value, Whole) and isinstance(value, str) and _string_operator(operator, operand, value)


def _equal(wanted: Json, value: Json) -> bool:
    if isinstance(wanted, Whole):
        return isinstance(value, Whole) and _same_number(wanted, value)
    if type(wanted) is not str:
        return wanted is value
    digits = _address(wanted)
    if digits is None:
        return type(value) is str and value == wanted
    return _between(digits, digits, value)


def _string_operator(operator: str, operand: Json, value: str) -> bool:
    if operator == "equals-ignore-case":
        return re.fullmatch(_folded(operand), value, re.DOTALL) is not None
    if operator == "wildcard":
        return re.fullmatch(_wildcard(operand), value, re.DOTALL) is not None
    folded = isinstance(operand, tuple)
    text = _folded(operand[1][0][1]) if folded else re.escape(operand)
    if operator == "prefix":
        return re.match(text, f'{value}"', re.DOTALL) is not None
    return re.search(f"{text}\\Z", f'"{value}', re.DOTALL) is not None


def _excluded(operand: Json, value: Json) -> bool:
    if isinstance(operand, tuple):
        ((operator, inner),) = operand[1]
        several = inner if isinstance(inner, list) else [inner]
        return type(value) is str and any(_string_operator(operator, one, value) for one in several)
    several = operand if isinstance(operand, list) else [operand]
    if isinstance(several[0], Whole):
        return isinstance(value, Whole) and any(_same_number(one, value) for one in several)
    return type(value) is str and value in several


def _folded(operand: str) -> str:
    units = operand.encode("utf-16-be")
    characters = [chr(int.from_bytes(units[at : at + 2], "big")) for at in range(0, len(units), 2)]
    return "".join(
        "\\?" if "\ud800" <= one <= "\udfff" else f"(?:{re.escape(one.lower())}|{re.escape(one.upper())})"
        for one in characters
    )


def _wildcard(operand: str) -> str:
    parts = re.findall(r"\\.|\*|[^\\*]+", operand, re.DOTALL)
    return "".join(".*" if part == "*" else re.escape(part[1:] if part[0] == "\\" else part) for part in parts)


# -- numbers


def _double(text: str) -> float | None:
    """The double that a literal stands for, if the literal is its shortest form."""
    number = float(text)
    if number in (float("inf"), float("-inf")):
        return None
    shortest = "4.9e-324" if number == 5e-324 else repr(number)  # as Java writes the smallest
    return number if Decimal(text) == Decimal(shortest) else None


def _event_double(text: str) -> float | None:
    """The same for a number of an event: fractions and exponents were re-read as doubles before."""
    if re.fullmatch(r"-?[0-9]+", text):
        return _double(text)
    return None if float(text) in (float("inf"), float("-inf")) else float(text)


def _same_number(wanted: str, value: str) -> bool:
    if _double(wanted) is None:
        return re.fullmatch(r"-?[0-9]+", value) is not None and wanted == value
    return _event_double(value) is not None and _double(wanted) == _event_double(value)


def _in_range(bounds: list[str], value: str) -> bool:
    number = _event_double(value)
    if number is None:
        return False
    pairs = zip(bounds[::2], map(float, bounds[1::2]), strict=True)
    return all(
        {"=": number == bound, "<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound}[
            operator
        ]
        for operator, bound in pairs
    )


# -- addresses


def _address(text: str) -> str | None:
    if re.fullmatch(r"[0-9]+(\.[0-9]+){3}", text, re.ASCII) and len(text) <= 15:
        parts = [int(part) for part in text.split(".")]
        return None if max(parts) > 255 else "".join(f"{part:02X}" for part in parts)
    if not re.fullmatch(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*", text) or ":::" in text or text.count("::") > 1:
        return None
    halves = [half.split(":") if half else [] for half in text.split("::")]
    words = [int(word, 16) if word else 1 << 16 for half in halves for word in half]
    if any(word >= 1 << 16 for word in words) or (len(words) != 8 if len(halves) == 1 else len(words) > 7):
        return None
    if len(halves) == 2:
        at = len(halves[0])
        words[at:at] = [0] * (8 - len(words))
    digits = "".join(f"{word:04X}" for word in words)
    return digits[24:] if digits.startswith("0" * 20 + "FFFF") else digits


def _in_block(operand: str, value: Json) -> bool:
    text, mask = operand.rstrip("/").split("/")
    digits = _address(text)
    assert digits is not None
    bits = 4 * len(digits) - int(mask)
    low = int(digits, 16) >> bits << bits
    high = low + (1 << bits) - 1
    return _between(f"{low:0{len(digits)}X}", f"{high:0{len(digits)}X}", value)


def _between(low: str, high: str, value: Json) -> bool:
    """As the matcher does it, digit by digit; a run may end early, once it is inside."""
    digits = _address(value) if type(value) is str else _number_text(value)
    if digits is None:
        return False
    for length in range(1, min(len(digits), len(low)) + 1):
        if digits[length - 1] not in "0123456789ABCDEF":
            return False
        if low[:length] < digits[:length] < high[:length]:
            return True
        if not low[:length] <= digits[:length] <= high[:length]:
            return False
    return len(digits) >= len(low)


def _number_text(value: Json) -> str | None:
    if not isinstance(value, Whole):
        return None
    return str(value) if re.fullmatch(r"-?[0-9]+", value) else repr(float(value))
