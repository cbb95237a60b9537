"""What is wrong with a configuration: collected, put into words, and pointed at in the file."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_origin

from pydantic import AliasChoices, ValidationError
from pydantic.fields import FieldInfo

from emulator.config.not_yet import NOT_YET
from emulator.config.shapes import FileShape, FunctionShape, RuleShape, Shape, seconds
from emulator.config.yaml_source import KeyPath, Mark, Source
from emulator.errors import ConfigError, Problem

_KINDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
}
# What people call a key that has another name here.
_SYNONYMS = {
    "environment": "env", "environmentvariables": "env", "variables": "env", "memorysize": "memory",
    "eventbus": "bus", "cron": "schedule", "rate": "schedule", "code": "path", "codeuri": "path",
    "deadletterqueue": "dlq", "retrypolicy": "retry", "url": "endpoint", "endpointurl": "endpoint",
}  # fmt: skip
_SPANS = ((3600, "h"), (60, "m"), (1, "s"))


class Problems:
    """Every problem of one file.  Paths may use either spelling of a key; what is printed is the one in the file."""

    def __init__(self, source: Source, file: str) -> None:
        self._source = source
        self._file = file
        self._found = [
            Problem(file, mark.line, mark.column, dotted(path), text) for mark, path, text in source.problems
        ]
        self._paths = [path for _, path, _ in source.problems]

    def __len__(self) -> int:
        return len(self._found)

    def within(self, path: KeyPath) -> bool:
        """Is something wrong with the value at `path`, or with a part of it?"""
        written, _ = self._written(path)
        return any(found[: len(written)] == written for found in self._paths)

    def add(self, path: KeyPath, text: str, *, at_key: bool = False) -> None:
        """Something is wrong with the value at `path`, or with its key."""
        self._found.append(self.problem(path, text, at_key=at_key))
        written, rest = self._written(path)
        self._paths.append((*written, *rest))

    def note(self, problem: Problem) -> None:
        """Something is wrong elsewhere than in this file."""
        self._found.append(problem)

    def problem(self, path: KeyPath, text: str, *, at_key: bool = False) -> Problem:
        """The problem, not collected."""
        written, rest = self._written(path)
        mark = self._mark(written, at_key=at_key and not rest)
        # What is short for a mapping (`charge` for `{function: charge}`) has no keys of its own to name.
        key = written if rest and isinstance(self._value(written), str) else (*written, *rest)
        return Problem(self._file, mark.line, mark.column, dotted(key), text)

    def add_all(self, error: ValidationError) -> None:
        """What pydantic found against the shapes."""
        dedented = set()
        for found in error.errors(include_url=False):
            path = tuple(found["loc"])
            if parent := _key_of_an_entry(path):
                if path[:2] not in dedented:
                    self.add(path[:2], f"is a key of a {parent}: indentation? It goes below its name", at_key=True)
                dedented.add(path[:2])
            elif found["type"] == "extra_forbidden":
                self.add(path, _unknown_key(path), at_key=True)
            else:
                written, rest = self._written(path)
                value = found["input"] if rest else self._value(written)  # as it was before it was read as a number
                self.add(path, _sentence(found["type"], value, found.get("ctx", {}), found["msg"]))

    def raise_any(self) -> None:
        """Raises ConfigError with everything found so far, in the order of the file, if there is anything."""
        if self._found:
            raise ConfigError(sorted(set(self._found), key=lambda problem: (problem.line, problem.column)))

    def _written(self, path: KeyPath) -> tuple[KeyPath, KeyPath]:
        """The path as the file spells it as far as it goes, and the rest that is not in the file."""
        written: KeyPath = ()
        for depth, step in enumerate(path):
            spelling = next((name for name in _spellings(step) if (*written, name) in self._source.values), None)
            if spelling is None:
                return written, path[depth:]
            written = (*written, spelling)
        return written, ()

    def _mark(self, written: KeyPath, *, at_key: bool) -> Mark:
        if at_key and written in self._source.keys:
            return self._source.keys[written]
        return self._source.values.get(written, Mark(1, 1))

    def _value(self, path: KeyPath) -> Any:
        value = self._source.value
        for step in path:
            value = value[step]
        return value


def dotted(path: KeyPath) -> str:
    """`rules.charge-on-order.targets[0].input`"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def suggestion(word: str, known: Iterable[str]) -> str:
    """The nearest of the `known` words, or an empty text.  Case and the kind of separator do not count; of words that
    are the same then, the first is meant."""
    plain: dict[str, str] = {}
    for name in known:
        plain.setdefault(_folded(name), name)
    near = difflib.get_close_matches(_folded(word), plain, n=1, cutoff=0.6)
    return plain[near[0]] if near else ""


def _folded(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


def _unknown_key(path: KeyPath) -> str:
    shape, key = _shape_at(path[:-1]), str(path[-1])
    if key in NOT_YET.get(shape, {}):
        return NOT_YET[shape][key]
    names = {spelling: names_of(name, field) for name, field in shape.model_fields.items()
             for spelling in names_of(name, field)}  # fmt: skip
    if key in names:
        ours, theirs = names[key][0], names[key][-1]
        return f"{ours} and {theirs} are two names of one thing; give one of them"
    near = _SYNONYMS.get(_folded(key), "")
    near = near if near in names else suggestion(key, names)
    if near and not key[:1].isupper():  # who writes AWS's names is told AWS's, all others ours
        near = names[near][0]
    return (
        f'unknown key. Did you mean "{near}"?' if near else f"unknown key. Known here: {', '.join(shape.model_fields)}"
    )


def _key_of_an_entry(path: KeyPath) -> str:
    """`rule` when the path is that of a "rule" by the name of `pattern`; else an empty text."""
    shapes: dict[str, type[Shape]] = {"rules": RuleShape, "functions": FunctionShape}
    shape = shapes.get(str(path[0])) if len(path) > 1 else None
    known = shape is not None and any(path[1] in names_of(*field) for field in shape.model_fields.items())
    return str(path[0]).removesuffix("s") if known else ""


def names_of(name: str, field: FieldInfo) -> tuple[str, ...]:
    """The spellings of a key: ours first, then AWS's."""
    alias = field.validation_alias
    return tuple(str(choice) for choice in alias.choices) if isinstance(alias, AliasChoices) else (name,)


def _shape_at(path: KeyPath) -> type[Shape]:
    """The shape of the mapping at `path`, which exists."""
    shape: type[Shape] = FileShape
    steps = iter(path)
    for step in steps:
        field = next(field for name, field in shape.model_fields.items() if step in names_of(name, field))
        if _is_collection(field.annotation):
            next(steps, None)  # the name of an entry, or its number
        shape = next(_shapes_in(field.annotation))
    return shape


def _is_collection(annotation: Any) -> bool:
    return get_origin(annotation) in (dict, list)


def _shapes_in(annotation: Any) -> Iterator[type[Shape]]:
    if isinstance(annotation, type) and not get_origin(annotation) and issubclass(annotation, Shape):
        yield annotation
    for part in get_args(annotation):
        yield from _shapes_in(part)


def _fields(shape: type[Shape]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in shape.model_fields.items():
        yield name, field
        for inner in _shapes_in(field.annotation):
            yield from _fields(inner)


_ALIASES: dict[str, tuple[str, ...]] = {}
for _name, _field in _fields(FileShape):
    for _spelling in names_of(_name, _field):
        _ALIASES[_spelling] = tuple(dict.fromkeys((*_ALIASES.get(_spelling, ()), *names_of(_name, _field))))


def _spellings(step: str | int) -> tuple[str | int, ...]:
    return (step, *_ALIASES.get(step, ())) if isinstance(step, str) else (step,)


def _sentence(kind: str, value: Any, context: dict[str, Any], message: str) -> str:
    if kind in _KINDS:
        return f"should be {_KINDS[kind]}, not {_shown(value)}"
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"should be {context['expected']}, not {_shown(value)}"
    if kind in ("greater_than_equal", "greater_than"):
        least = "more than" if kind == "greater_than" else "at least"
        return f"should be {least} {_limit(context, value)}, not {_shown(value)}"
    if kind == "less_than_equal":
        return f"should be at most {_limit(context, value)}, not {_shown(value)}"
    if kind == "string_too_long":
        return f"should be at most {context['max_length']} characters long, not {len(value)}"
    if kind == "string_too_short":
        return "should not be empty"
    if kind == "string_pattern_mismatch":
        return f"should look like {context['pattern']}, not {_shown(value)}"
    return message


def _limit(context: dict[str, Any], value: Any) -> str:
    """`15m (900 s)` for a duration that was written with its unit, else the number."""
    number = next(value for name, value in context.items() if name in ("ge", "gt", "le"))
    if seconds(value) is None:
        return f"{number:g}"
    size, unit = next((size, unit) for size, unit in _SPANS if number % size == 0)
    return f"{number:g} s" if unit == "s" else f"{number / size:g}{unit} ({number:g} s)"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f"'{value[:60]}…'" if len(value) > 60 else f"'{value}'"
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
