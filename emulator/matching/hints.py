"""What is at a path of an event, and why it may not be what a pattern wants there."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from emulator.matching.alternatives import (
    Affix,
    Alternative,
    AnythingBut,
    Constant,
    Exists,
    Literal,
    Number,
    Numeric,
    Wildcard,
)
from emulator.matching.leaves import Wanted, leaf
from emulator.matching.numbers import Digits, comparable
from emulator.matching.pattern import Condition
from emulator.matching.projections import Value

_MOST_VALUES = 5
_MOST_OBJECTS = 1_000  # looked at for one hint
_LONGEST = 120
_ENVELOPE = frozenset(
    ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
)  # each of them is itself: `detail` does not mean `detail-type`


@dataclass(frozen=True, slots=True)
class Seen:
    """The values at a path as JSON; `instead` says what else is there, when there is no value."""

    values: tuple[Any, ...]
    instead: str = "nothing"

    def text(self) -> str:
        """One value as it is, several as an array, none in words."""
        if not self.values:
            return self.instead
        if len(self.values) == 1:
            return json_text(self.values[0])
        more = f" and {len(self.values) - _MOST_VALUES} more" if len(self.values) > _MOST_VALUES else ""
        return json_text(list(self.values[:_MOST_VALUES])) + more


def json_text(value: Any) -> str:
    """JSON on one line, cut when it is long."""
    text = printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def printable(text: str) -> str:
    """The text with halves of surrogate pairs escaped, which no terminal and no response could take."""
    return text.encode(errors="backslashreplace").decode()


def look(event: Mapping[str, Any], condition: Condition, values: Sequence[Value], holds: bool) -> Seen:
    """What the event has at the condition's path: where the condition holds, only what it accepts."""
    accepted = [value for value in values if condition.test(value)] if holds else list(values)
    if accepted:
        return Seen(tuple(_json(value) for value in accepted))
    if holds:
        return Seen((), "absent")
    return Seen((), next((_instead(value) for value in _at(event, condition.path.split("."))), "nothing"))


def hint(event: Mapping[str, Any], condition: Condition, values: Sequence[Value], found: Seen) -> str | None:
    """The likeliest reason why the condition does not hold, in a few words; None when there is nothing to add."""
    if any(condition.test(value) for value in values) or (condition.absent and not values):
        return "it is in another element of the array"
    for value in values:
        for reason, changed in _changes(condition.alternatives, value):
            if changed:
                return reason
    return None if values else _missing(event, condition, found) or _needs_value(condition)


def _json(value: Value) -> Any:
    if isinstance(value, Constant):
        return value.json
    return value.json if isinstance(value, Digits) else value


def _instead(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "an empty array" if not value else "an array of objects"


def _at(event: Any, names: list[str]) -> Iterator[Any]:
    """The objects and arrays at a path; names joined by dots count as a way too."""
    pending = [(event, 0)]
    for _ in range(_MOST_OBJECTS):
        if not pending:
            return
        value, done = pending.pop()
        if isinstance(value, list):
            if done == len(names):
                yield value
            pending += [(item, done) for item in reversed(value[:_MOST_OBJECTS])]
        elif isinstance(value, Mapping):
            if done == len(names):
                yield value
            for end in range(len(names), done, -1):
                key = ".".join(names[done:end])
                if key in value:
                    pending.append((value[key], end))


# -- a value is there, but not the right one


def _changes(alternatives: Iterable[Alternative], value: Value) -> Iterator[tuple[str, bool]]:
    """Reasons, each with whether the value would be accepted if it were not for that."""
    wanted = tuple(alternatives)
    if isinstance(value, str):
        yield "only the case differs", any(_accepts(_lowered(one), value.lower()) for one in wanted)
        yield "only white space around it differs", any(_accepts(one, value.strip()) for one in wanted)
        number = _as_number(value)
        numeric = [one for one in wanted if isinstance(one, Number | Numeric)]
        yield "it is a string, a number is wanted", any(_accepts(one, number) for one in numeric)
        constants = {"true": True, "false": False, "null": None}
        if value in constants:
            constant = leaf(constants[value])
            yield (
                f"it is a string, {value} is wanted",
                any(isinstance(one, Literal) and one.value is constant for one in wanted),
            )
    else:
        text = json.dumps(_json(value))
        kind = "null" if value is None else "a boolean" if isinstance(value, Constant) else "a number"
        strings = [one for one in wanted if not isinstance(one, AnythingBut)]
        yield f"it is {kind}, a string is wanted", any(_accepts(one, text) for one in strings)


def _accepts(alternative: Alternative | None, value: Any) -> bool:
    return alternative is not None and value is not None and alternative.test()(value)


def _lowered(alternative: Alternative) -> Alternative | None:
    if isinstance(alternative, Affix | Wildcard):
        return replace(alternative, text=alternative.text.lower())
    if isinstance(alternative, Literal) and isinstance(alternative.value, str):
        return Literal(alternative.value.lower())
    return None


def _as_number(text: str) -> float | None:
    try:
        return comparable(text)
    except ValueError:
        return None


# -- no value is there


def _missing(event: Mapping[str, Any], condition: Condition, found: Seen) -> str | None:
    if found.instead != "nothing":
        return "objects and empty arrays are no values" if _wants_any(condition) else None
    path = condition.path
    for elsewhere in (f"detail.{path}", path.removeprefix("detail.")):
        if elsewhere != path and Wanted([elsewhere]).leaves(event):
            return f"it is at {elsewhere}"
    names = path.split(".")
    for known in range(len(names) - 1, -1, -1):
        objects = [value for value in _at(event, names[:known]) if isinstance(value, Mapping)]
        if objects:
            return _nearest(objects, names, known)
    return None


def _needs_value(condition: Condition) -> str | None:
    negated = any(isinstance(one, AnythingBut) for one in condition.alternatives)
    return "anything-but needs a value to be there" if negated else None


def _wants_any(condition: Condition) -> bool:
    return any(isinstance(one, Exists | AnythingBut) for one in condition.alternatives)


def _nearest(objects: list[Mapping[str, Any]], names: list[str], known: int) -> str | None:
    """A key beside the missing one that may have been meant, or the string that should have been an object."""
    name = names[known]
    before = ".".join(names[:known])
    for members in objects:
        if isinstance(members.get(name), str):
            return f"{'.'.join(names[: known + 1])} is a string: patterns do not look into strings"
    keys = list(dict.fromkeys(key for members in objects for key in members))[:_MOST_OBJECTS]
    same = [key for key in keys if key.casefold() == name.casefold()]
    similar = [key for key in keys if key not in _ENVELOPE] if not before and name in _ENVELOPE else keys
    near = same or get_close_matches(name, similar, n=1, cutoff=0.7)
    if near and near[0] != name:
        return f"there is {before + '.' if before else ''}{near[0]}"
    return f"there is no {'.'.join(names[: known + 1])}" if known < len(names) - 1 else None
