"""What a pattern may ask of a value: the alternatives of a leaf.

An alternative knows how to test a value and, where dictionaries can find it, under which keys: it holds exactly for the
values with `project(value) == key` for one of its pairs. Values are what `leaves` makes of JSON: strings, numbers
(`numbers.event_number`), None, and YES or NO for true and false, because Python thinks that True is 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

from emulator.matching.addresses import Block, address
from emulator.matching.folding import folded, folded_end, folded_start
from emulator.matching.numbers import Digits
from emulator.matching.projections import Key, address_of, cut_of, digits_of, lowered
from emulator.matching.wildcard import wildcard

Test = Callable[[Any], bool]


class Constant:
    """JSON's true or false among the values of an event."""

    __slots__ = ("json",)

    def __init__(self, json: bool) -> None:
        self.json = json

    def __repr__(self) -> str:
        return "YES" if self.json else "NO"


YES = Constant(True)
NO = Constant(False)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Base: an alternative that no dictionary finds, unless it says so."""

    absent: ClassVar[bool] = False

    def keys(self) -> tuple[Key, ...]:
        """Where a dictionary finds the values that it accepts; empty when only `test` can tell."""
        return ()

    def test(self) -> Test:
        """A function that tells whether it accepts a value."""
        raise NotImplementedError

    def json(self) -> Any:
        """It as it stands in the pattern."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Literal(Alternative):
    """A string, null, true, false; a string that looks like an address is compared as one."""

    value: str | Constant | None
    operator: str = ""  # "exactly", where it was written that way

    def keys(self) -> tuple[Key, ...]:
        digits = address(self.value) if isinstance(self.value, str) else None
        return ((None, self.value),) if digits is None else ((address_of(len(digits)), digits),)

    def test(self) -> Test:
        digits = address(self.value) if isinstance(self.value, str) else None
        wanted = self.value
        return (lambda value: bool(value == wanted)) if digits is None else in_block(Block(digits, digits))

    def json(self) -> Any:
        value = self.value.json if isinstance(self.value, Constant) else self.value
        return {self.operator: value} if self.operator else value


@dataclass(frozen=True, slots=True)
class Number(Alternative):
    """A number among the alternatives; `value` is Digits when it compares only by its digits."""

    value: float | Digits
    text: str

    def keys(self) -> tuple[Key, ...]:
        return ((None, self.value),)

    def test(self) -> Test:
        wanted = self.value
        return lambda value: bool(value == wanted)

    def json(self) -> Any:
        return self.value.json if isinstance(self.value, Digits) else _plain(self.value)


@dataclass(frozen=True, slots=True)
class Numeric(Alternative):
    """`numeric`: a range of numbers, or one number (`low == high`)."""

    low: float
    low_included: bool
    high: float
    high_included: bool

    def keys(self) -> tuple[Key, ...]:
        return ((None, self.low),) if self.low == self.high else ()

    def test(self) -> Test:
        low, high = self.low, self.high
        strictly_above = -inf if self.low_included else low  # one comparison each, whether the bound is included or not
        strictly_below = inf if self.high_included else high
        return lambda value: (
            type(value) in _NUMBERS and low <= value <= high and strictly_above < value < strictly_below
        )

    def json(self) -> Any:
        if self.low == self.high:
            return {"numeric": ["=", _plain(self.low)]}
        bounds: list[Any] = []
        if self.low != -inf:
            bounds += [">=" if self.low_included else ">", _plain(self.low)]
        if self.high != inf:
            bounds += ["<=" if self.high_included else "<", _plain(self.high)]
        return {"numeric": bounds}


@dataclass(frozen=True, slots=True)
class Affix(Alternative):
    """`prefix` or `suffix`, `folded` with `equals-ignore-case` inside.

    Compared with the value in its quotation marks, so that `a"` is a prefix of the value `a` (event-ruler 2.0.1).
    """

    operator: str
    text: str
    folded: bool

    def keys(self) -> tuple[Key, ...]:
        if not self.text or (self.folded and not self.text.isascii()):
            return ()
        text = self.text.lower() if self.folded else self.text
        whole = _within_marks(self.operator, text)
        cut: Key = (cut_of(self.operator, len(text), self.folded), text)
        return (cut,) if whole is None else (cut, (lowered if self.folded else None, whole))

    def test(self) -> Test:
        cut = self._cut_test()
        whole = _within_marks(self.operator, self.text)
        if whole is None:
            return lambda value: type(value) is str and cut(value)
        same = folded(whole) if self.folded else whole.__eq__
        return lambda value: type(value) is str and (cut(value) or same(value))

    def _cut_test(self) -> Callable[[str], bool]:
        text = self.text
        if self.operator == "prefix":
            return folded_start(text) if self.folded else lambda value: value.startswith(text)
        return folded_end(text) if self.folded else lambda value: value.endswith(text)

    def json(self) -> Any:
        return {self.operator: {"equals-ignore-case": self.text} if self.folded else self.text}


@dataclass(frozen=True, slots=True)
class IgnoreCase(Alternative):
    """`equals-ignore-case`."""

    text: str

    def keys(self) -> tuple[Key, ...]:
        return ((lowered, self.text.lower()),) if self.text.isascii() else ()

    def test(self) -> Test:
        same = folded(self.text)
        return lambda value: type(value) is str and same(value)

    def json(self) -> Any:
        return {"equals-ignore-case": self.text}


@dataclass(frozen=True, slots=True)
class Wildcard(Alternative):
    """`wildcard`."""

    text: str

    def test(self) -> Test:
        covers = wildcard(self.text)
        return lambda value: type(value) is str and covers(value)

    def json(self) -> Any:
        return {"wildcard": self.text}


@dataclass(frozen=True, slots=True)
class Cidr(Alternative):
    """`cidr`: the addresses of a block."""

    block: Block
    text: str

    def test(self) -> Test:
        return in_block(self.block)

    def json(self) -> Any:
        return {"cidr": self.text}


@dataclass(frozen=True, slots=True)
class Exists(Alternative):
    """`{"exists": true}`: any value will do, null too."""

    def test(self) -> Test:
        return lambda _: True

    def json(self) -> Any:
        return {"exists": True}


@dataclass(frozen=True, slots=True)
class Absent(Alternative):
    """`{"exists": false}`: no value satisfies it, only the lack of one."""

    absent: ClassVar[bool] = True

    def test(self) -> Test:
        return lambda _: False

    def json(self) -> Any:
        return {"exists": False}


@dataclass(frozen=True, slots=True)
class AnythingBut(Alternative):
    """`anything-but`: a value, but none of these. Values of another type satisfy it, the lack of a value never does.

    `operator` is "" (strings or numbers themselves), "prefix", "suffix", "equals-ignore-case" or "wildcard".
    """

    operator: str
    operands: frozenset[str | float]

    def test(self) -> Test:
        if not self.operator:
            return lambda value: value not in self.operands
        make = _EXCLUDED[self.operator]
        excluded = [make(str(operand)) for operand in sorted(self.operands, key=str)]
        if len(excluded) == 1:
            only = excluded[0]
            return lambda value: not only(value)
        return lambda value: not any(test(value) for test in excluded)

    def json(self) -> Any:
        operands = sorted((_plain(o) for o in self.operands), key=str)
        written = operands[0] if len(operands) == 1 else operands
        return {"anything-but": {self.operator: written} if self.operator else written}


_EXCLUDED: dict[str, Callable[[str], Test]] = {
    "prefix": lambda text: Affix("prefix", text, folded=False).test(),
    "suffix": lambda text: Affix("suffix", text, folded=False).test(),
    "equals-ignore-case": lambda text: IgnoreCase(text).test(),
    "wildcard": lambda text: Wildcard(text).test(),
}

_NUMBERS = frozenset({int, float})


def in_block(block: Block) -> Test:
    """A test whether a value lies in the block."""

    def test(value: Any) -> bool:
        digits = digits_of(value)
        return digits is not None and block.holds(digits)

    return test


def _within_marks(operator: str, text: str) -> str | None:
    """The whole value that the operand covers together with the quotation mark at its end, if it has one."""
    if operator == "prefix":
        return text[:-1] if text.endswith('"') else None
    return text[1:] if text.startswith('"') else None


def _plain(number: str | float) -> str | int | float:
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 1e16 else number
