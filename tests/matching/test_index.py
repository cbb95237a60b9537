from collections.abc import Callable
from typing import Any

import pytest

from emulator.matching import Pattern, RuleIndex, compile_pattern
from tests.matching.patterns import compiled


def made_of(rules: dict[str, object]) -> RuleIndex[str]:
    index = RuleIndex[str]()
    for name, content in rules.items():
        index.add(name, compiled(content))
    return index


def test_rules_come_in_the_order_they_were_added() -> None:
    index = made_of({"z": {"a": [1]}, "y": {"b": [{"exists": False}]}, "x": {"a": [{"numeric": [">", 0]}]}})
    assert index.match({"a": 1}) == ["z", "y", "x"]


def test_a_rule_is_found_once() -> None:
    index = made_of({"twice": {"$or": [{"a": [1]}, {"a": [{"exists": True}]}]}})
    assert index.match({"a": [1, 2]}) == ["twice"]


def test_add_replaces() -> None:
    index = made_of({"rule": {"a": [1]}})
    index.add("rule", compiled({"a": [2]}))
    assert (index.match({"a": 1}), index.match({"a": 2}), len(index)) == ([], ["rule"], 1)


def test_remove() -> None:
    index = made_of({"one": {"a": [1]}, "two": {"a": [1]}})
    index.remove("one")
    assert (index.match({"a": 1}), "one" in index, "two" in index) == (["two"], False, True)
    with pytest.raises(KeyError):
        index.remove("one")


KINDS: list[Callable[[int], dict[str, Any]]] = [
    lambda n: {"a": [n]},
    lambda n: {"a": [f"{n}"]},
    lambda n: {"a": [{"prefix": f"{n}"}]},
    lambda n: {"a": [{"suffix": f"x{n}"}]},
    lambda n: {"a": [{"equals-ignore-case": f"N{n}"}]},
    lambda n: {"a": [{"prefix": {"equals-ignore-case": f"P{n}"}}]},
    lambda n: {"a": [f"10.0.0.{n % 256}", f"::{n:x}"]},
    lambda n: {"a": [f"{m}" for m in range(n, n + 40)], "b": [n % 3]},
    lambda n: {"a": [{"numeric": [">", n]}], "b": ["same"]},
    lambda n: {f"k{n}": [n]},
    lambda n: {"a": [1], "b": [1], "c": [1]},
]
VALUES = [0, 7, "0", "7", "12", "x7", "n7", "P7", "p12z", "10.0.0.07", "::7", None, True, ["3", "4"], "same", 300]


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_crowds_are_spread_without_losing_anyone(kind: int) -> None:
    rules: dict[int, Pattern] = {number: compiled(KINDS[kind](number)) for number in range(60)}
    index = RuleIndex[int]()
    for number, pattern in rules.items():
        index.add(number, pattern)
    events = [{"a": a, "b": b, "c": 1, "k7": 7} for a in VALUES for b in (0, 1, "same")]
    for event in events:
        assert index.match(event) == [number for number, pattern in rules.items() if _alone(pattern, event)]
    for number in range(0, 60, 2):
        index.remove(number)
    for event in events[::5]:
        assert index.match(event) == [number for number in range(1, 60, 2) if _alone(rules[number], event)]


def _alone(pattern: Pattern, event: dict[str, object]) -> bool:
    index = RuleIndex[int]()
    index.add(0, pattern)
    return bool(index.match(event))


def test_a_rule_of_many_alternatives_is_not_multiplied_without_end() -> None:
    index = RuleIndex[int]()
    many = compiled({key: list(range(1000)) for key in "abcd"})
    for number in range(50):
        index.add(number, many)
    assert index.match(dict.fromkeys("abcd", 5)) == list(range(50))
    assert index._root.size <= 50 * 256


def test_many_equal_rules_of_many_paths() -> None:
    index = RuleIndex[int]()
    same = compile_pattern("{" + ",".join(f'"k{number}":[1]' for number in range(600)) + "}")
    for number in range(30):
        index.add(number, same)
    assert len(index.match({f"k{number}": 1 for number in range(600)})) == 30
