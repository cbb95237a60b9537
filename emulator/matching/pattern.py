"""An event pattern: its text compiled into what must hold of an event.

`compile_pattern(text)` gives a Pattern or raises InvalidPattern with AWS's reason. `$or` is expanded, not evaluated: a
pattern is a list of branches, each a plain table from path to alternatives, and it matches if one branch does. Knows
neither events nor indexes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from sys import intern
from typing import Any

from emulator.matching import reader as tokens
from emulator.matching.alternatives import NO, YES, Alternative, AnythingBut, Literal, Test
from emulator.matching.complexity import TOO_COMPLEX, too_complex
from emulator.matching.operators import OPERATORS, match_expression, number
from emulator.matching.projections import Key
from emulator.matching.reader import Reader, Unreadable

MAX_COMBINATIONS = 1000
_MAX_WRITES = 200_000  # leaves written into combinations: ours, so that no text can keep the compiler busy for long

# Field names that AWS refuses below $or: today's operators, and some it keeps for later. From event-ruler 2.0.1.
_RESERVED_IN_OR = frozenset(OPERATORS) | {
    *("=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"),
    *("date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"),
    *("ip-address-in-range", "ip-address-not-in-range"),
}


class Dialect(Enum):
    """Who uses the language: rules have all of it, pipes and event source mappings lack some (AWS documentation)."""

    RULES = frozenset(OPERATORS), True
    PIPES = frozenset(OPERATORS) - {"wildcard", "exactly"}, False

    def __init__(self, operators: frozenset[str], nested_anything_but: bool) -> None:
        self.operators = operators
        self.nested_anything_but = nested_anything_but


RULES = Dialect.RULES
PIPES = Dialect.PIPES


class InvalidPattern(ValueError):
    """AWS would refuse the pattern; `reason` is what it says behind "Event pattern is not valid. Reason: "."""

    def __init__(self, reason: str) -> None:
        self.reason = reason.encode(errors="replace").decode()  # halves of characters cannot be sent
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """What a branch asks of a path: some value there passes `test`, or, if `absent`, there is none."""

    path: str
    alternatives: tuple[Alternative, ...]
    test: Test
    absent: bool
    keys: tuple[Key, ...]  # where a dictionary finds the values that it accepts; empty when only `test` can tell


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A compiled pattern: it matches an event when all conditions of one of its branches hold together."""

    text: str
    branches: tuple[tuple[Condition, ...], ...]  # conditions sorted by path, as AWS's matcher visits them
    paths: tuple[str, ...]  # as they are written


Combination = dict[str, tuple[Alternative, ...]]


def compile_pattern(text: str, dialect: Dialect = RULES) -> Pattern:
    """Compile the text of an event pattern.

    Raises InvalidPattern in AWS's words (recorded on AWS, Sep 2026; what is not recorded, from event-ruler 2.0.1).
    """
    try:
        combinations = _Compiler(Reader(text), dialect).combinations()
    except Unreadable as problem:
        raise InvalidPattern(str(problem)) from None
    ordered = [sorted(combination.items(), key=_utf16) for combination in combinations]
    if too_complex(ordered):
        raise InvalidPattern(TOO_COMPLEX)
    return Pattern(
        text,
        tuple(tuple(condition(path, leaf) for path, leaf in branch) for branch in ordered),
        tuple(dict.fromkeys(path for combination in combinations for path in combination)),
    )


def _utf16(leaf: tuple[str, Any]) -> bytes:
    return leaf[0].encode("utf-16-be", "surrogatepass")


@lru_cache(maxsize=4096)
def condition(path: str, alternatives: tuple[Alternative, ...]) -> Condition:
    """The condition that one of the alternatives holds at the path; one and the same for rules that ask the same."""
    keys = [alternative.keys() for alternative in alternatives]
    return Condition(
        path=path,
        alternatives=alternatives,
        test=_any(alternatives),
        absent=any(alternative.absent for alternative in alternatives),
        keys=tuple(dict.fromkeys(key for some in keys for key in some)) if all(keys) else (),
    )


def _any(alternatives: Iterable[Alternative]) -> Test:
    """One test for all alternatives: those that are plain values are looked up together."""
    plain: set[Any] = set()
    tests: list[Test] = []
    for alternative in alternatives:
        keys = alternative.keys()
        if keys and all(project is None for project, _ in keys):
            plain.update(key for _, key in keys)
        else:
            tests.append(alternative.test())
    return _combined(frozenset(plain), tuple(tests))


def _combined(plain: frozenset[Any], tests: tuple[Test, ...]) -> Test:
    if not tests:
        return plain.__contains__
    if not plain and len(tests) == 1:
        return tests[0]
    return lambda value: value in plain or any(test(value) for test in tests)


@dataclass(slots=True)
class _Object:
    """An object being read: the combinations that its leaves are written into, and the path to it."""

    combinations: list[Combination]
    path: str
    in_or: bool
    empty: bool = True


@dataclass(slots=True)
class _Or:
    """A `$or` being read: every member starts from `base`, and what they make is put into `combinations`."""

    base: list[Combination]
    combinations: list[Combination]
    path: str
    members: list[list[Combination]]


class _Compiler:
    """Reads the pattern once, left to right, without recursion: AWS reports the first fault that it meets."""

    def __init__(self, reader: Reader, dialect: Dialect) -> None:
        self._reader = reader
        self._dialect = dialect
        self._open: list[_Object | _Or] = []
        self._writes = 0
        self._too_many = False

    def combinations(self) -> list[Combination]:
        if self._reader.next() != tokens.START_OBJECT:
            self._reader.refuse("Filter is not an object")
        top: list[Combination] = [{}]
        self._open.append(_Object(top, "", in_or=False))
        while self._open:
            self._step()
        if self._too_many or len(top) > MAX_COMBINATIONS:
            raise Unreadable(f"Or operator is producing over {MAX_COMBINATIONS} rule combinations")
        return top

    def _step(self) -> None:
        inner = self._open[-1]
        if isinstance(inner, _Or):
            self._or_member(inner)
        else:
            self._member(inner)

    def _member(self, inside: _Object) -> None:
        reader = self._reader
        if reader.next() == tokens.END_OBJECT:
            if inside.empty:
                reader.refuse("Empty objects are not allowed")
            self._open.pop()
            return
        inside.empty = False
        name = reader.name
        if name == "$or":
            self._start_or(inside)
            return
        if inside.in_or and name in _RESERVED_IN_OR:
            reader.refuse(f"{name} is Ruler reserved fieldName which cannot be used inside $or.")
        self._field(inside, name)

    def _field(self, inside: _Object, name: str) -> None:
        path = intern(f"{inside.path}{name}")
        token = self._reader.next()
        if token == tokens.START_OBJECT:
            self._open.append(_Object(inside.combinations, f"{path}.", inside.in_or))
        elif token == tokens.START_ARRAY:
            self._write(inside.combinations, path, self._leaf())
        else:
            self._reader.refuse(f'"{name}" must be an object or an array')

    def _write(self, combinations: list[Combination], path: str, leaf: tuple[Alternative, ...]) -> None:
        for combination in combinations:
            combination[path] = leaf
        self._writes += len(combinations)
        if self._writes > _MAX_WRITES:
            self._give_up(combinations)

    def _leaf(self) -> tuple[Alternative, ...]:
        reader = self._reader
        found: list[Alternative] = []
        while (token := reader.next()) != tokens.END_ARRAY:
            if token == tokens.START_OBJECT:
                found.append(self._expression())
            elif token in _LITERALS:
                found.append(_LITERALS[token](reader.text()))
            else:
                reader.refuse("Match value must be String, number, true, false, or null")
        if not found:
            reader.refuse("Empty arrays are not allowed")
        return tuple(found)

    def _expression(self) -> Alternative:
        found = match_expression(self._reader, self._dialect.operators)
        if isinstance(found, AnythingBut) and found.operator and not self._dialect.nested_anything_but:
            self._reader.refuse(f"Unsupported anything-but pattern: {found.operator}")
        return found

    def _start_or(self, inside: _Object) -> None:
        if self._reader.next() != tokens.START_ARRAY:
            self._reader.refuse("It must be an Array followed with $or.")
        self._open.append(_Or(list(inside.combinations), inside.combinations, inside.path, []))

    def _or_member(self, inside: _Or) -> None:
        token = self._reader.next()
        if token == tokens.END_ARRAY:
            if len(inside.members) < 2:
                self._reader.refuse("There must have at least 2 Objects in $or relationship.")
            inside.combinations[:] = [made for member in inside.members for made in member]
            if len(inside.combinations) > MAX_COMBINATIONS:
                self._give_up(inside.combinations)
            self._open.pop()
        elif token == tokens.START_OBJECT:
            member = [dict(combination) for combination in inside.base]
            inside.members.append(member)
            self._open.append(_Object(member, inside.path, in_or=True))
        else:
            self._reader.refuse("Only JSON object is allowed in array of $or relationship.")

    def _give_up(self, combinations: list[Combination]) -> None:
        """Too many: go on with one, only to find the faults that AWS would report first."""
        self._too_many = True
        del combinations[1:]


_LITERALS: dict[str, Callable[[str], Alternative]] = {
    tokens.STRING: Literal,
    tokens.NUMBER: number,
    tokens.TRUE: lambda _: Literal(YES),
    tokens.FALSE: lambda _: Literal(NO),
    tokens.NULL: lambda _: Literal(None),
}
