"""Values that satisfy a branch must not come from different elements of one array (recorded on AWS, Sep 2026)."""

import json
import time
from random import Random
from typing import Any

import pytest

from emulator.matching import matches, parse_event
from emulator.matching.arrays import together
from emulator.matching.leaves import Wanted
from tests.matching.patterns import compiled

A1B2 = {"v": {"a": [1], "b": [2]}}
ABSENT = {"v": {"a": [1], "b": [{"exists": False}]}}
ABSENT_FIRST = {"v": {"a": [{"exists": False}], "b": [2]}}
NESTED = {"v": {"c": [3], "w": {"a": [1], "b": [2]}}}


@pytest.mark.parametrize(
    ("content", "event", "verdict"),
    [
        (A1B2, {"v": [{"a": 1, "b": 2}]}, True),
        (A1B2, {"v": [{"a": 1}, {"b": 2}]}, False),
        (A1B2, {"v": [{"a": 1, "b": 0}, {"a": 0, "b": 2}]}, False),
        (A1B2, {"v": [[{"a": 1}], [{"b": 2}]]}, False),
        (A1B2, {"v": [[{"a": 1}, {"b": 2}]]}, False),
        (A1B2, {"v": [[{"a": 1, "b": 2}], []]}, True),
        (A1B2, {"v": {"a": [1, 5], "b": [5, 2]}}, True),
        (A1B2, {"v": [{"a": [0, 1], "b": [2]}]}, True),
        (A1B2, '{"v":[{"a":1}],"v":[{"b":2}]}', True),
        (A1B2, '{"v":{"a":1},"v":{"b":2}}', True),
        (A1B2, {"v.a": 1, "v": [{"b": 2}]}, True),
        (A1B2, {"v": [{"a": 1}, [{"b": 2}]]}, False),
        (A1B2, {"v": [{"a": 1, "b": 2}, [{"b": 2}]]}, True),
        (ABSENT, {"v": [{"a": 1}, {"b": 2}]}, True),
        (ABSENT, {"v": [{"a": 1, "b": 2}]}, False),
        (ABSENT, {"v": [{"a": 1, "b": 2}, {"a": 1}]}, True),
        (ABSENT, {"v": [{"a": 1}, {"a": 0, "b": 2}], "v.b": 0}, False),
        (ABSENT_FIRST, {"v": [{"b": 2}, {"a": 1}]}, False),
        (ABSENT_FIRST, {"v": [{"b": 2}]}, True),
        (NESTED, {"v": [{"c": 3, "w": [{"a": 1, "b": 2}]}]}, True),
        (NESTED, {"v": [{"c": 3}, {"w": [{"a": 1, "b": 2}]}]}, False),
        (NESTED, {"v": [{"c": 3, "w": [{"a": 1}, {"b": 2}]}]}, False),
        (NESTED, {"v": [{"c": 3, "w": {"a": 1, "b": 2}}]}, True),
        ({"v": {"a": [1], "w": [5]}, "x": {"b": [2]}}, {"v": [{"a": 1}, {"w": 5}], "x": [{"b": 2}]}, False),
        ({"v": {"a": [1]}, "x": {"b": [2]}}, {"v": [{"a": 1}], "x": [{}, {"b": 2}]}, True),
        ({"v": {"p": {"a": [1]}, "q": {"b": [2]}}}, {"v": [{"p": [{"a": 1}], "q": [{"b": 2}]}]}, True),
        ({"v": {"p": {"a": [1]}, "q": {"b": [2]}}}, {"v": [{"p": [{"a": 1}]}, {"q": [{"b": 2}]}]}, False),
        ({"v": {"p": {"a": [1]}, "q": [{"exists": False}]}}, {"v": [{"p": [{"a": 1}], "q": 1}, {}]}, False),
        ({"v": {"a": [1], "b": [{"exists": False}, 2]}}, {"v": [{"a": 1, "b": 3}, {"a": 1, "b": 2}]}, True),
    ],
)
def test_together(content: Any, event: Any, verdict: bool) -> None:
    text = event if isinstance(event, str) else json.dumps(event)
    assert matches(compiled(content), parse_event(text)) is verdict


def test_which_conditions_hold() -> None:
    made = compiled(A1B2)
    leaves = Wanted(made.paths).leaves({"v": [{"a": 1}, {"b": 2}]})
    assert together(made.branches[0], leaves) == [True, False]


def milliseconds_of_matching(content: Any, event: dict[str, Any]) -> float:
    """What one rule adds to reading the event."""
    made = compiled(content)
    leaves = Wanted(made.paths).leaves(event)
    started = time.process_time()
    together(made.branches[0], leaves)
    return (time.process_time() - started) * 1000


def test_a_large_array_costs_little_per_rule() -> None:
    odd_and_even = {"v": [{"a": number % 2, "b": 1 - number % 2} for number in range(5_000)]}
    assert milliseconds_of_matching({"v": {"a": [1], "b": [1]}}, odd_and_even) < 50  # 1 ms where this was written


def test_arrays_beside_each_other_do_not_multiply() -> None:
    event = {f"v{number}": [{"a": 1, "b": 1}] * 50 for number in range(8)}
    content = {f"v{number}": {"a": [1], "b": [1]} for number in range(8)} | {"z": [1]}
    assert milliseconds_of_matching(content, event) < 100


def test_a_puzzle_of_repeated_keys_is_given_up() -> None:
    """Satisfiability of 130 clauses in 30 variables, written as repeated keys: bounded, and then it does not match."""
    chance = Random(5)
    variables: list[list[dict[str, int]]] = [[{}, {}] for _ in range(30)]
    for clause in range(130):
        for variable in chance.sample(range(30), 3):
            variables[variable][chance.random() < 0.5][f"c{clause:03}"] = 1
    event = parse_event("{" + ",".join(f'"v":{json.dumps(variable)}' for variable in variables) + "}")
    assert milliseconds_of_matching({"v": {f"c{clause:03}": [1] for clause in range(130)}}, event) < 1000
