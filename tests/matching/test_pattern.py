"""What the compiler makes of a pattern, and what it refuses before AWS's limits and ours."""

import time
from typing import Any

import pytest

from emulator.matching import PIPES, InvalidPattern, compile_pattern, matches, parse_event
from tests.matching.patterns import compiled, pattern


def reason(text: str) -> str:
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern(text)
    return refused.value.reason.split("\n")[0]


def branches(content: Any) -> list[dict[str, list[Any]]]:
    return [
        {condition.path: [one.json() for one in condition.alternatives] for condition in branch}
        for branch in compiled(content).branches
    ]


def test_names_are_joined_by_dots() -> None:
    assert branches({"detail.a": {"b": [1]}}) == [{"detail.a.b": [1]}]


def test_the_later_of_two_equal_paths_counts() -> None:
    assert branches({"a": {"b": [1]}, "a.b": [2]}) == [{"a.b": [2]}]
    assert [len(branch) for branch in compile_pattern('{"a":{"b":[1]},"a":{"c":[2]}}').branches] == [2]


def test_or_is_expanded_in_the_order_of_the_text() -> None:
    assert branches({"a": [0], "$or": [{"a": [1]}, {"b": [2]}]}) == [{"a": [1]}, {"a": [0], "b": [2]}]
    assert branches({"$or": [{"a": [1]}, {"b": [2]}], "a": [0]}) == [{"a": [0]}, {"a": [0], "b": [2]}]


def test_or_nests_and_multiplies() -> None:
    inner = {"$or": [{"x": [1]}, {"y": [2]}]}
    assert branches({"$or": [{"d": inner}, {"z": [3]}]}) == [{"d.x": [1]}, {"d.y": [2]}, {"z": [3]}]
    assert len(compile_pattern('{"$or":[{"a":[1]},{"b":[1]}],"$or":[{"c":[1]},{"d":[1]}]}').branches) == 4


def test_conditions_are_sorted_by_utf16_and_paths_are_as_written() -> None:
    made = compiled({"😀": [1], "｡": [1], "a": [1]})
    assert [condition.path for condition in made.branches[0]] == ["a", "😀", "｡"]
    assert made.paths == ("😀", "｡", "a")


@pytest.mark.parametrize("count", [999, 1000])
def test_up_to_a_thousand_combinations(count: int) -> None:
    assert len(compiled({"$or": [{"a": [number]} for number in range(count)]}).branches) == count


@pytest.mark.parametrize(
    "content",
    [
        {"$or": [{"a": [number]} for number in range(1001)]},
        {f"k{number}": {"$or": [{"a": [1]}, {"b": [1]}]} for number in range(200)},
    ],
)
def test_more_combinations_are_refused(content: Any) -> None:
    assert reason(pattern(content)) == "Or operator is producing over 1000 rule combinations"


def test_an_earlier_fault_goes_before_too_many_combinations() -> None:
    either = [{"a": [number]} for number in range(1001)]
    assert reason(pattern({"$or": either, "b": []})) == "Empty arrays are not allowed"


@pytest.mark.parametrize("operator", ["prefix", "suffix", "equals-ignore-case", "wildcard"])
def test_an_empty_negated_list_is_refused(operator: str) -> None:
    """AWS answers HTTP 500 to these."""
    assert reason(pattern({"a": [{"anything-but": {operator: []}}]})) == (
        f"Value of anything-but {operator} must not be an empty list."
    )


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ({"a": [{"wildcard": "x*"}]}, "Unrecognized match type wildcard"),
        ({"a": [{"anything-but": {"prefix": "x"}}]}, "Unsupported anything-but pattern: prefix"),
    ],
)
def test_pipes_know_less(content: Any, refusal: str) -> None:
    assert compiled(content)
    with pytest.raises(InvalidPattern, match=refusal):
        compile_pattern(pattern(content), PIPES)


def test_pipes_know_the_rest() -> None:
    content = {
        "a": [{"anything-but": ["x"]}, {"prefix": "y"}, {"suffix": {"equals-ignore-case": "z"}}, {"exists": True}]
    }
    assert compile_pattern(pattern(content), PIPES).paths == ("a",)


@pytest.mark.parametrize(
    "alternative",
    [
        "text",
        None,
        True,
        1.5,
        {"exactly": "x"},
        {"prefix": "a"},
        {"suffix": {"equals-ignore-case": "ß"}},
        {"equals-ignore-case": "a"},
        {"wildcard": "a*"},
        {"cidr": "10.0.0.1/24"},
        {"exists": True},
        {"exists": False},
        {"numeric": ["=", 1]},
        {"numeric": [">", 1, "<=", 2.5]},
        {"numeric": ["<", 1]},
        {"numeric": [">=", -1]},
        {"anything-but": "a"},
        {"anything-but": [1, 2]},
        {"anything-but": {"prefix": ["a", "b"]}},
    ],
)
def test_alternatives_show_themselves_as_they_are_written(alternative: Any) -> None:
    assert branches({"a": [alternative]}) == [{"a": [alternative]}]


@pytest.mark.parametrize(
    ("alternative", "holds", "fails"),
    [
        ({"prefix": 'a"'}, ["a", 'a"b'], ["ab", "A"]),
        ({"prefix": {"equals-ignore-case": 'a"'}}, ["a", "A", 'A"b'], ["ab"]),
        ({"suffix": '"a'}, ["a", 'b"a'], ["ba"]),
        ({"suffix": {"equals-ignore-case": '"a'}}, ["a", "A", 'b"A'], ["ba"]),
        ({"prefix": ""}, ["", "a"], [1, True, None]),
        ({"anything-but": {"prefix": 'a"'}}, ["ab", 1, None], ["a"]),
        ("10.0.0.1", ["10.0.0.01", "a00:1::"], ["10.0.0.10", 10]),
        ("16.16.16.16", ["16.16.16.16", 10101010], [1010101, 10101010.5e-9]),
        ({"exactly": "10.0.0.1"}, ["010.0.0.1"], ["10.0.0.2"]),
        ({"numeric": ["<", 5]}, [4.999, -(10**16)], [5, "4", True, None, 2**70, float("-inf")]),
        ({"numeric": [">", 0, "<=", 1]}, [1, 1.0, 5e-324], [0, 1.0000000001]),
        (9007199254740993, [9007199254740993], [9007199254740992, 9007199254740994]),
        (1, [1, 1.0], [True, "1"]),
        (True, [True], [1, "true"]),
        ({"anything-but": 1}, ["1", True, None, 2], [1, 1.0]),
        ({"anything-but": [9007199254740992]}, [9007199254740993], [9007199254740992]),
    ],
)
def test_the_fine_print_of_operators(alternative: Any, holds: list[Any], fails: list[Any]) -> None:
    made = compiled({"a": [alternative]})
    assert [value for value in holds + fails if matches(made, {"a": value})] == holds
    crowd = compiled({"a": [alternative, {"equals-ignore-case": "only in company"}]})
    assert [value for value in holds + fails if matches(crowd, {"a": value})] == holds


def test_a_huge_array() -> None:
    made = compiled({"a": [f"value {number}" for number in range(20_000)]})
    assert matches(made, {"a": "value 19999"})


@pytest.mark.parametrize(
    "text",
    [
        pattern({"$or": [{f"a{n}": [1]} for n in range(900)]} | {f"b{n}": [1] for n in range(5000)}),
        '{"a":[' + '{"exists":true},' * 10_000 + "1]}",
        '{"' + "a." * 20_000 + '":[1]}',
        "{" + ",".join(f'"a{n}":[{{"prefix":{{"equals-ignore-case":"{"İ" * 10}"}}}}]' for n in range(3000)) + "}",
    ],
    ids=["writes", "alternatives", "names", "paths"],
)
def test_no_text_keeps_the_compiler_busy(text: str) -> None:
    started = time.process_time()
    try:
        matches(compile_pattern(text), parse_event('{"a":{"a":1}}'))
    except InvalidPattern as refused:
        assert refused.reason  # noqa: PT017
    assert time.process_time() - started < 3
