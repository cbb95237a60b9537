import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.matching.wildcard import InvalidWildcard, pieces, wildcard


@given(st.text("ab*?", max_size=8), st.text("ab?", max_size=12))
def test_stars_stand_for_any_run(operand: str, value: str) -> None:
    operand = re.sub(r"\*+", "*", operand)
    expression = ".*".join(map(re.escape, operand.split("*")))
    assert wildcard(operand)(value) is (re.fullmatch(expression, value, re.DOTALL) is not None)


def test_escapes() -> None:
    assert pieces("a\\*b*\\\\") == ["a*b", "\\"]
    assert wildcard("*\\*")("xx*")
    assert wildcard("*")("line\nline")


@pytest.mark.parametrize(
    ("operand", "reason"),
    [
        ("a**b", "Consecutive wildcard characters at pos 2"),
        ("é**", "Consecutive wildcard characters at pos 3"),
        ("\\***", "Consecutive wildcard characters at pos 3"),
        ("a\\b", "Invalid escape character at pos 2"),
        ("😀\\", "Invalid escape character at pos 5"),
    ],
)
def test_refused(operand: str, reason: str) -> None:
    with pytest.raises(InvalidWildcard) as refused:
        pieces(operand)
    assert str(refused.value) == reason
