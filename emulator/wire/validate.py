"""The model's constraints, in AWS's words.  Knows no protocol: it looks at members that were read already.

A checker is compiled once for each shape; it returns None when all is well, and then costs little: paths and texts are
made when something is wrong. Wordings and their order are recorded on AWS (EventBridge, Lambda, Scheduler, 2025 and
2026); where a service words or orders a constraint its own way, wire/patches say so.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from emulator.errors import AwsError
from emulator.wire import java
from emulator.wire.models import Operation, Shape


class Failure(NamedTuple):
    """`path` is relative to the value that was checked; `shown` is that part of it, as AWS prints it."""

    path: str
    shown: str
    constraint: str

    def below(self, path: str) -> "Failure":
        return self._replace(path=f"{path}.{self.path}" if self.path else path)

    def __str__(self) -> str:
        return f"Value {self.shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


Check = Callable[[Any], list[Failure] | None]


def check(operation: Operation, members: dict[str, Any]) -> None:
    """Raises AWS's ValidationException when the members break what the model says about the input."""
    failures = _checker(operation)(members)
    if failures:
        count = "1 validation error" if len(failures) == 1 else f"{len(failures)} validation errors"
        raise AwsError("ValidationException", f"{count} detected: {'; '.join(map(str, failures))}")


# No more is told than somebody may read; where AWS stops is not recorded.
_ENOUGH = 1000
_QUOTED = 20_000

NOT_NULL = "Member must not be null"


@cache
def _checker(operation: Operation) -> Check:
    return (operation.input and _Compiler().shape(operation.input)) or (lambda members: None)


class _Compiler:
    """Compiles checkers; keeps those of structures, so that shapes may contain themselves."""

    def __init__(self) -> None:
        self._structures: dict[str, Check] = {}

    def shape(self, shape: Shape) -> Check | None:
        """None when the model says nothing about these values."""
        if shape.type == "structure":
            return self._structures.get(shape.name) or self._structure(shape)
        if shape.type == "list":
            return _all_of(_scalar(shape), self._elements(shape))
        if shape.type == "map":
            return _all_of(_scalar(shape), _keys(shape), self._values(shape))
        return _scalar(shape)

    def _structure(self, shape: Shape) -> Check | None:
        fields: list[tuple[str, bool, Check | None]] = []

        def check(value: dict[str, Any]) -> list[Failure] | None:
            failures: list[Failure] | None = None
            for name, required, inner in fields:
                given = value.get(name)
                if given is None:
                    found = [Failure("", "null", NOT_NULL)] if required else None
                else:
                    found = inner(given) if inner else None
                if found:
                    failures = (failures or []) + [failure.below(java.member_name(name)) for failure in found]
            return failures

        self._structures[shape.name] = check
        required = shape.required
        checks = ((name, name in required, self.shape(member.shape)) for name, member in shape.members.items())
        fields.extend(field for field in checks if field[1] or field[2])
        return check if fields else None

    def _elements(self, shape: Shape) -> Check | None:
        item = shape.item.shape
        if item.type not in ("structure", "list", "map"):
            return _each(shape, item, "Member must satisfy constraint", list)
        inner = self.shape(item)

        def check(value: list[Any]) -> list[Failure] | None:
            failures = []
            for number, element in enumerate(value, 1):
                failures += [failure.below(f"{number}.member") for failure in _null_or(inner, element) or ()]
                if len(failures) > _ENOUGH:
                    break
            return failures

        return check

    def _values(self, shape: Shape) -> Check | None:
        item = shape.value.shape
        if item.type not in ("structure", "list", "map"):
            return _each(shape, item, "Map value must satisfy constraint", dict.values)
        inner = self.shape(item)

        def check(value: dict[str, Any]) -> list[Failure] | None:
            failures = []
            for key, element in value.items():
                failures += [failure.below(f"{key}.member") for failure in _null_or(inner, element) or ()]
            return failures

        return check


def _null_or(inner: Check | None, element: Any) -> list[Failure] | None:
    if element is None:
        return [Failure("", "null", NOT_NULL)]
    return inner(element) if inner else None


def _keys(shape: Shape) -> Check | None:
    return _each(shape, shape.key.shape, "Map keys must satisfy constraint", list)


def _each(shape: Shape, item: Shape, words: str, elements: Callable[[Any], Any]) -> Check:
    """Simple elements are refused together: the whole collection is shown, with all that is asked of an element."""
    inner = _scalar(item)
    nullable = words.startswith("Map keys")

    def check(value: Any) -> list[Failure] | None:
        for element in elements(value):
            if element is None or (inner and inner(element)):
                asked = [text for text, _ in _constraints(item)]
                if element is None or (item.model.metadata.get("elementsNotNull") and not nullable):
                    asked.append(NOT_NULL)
                return [Failure("", _quoted(value, shape), f"{words}: [{', '.join(asked)}]")]
        return None

    return check


def _scalar(shape: Shape) -> Check | None:
    """The constraints on the value itself: a length, a range, a pattern, a set."""
    constraints = _constraints(shape)
    if not constraints:
        return None
    tests = [test for _, test in constraints]
    if len(tests) == 1:
        (text, test), *_ = constraints
        return lambda value: None if test(value) else [Failure("", _quoted(value, shape), text)]

    def check(value: Any) -> list[Failure] | None:
        for test in tests:
            if not test(value):
                return [Failure("", _quoted(value, shape), text) for text, test in constraints if not test(value)]
        return None

    return check


def _all_of(*checks: Check | None) -> Check | None:
    given = [check for check in checks if check]
    if len(given) < 2:
        return given[0] if given else None

    def check(value: Any) -> list[Failure] | None:
        return [failure for check in given for failure in check(value) or ()]

    return check


def _quoted(value: Any, shape: Shape) -> str:
    text = java.to_string(value, shape)
    return f"'{text if len(text) <= _QUOTED else text[:_QUOTED] + '…'}'"


Constraint = tuple[str, Callable[[Any], object]]


def _constraints(shape: Shape) -> list[Constraint]:
    """Text and test of each, in AWS's order: upper bound, lower bound, pattern, set."""
    bounds = [_bound(shape, trait, shape.traits[trait]) for trait in ("max", "min") if trait in shape.traits]
    if shape.type == "string" and "max" in shape.traits and "min" not in shape.traits:
        bounds.append(_bound(shape, "min", 0))  # never broken, but told when an element is refused
    pattern = [_pattern(shape)] if "pattern" in shape.traits else []
    enum = [_enum(shape)] if "enum" in shape.traits else []
    return [*pattern, *bounds, *enum] if shape.traits.get("patternFirst") else [*bounds, *pattern, *enum]


def _bound(shape: Shape, trait: str, bound: float) -> Constraint:
    number = shape.type in ("integer", "long", "double", "float")
    bound = float(bound) if shape.type in ("double", "float") else int(bound)
    words = f"{'value' if number else 'length'} {'less' if trait == 'max' else 'greater'} than or equal to {bound}"
    if number:
        return f"Member must have {words}", bound.__ge__ if trait == "max" else bound.__le__
    test = (lambda value: len(value) <= bound) if trait == "max" else (lambda value: len(value) >= bound)
    return f"Member must have {words}", test


def _pattern(shape: Shape) -> Constraint:
    pattern = shape.traits["pattern"]
    return f"Member must satisfy regular expression pattern: {pattern}", java.full_match(pattern)


def _enum(shape: Shape) -> Constraint:
    values = shape.traits["enum"]
    return f"Member must satisfy enum value set: [{', '.join(values)}]", frozenset(values).__contains__
