"""Plain values and their places, whatever YAML is thrown at it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.config import yaml_source
from emulator.config.yaml_source import Doubtful, Mark, Source, read
from emulator.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config.yaml"


def source(text: str, **environ: str) -> Source:
    return read(text, "c.yaml", environ)


def texts(source: Source) -> list[tuple[int, int, str]]:
    return [(mark.line, mark.column, text) for mark, _, text in source.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("False", False), ("~", None), ("", None), ("null", None), ("12", 12), ("-3", -3), ("+3", 3),
        ("1.10", Decimal("1.10")), (".5", Decimal("0.5")), ("5.", Decimal("5")), ("1.0e+3", Decimal("1.0E+3")),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("0.1234567890123456789", Decimal("0.1234567890123456789")),
        ("2026-01-02", "2026-01-02"), ("'12'", "12"), ('"no"', "no"), ("!!str 12", "12"), ("!!int '12'", 12),
        ("rate(5 minutes)", "rate(5 minutes)"), ("|\n  a\n  b\n", "a\nb\n"), (">-\n  a\n  b\n", "a b"),
        ("[1, {a: b}]", [1, {"a": "b"}]), ("{1: a, on: b, 2026-01-02: c}", {"1": "a", "on": "b", "2026-01-02": "c"}),
        ("=", "="), ("{a:\tb}", {"a": "b"}), ("# nothing but a comment", None),
    ],
)  # fmt: skip
def test_values_are_what_they_look_like(text: str, value: Any) -> None:
    found = source(f"key: {text}").value["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("no", "false"), ("On", "true"), ("YES", "true"), ("off", "false"), ("012", "the number 10"),
        ("000000000000", "the number 0"), ("0x1F", "the number 31"), ("0b11", "the number 3"),
        ("1_000", "the number 1000"), ("12:30", "the number 750"), ("1_0.5", "the number 10.5"),
        (".inf", "the number inf"),        (".nan", "the number nan"),
        ("1e3", "text, where JSON would read a number"), ("1.5e3", "text, where JSON would read a number"),
        ("9" * 5000, "a number"),
    ],
)  # fmt: skip
def test_what_yaml_reads_more_into_is_kept_as_text_that_says_so(text: str, meaning: str) -> None:
    found = source(f"key: {text}").value["key"]
    assert isinstance(found, Doubtful)
    assert (found, found.meaning) == (text, meaning)


def test_places_are_those_of_key_and_value() -> None:
    found = source("rules:\n  a-rule:\n    targets: [x, {id: y}]\n")
    assert found.keys["rules", "a-rule"] == Mark(2, 3)
    assert found.values["rules", "a-rule", "targets", 0] == Mark(3, 15)
    assert found.keys["rules", "a-rule", "targets", 1, "id"] == Mark(3, 19)
    assert found.values["rules", "a-rule", "targets", 1, "id"] == Mark(3, 23)


@pytest.mark.parametrize("text", [EXAMPLE.read_text(), "ä: {ö: [ü, 😀, x]}", "a: |\n  x\nb:   'y'", "? a\n: b"])
def test_both_of_pyyamls_parsers_see_the_same_places(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = []
    for loader in {yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)}:
        monkeypatch.setattr(yaml_source, "_LOADER", loader)
        found = source(text)
        marks.append((found.keys, found.values))
    assert all(other == marks[0] for other in marks)


def test_anchors_and_merges() -> None:
    found = source("base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: {<<: [{z: 9, x: 7}, *b]}\nthree: *b\n")
    assert found.value["one"] == {"x": 1, "y": 3}
    assert found.value["two"] == {"z": 9, "x": 7, "y": 2}
    assert found.value["three"] == {"x": 1, "y": 2}
    assert not found.problems


def test_the_environment_is_read_and_stays_text() -> None:
    found = source("a: ${ACCOUNT}\nb: 'x-${NAME:-y}'\nc: $${NAME}\nd: ['${NO}']", ACCOUNT="012", NO="no")
    assert found.value == {"a": "012", "b": "x-y", "c": "${NAME}", "d": ["no"]}
    assert type(found.value["a"]) is str


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3", (3, 1, "given twice, first in line 1; remove one")),
        ("? [a]\n: 1", (1, 3, "a key must be a word, not a list or a mapping")),
        ("a: ${GONE}", (1, 4, "the variable GONE is not set, in .env neither: set it, or write ${GONE:-default}")),
        ("a:\n  <<: 3", (2, 7, "`<<` takes a mapping, or a list of mappings")),
        ("a: !!binary aGk=", (1, 4, "the tag !!binary is not known")),
    ],
)
def test_what_is_wrong_with_one_value_is_a_problem_of_it(text: str, problem: tuple[int, int, str]) -> None:
    assert texts(source(text)) == [problem]


@pytest.mark.parametrize("text", ["a: !Sub x", "a: !Ref [x]", "!GetAtt {a: b}"])
def test_tags_of_cloudformation_are_explained(text: str) -> None:
    ((_, _, problem),) = texts(source(text))
    assert "is not known; write the name or ARN itself" in problem


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: [1\nb: 2", (2, 2), "not YAML"),
        ("a:\n\tb: 1", (2, 1), "not YAML: a tab; indent with blanks"),
        ("a: [${X}]", (1, 6), "not YAML: inside of [ ] and { }, ${NAME} must be in quotes"),
        ("a: {b: ${X}}", (1, 9), "not YAML: inside of [ ] and { }, ${NAME} must be in quotes"),
        ("a: *gone", (1, 4), "not YAML: found undefined alias"),
        ("a: \x07", (1, 4), "not YAML: a control character"),
        ("a: 1\n---\nb: 2", (2, 1), "not YAML: expected a single document in the stream but found another document"),
        ("a: " + "[" * 100, (1, 64), "nested deeper than 60 levels"),
        ("a: &a [*a]", (1, 8), "an alias that contains itself"),
        ("a: &a\n  <<: *a", (1, 4), "an alias that contains itself"),
        ("a: " + "x" * 1_000_001, (1, 1), "longer than 1,000,000 characters"),
        ("[" + "1," * 250_000 + "1]", (1, 400_000), "more than 100,000 values"),
    ],
)
def test_what_cannot_be_read_at_all(text: str, place: tuple[int, int], problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        source(text)
    (found,) = raised.value.problems
    assert found.text.startswith(problem)
    assert found.line == place[0]
    assert found.file == "c.yaml"


def test_an_alias_bomb_is_stopped_before_it_grows() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12))
    with pytest.raises(ConfigError, match=r"more than 100,000 values, aliases counted as often as they are used"):
        source(f"a0: &a0 x\n{levels}")
