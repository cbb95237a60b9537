import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.transform.text import compact, fault, is_json, is_lines, location, quoted

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
broken = st.lists(st.sampled_from([*'{}[],:" \n\\a0-\t', "null", "1.5", '"x"'])).map("".join)


@given(values)
def test_what_is_json_has_no_fault(value: object) -> None:
    for text in (compact(value), json.dumps(value, indent=1)):
        assert fault(text) is None
        assert is_json(text)


@given(broken | st.text())
def test_fault_and_decoder_agree(text: str) -> None:
    index = fault(text)
    assert (index is None) is is_json(text)
    assert index is None or 0 <= index <= len(text)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("not-json", 0),
        ("", 0),
        ("  ", 0),
        ("{} x", 3),
        ('"a" "b"', 4),
        ("[1, x]", 4),
        ("[1 2]", 1),
        ("[1,]", 3),
        ('{"a": x}', 1),
        ('{"a" 1}', 1),
        ('{"a": 1 "b": 2}', 6),
        ('{"a": 1', 6),
        ("{bad", 0),
        ('{"a": {}]', 7),
        ("NaN", 0),
        ("01", 0),
        ("1x", 0),
        ('"\n"', 0),
    ],
)
def test_fault(text: str, index: int) -> None:
    assert fault(text) == index


def test_a_long_number_and_a_deep_text_are_bounded() -> None:
    assert is_json("9" * 8192)
    assert fault("[" * 4096 + "]" * 4096) is None
    assert fault("[" * 8192) == 8191
    assert not is_json("[" * 100_000)


@pytest.mark.parametrize(
    ("text", "lines"),
    [('"a"', True), ('"a"\n"b"', True), (' "a" "b" ', True), ('"a""b"', False), ('"a" 1', False), ("", False)],
)
def test_lines(text: str, lines: bool) -> None:
    assert is_lines(text) is lines


def test_text_stays_as_it_is() -> None:
    assert quoted('é "q" \n') == '"é \\"q\\" \\n"'
    assert compact({"é": [1, None]}) == '{"é":[1,null]}'


def test_location_counts_lines_and_cuts_a_long_text() -> None:
    assert location("a\nbc", 3) == '[Source: (String)"a\nbc"; line: 2, column: 2]'
    assert location("x" * 512, 0) == f'[Source: (String)"{"x" * 500}"[truncated 12 chars]; line: 1, column: 1]'
