"""The score of wildcards; what AWS itself admits and refuses is replayed in tests/conformance."""

import time
from string import ascii_lowercase

import pytest

from emulator.matching import InvalidPattern, compile_pattern
from emulator.matching.alternatives import AnythingBut, Wildcard
from emulator.matching.complexity import TOO_COMPLEX, score
from tests.matching.patterns import pattern


def wildcards(*operands: str) -> list[Wildcard]:
    return [Wildcard(operand) for operand in operands]


@pytest.mark.parametrize(
    ("operands", "wanted"),
    [
        (["a"], 1),
        (["*x"], 2),
        (["x*"], 2),
        (["*x*"], 3),
        (["*a*a*a*a*a"], 10),
        ([f"*{letter}" for letter in "abcde"], 10),
        ([f"*{letter}*" for letter in "abc"], 9),
        ([f"{letter}*" for letter in ascii_lowercase[:10]], 10),
        (list("abcdefghij"), 10),
        (["*a*"] * 4, 9),  # one that is added again gets places of its own behind its first star
        (["same"] * 20, 1),
    ],
)
def test_score(operands: list[str], wanted: int) -> None:
    assert score(wildcards(*operands)) == wanted


def test_a_negated_list_counts_as_one() -> None:
    lists = [AnythingBut("wildcard", frozenset(f"*a{n}*" for n in range(count))) for count in (4, 5)]
    assert [score([one]) > 10 for one in lists] == [False, True]


def refused(text: str) -> bool:
    try:
        compile_pattern(text)
    except InvalidPattern as problem:
        assert problem.reason == TOO_COMPLEX  # noqa: PT017
        return True
    return False


@pytest.mark.parametrize(
    ("first", "too_complex"),
    [
        (({"exists": False},), False),  # nothing behind an absent field is scored
        (({"exists": True},), True),
        (({"exists": False}, "x"), True),
    ],
)
def test_behind_an_absent_field(first: tuple[object, ...], too_complex: bool) -> None:
    assert refused(pattern({"a": list(first), "b": [{"wildcard": "*a" * 8}]})) is too_complex


def test_combinations_share_what_lies_behind_equal_alternatives() -> None:
    def either(first: object, second: object) -> str:
        wild = [[{"wildcard": str(number)} for number in range(start, start + 6)] for start in (0, 6)]
        return pattern({"$or": [{"a": [first], "b": wild[0]}, {"a": [second], "b": wild[1]}]})

    assert refused(either("same", "same"))
    assert refused(either({"cidr": "10.0.0.1/24"}, {"cidr": "10.0.0.0/24"}))
    assert refused(either(1, {"numeric": ["=", 1]}))
    assert refused(either({"anything-but": ["a", "b"]}, {"anything-but": ["b", "a"]}))
    assert not refused(either("one", "other"))
    assert not refused(either({"exists": False}, "other"))


@pytest.mark.parametrize(
    "operand",
    ["*a" * 2000, "*" + "ab" * 2000 + "*", "*".join(chr(0x4E00 + n) for n in range(1300)), "a" * 4000 + "*"],
)
def test_the_evaluation_is_bounded(operand: str) -> None:
    started = time.process_time()
    refused(pattern({"a": [{"wildcard": operand}], "b": [{"anything-but": {"wildcard": [operand, "*x"]}}]}))
    assert time.process_time() - started < 2


def test_many_combinations_are_bounded() -> None:
    parts = {
        f"k{n}": {"$or": [{"v": [{"wildcard": f"{n}*"}, "a"]}, {"v": [{"wildcard": f"{n}*"}, "b"]}]} for n in range(9)
    }
    started = time.process_time()
    refused(pattern(parts))
    assert time.process_time() - started < 2
