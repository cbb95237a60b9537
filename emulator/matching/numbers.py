"""Numbers as event patterns see them: some compare by value, others only by the digits they are written with."""

import re
from decimal import Decimal, InvalidOperation
from math import isfinite

_WHOLE = re.compile(r"-?[0-9]{1,4000}")
_EXACT = 2**53  # every whole number up to here is the shortest form of its double


class Digits:
    """A number that compares with nothing but the same digits: 9007199254740993, or what overflows a double."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def json(self) -> int | str:
        """A whole number as it is; what Python cannot write that way, as its text."""
        return int(self.text) if _WHOLE.fullmatch(self.text) else self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Digits) and other.text == self.text

    def __hash__(self) -> int:
        return hash((Digits, self.text))

    def __repr__(self) -> str:
        return f"Digits({self.text})"


def comparable(text: str) -> float | None:
    """The double that a JSON number stands for, if its value is the shortest decimal form of one; else None.

    Recorded on AWS, Sep 2026: 0.10 and 1E2 compare, 9007199254740993, 1.0000000000000001 and 1e309 do not. The
    documented range of ±5e9 is not enforced.
    """
    number = float(text)
    if not isfinite(number):
        return None
    try:
        exact = Decimal(text)
    except InvalidOperation:  # an exponent beyond decimal's own
        return None
    return number if exact == Decimal(java_text(number)) else None


def event_number(number: float) -> float | Digits:
    """A number of an event as the matcher sees it: fractions are doubles, whole numbers keep their digits."""
    if isinstance(number, float):
        return number if isfinite(number) else Digits(java_text(number))
    if -_EXACT <= number <= _EXACT:
        return number
    digits = whole_text(number)
    return Digits(digits) if comparable(digits) is None else float(number)


def whole_text(number: int) -> str:
    """The digits of a whole number, however many (str() stops at some thousands)."""
    return format(Decimal(number), "f")


def java_text(number: float) -> str:
    """The double as Java writes it: the text that comparisons by digits see."""
    if not isfinite(number):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(repr(number), "NaN")
    if abs(number) == 5e-324:
        return repr(number).replace("5e-324", "4.9E-324")
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number)
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    assert isinstance(exponent, int)
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    power = exponent + len(digits) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"
