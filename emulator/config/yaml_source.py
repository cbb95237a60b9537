"""YAML text as plain values, and where each of them stands.  Knows nothing of what the values mean.

PyYAML composes the document (so anchors, merges and every style work); the values are made here, because YAML 1.1 reads
more into a plain word than people expect: `no` is false, `012` is ten, `12:30` is 750. Here

    true false null 12 -1.50      are what they look like (fractions are Decimals, so that no digit is lost);
    no on 012 0x1f 1_000 12:30    become a `Doubtful`: the text as written, which also says what YAML would make of it;
    2026-01-02 and all the rest   is text.

Size, depth and number of values are bounded, aliases counted as often as they are used.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from emulator.config.substitution import Unresolved, substitute
from emulator.errors import ConfigError, Problem

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 60
MAX_VALUES = 100_000

KeyPath = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,300})")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?\.[0-9]*([eE][-+][0-9]{1,3})?")
_BARE_EXPONENT = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+")
_SCALARS = frozenset({"null", "bool", "int", "float", "str", "timestamp", "merge", "value"})
_STANDARD = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the file, counted from 1."""

    line: int
    column: int


class Doubtful(str):
    """A plain word that YAML 1.1 reads as something else; `meaning` says as what, in words."""

    __slots__ = ("meaning",)
    meaning: str

    def __new__(cls, text: str, meaning: str) -> "Doubtful":
        word = super().__new__(cls, text)
        word.meaning = meaning
        return word


@dataclass(slots=True)
class Source:
    """The value of a document, and the places: of the value at a path, and of the key that leads to it."""

    value: Any = None
    values: dict[KeyPath, Mark] = field(default_factory=dict)
    keys: dict[KeyPath, Mark] = field(default_factory=dict)
    problems: list[tuple[Mark, KeyPath, str]] = field(default_factory=list)


def read(text: str, file: str, environ: Mapping[str, str]) -> Source:
    """The document in `text`, with `${NAME}` replaced from `environ`.

    Raises ConfigError when it cannot be read as YAML at all; what is wrong with single values is in `problems`.
    """
    try:
        _measure(text)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Mark(1, 1) if mark is None else Mark(mark.line + 1, mark.column + 1)
        raise ConfigError([_broken(file, place, _sentence(text, place, error))]) from None
    except yaml.reader.ReaderError as error:
        raise ConfigError([_broken(file, _place_of(text, error.position), "not YAML: a control character")]) from None
    except _TooMuch as error:
        raise ConfigError([_broken(file, error.mark, error.text)]) from None
    if root is None:
        return Source(values={(): Mark(1, 1)})
    reader = _Reader(environ)
    try:
        reader.source.value = reader.value(root, (), ())
    except _TooMuch as error:
        raise ConfigError([_broken(file, error.mark, error.text)]) from None
    return reader.source


class _TooMuch(Exception):
    def __init__(self, mark: Mark, text: str) -> None:
        super().__init__(text)
        self.mark = mark
        self.text = text


def _measure(text: str) -> None:
    """Composing is recursive, so what is too deep must be found before."""
    if len(text) > MAX_CHARACTERS:
        raise _TooMuch(Mark(1, 1), f"longer than {MAX_CHARACTERS:,} characters")
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _TooMuch(_mark(event), f"nested deeper than {MAX_DEPTH} levels")
        if number > 2 * MAX_VALUES:
            raise _TooMuch(_mark(event), f"more than {MAX_VALUES:,} values")


class _Reader:
    """Turns nodes into values and notes the places."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.source = Source()
        self._environ = environ
        self._count = 0

    def value(self, node: yaml.Node, path: KeyPath, inside: tuple[int, ...]) -> Any:
        mark = self.source.values[path] = _mark(node)
        self._count += 1
        if self._count > MAX_VALUES:
            raise _TooMuch(mark, f"more than {MAX_VALUES:,} values, aliases counted as often as they are used")
        if id(node) in inside:
            raise _TooMuch(mark, "an alias that contains itself")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if not node.tag.startswith(_STANDARD):
            self._problem(node, path, _tag_text(node.tag))
        if isinstance(node, yaml.SequenceNode):
            inside = (*inside, id(node))
            return [self.value(item, (*path, index), inside) for index, item in enumerate(node.value)]
        return self._mapping(node, path, (*inside, id(node)))

    def _mapping(self, node: yaml.Node, path: KeyPath, inside: tuple[int, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in self._pairs(node, path, inside):
            self.source.keys[*path, key.value] = _mark(key)
            result[key.value] = self.value(value, (*path, key.value), inside)
        return result

    def _pairs(
        self, node: yaml.Node, path: KeyPath, inside: tuple[int, ...]
    ) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """Key and value of each entry, merged ones (`<<`) first unless they are overridden."""
        own: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._problem(key, path, "a key must be a word, not a list or a mapping")
            elif key.tag == f"{_STANDARD}merge":
                for entry in self._merge(value, path, inside):
                    merged.setdefault(entry[0].value, entry)
            elif key.value in own:
                first = _mark(own[key.value][0]).line
                self._problem(key, (*path, key.value), f"given twice, first in line {first}; remove one")
            else:
                own[key.value] = (key, value)
        yield from (entry for name, entry in merged.items() if name not in own)
        yield from own.values()

    def _merge(
        self, node: yaml.Node, path: KeyPath, inside: tuple[int, ...]
    ) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        if id(node) in inside:
            raise _TooMuch(_mark(node), "an alias that contains itself")
        if isinstance(node, yaml.MappingNode):
            yield from self._pairs(node, path, (*inside, id(node)))
        elif isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.MappingNode) for item in node.value):
            for item in node.value:
                yield from self._merge(item, path, (*inside, id(node)))
        else:
            self._problem(node, path, "`<<` takes a mapping, or a list of mappings")

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        try:
            text = substitute(node.value, self._environ)
        except Unresolved as error:
            self._problem(node, path, str(error))
            return node.value
        # What comes from the environment is text, whatever it looks like: an account may begin with 0.
        return text if text != node.value else self._plain(node, path)

    def _plain(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        text, kind = node.value, node.tag.removeprefix(_STANDARD)
        if kind not in _SCALARS:
            self._problem(node, path, _tag_text(node.tag))
            return text
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == "int" and _INT.fullmatch(text):
            return int(text)
        if kind == "float" and _FLOAT.fullmatch(text):
            return Decimal(text)
        if kind in ("bool", "int", "float"):
            return Doubtful(text, _meaning(node, kind))
        if kind == "str" and not node.style and _BARE_EXPONENT.fullmatch(text):
            return Doubtful(text, "text, where JSON would read a number")
        return text

    def _problem(self, node: yaml.Node, path: KeyPath, text: str) -> None:
        self.source.problems.append((_mark(node), path, text))


def _meaning(node: yaml.ScalarNode, kind: str) -> str:
    constructor = yaml.SafeLoader("")
    try:
        if kind == "bool":
            return "true" if constructor.construct_yaml_bool(node) else "false"
        make = constructor.construct_yaml_int if kind == "int" else constructor.construct_yaml_float
        return f"the number {make(node)}"
    except ValueError:
        return "a number"


def _tag_text(tag: str) -> str:
    hint = "; write the name or ARN itself, nothing resolves CloudFormation's tags here"
    return f"the tag {tag.replace(_STANDARD, '!!')} is not known{hint if re.match('![A-Z]', tag) else ''}"


def _sentence(text: str, place: Mark, error: yaml.MarkedYAMLError) -> str:
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "not YAML: a tab; indent with blanks"
    if "${" in line and error.context and "flow" in error.context:
        return "not YAML: inside of [ ] and { }, ${NAME} must be in quotes"
    reason = " ".join(part.strip() for part in (error.context, error.problem) if part)
    return f"not YAML: {reason}"


def _mark(thing: Any) -> Mark:
    return Mark(thing.start_mark.line + 1, thing.start_mark.column + 1)


def _place_of(text: str, position: int) -> Mark:
    before = text[: max(position, 0)]
    return Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _broken(file: str, place: Mark, text: str) -> Problem:
    return Problem(file, place.line, place.column, "", text)
