import pytest

from emulator.config.substitution import Unresolved, read_dotenv, substitute
from emulator.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain $ {text}", "plain $ {text}"), ("${A}", "1"), ("x${A}y${B}", "x1y2 3"), ("${GONE:-d}", "d"),
        ("${EMPTY:-d}", "d"), ("${EMPTY}", ""), ("${GONE:-}", ""), ("${A:-d}", "1"), ("$${A}", "${A}"),
        ("$${A} ${A}", "${A} 1"), ("${GONE:-a:-b}", "a:-b"),
    ],
)  # fmt: skip
def test_references_are_replaced(text: str, expected: str) -> None:
    assert substitute(text, {"A": "1", "B": "2 3", "EMPTY": ""}) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${GONE}", "the variable GONE is not set"),
        ("${a b}", r"\$\{a b} is not a reference"),
        ("${", r"\$\{ is not a reference"),
        ("${A-b}", r"\$\{A-b} is not a reference"),
    ],
)
def test_references_that_lead_nowhere(text: str, message: str) -> None:
    with pytest.raises(Unresolved, match=message):
        substitute(text, {"A": "1"})


def test_a_value_is_not_read_again() -> None:
    assert substitute("${A}", {"A": "${B}"}) == "${B}"


@pytest.mark.parametrize(
    ("line", "variables"),
    [
        ("A=1", {"A": "1"}), ("export A=1", {"A": "1"}), (" A = 1 ", {"A": "1"}), ("A=", {"A": ""}), ("# A=1", {}),
        ("A=x # y", {"A": "x"}), ("A=x#y", {"A": "x#y"}), ("A='x # y' # z", {"A": "x # y"}), ("A=b=c", {"A": "b=c"}),
        (r'A="x\ny \"z\""', {"A": 'x\ny "z"'}), (r"A='x\n'", {"A": r"x\n"}), ("A= # only", {"A": ""}),
        ('A="', {"A": '"'}), ("", {}),
    ],
)  # fmt: skip
def test_lines_of_a_dotenv_file(line: str, variables: dict[str, str]) -> None:
    assert read_dotenv(f"{line}\n", ".env") == variables


def test_lines_that_are_no_variables_are_all_reported() -> None:
    with pytest.raises(ConfigError) as raised:
        read_dotenv("A=1\nnonsense\n1A=2\n", ".env")
    assert [str(problem) for problem in raised.value.problems] == [
        ".env:2:1: not a variable: write NAME=value",
        ".env:3:1: not a variable: write NAME=value",
    ]
