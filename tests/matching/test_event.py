from typing import Any

import pytest

from emulator.matching import Repeated, parse_event


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("{}", {}),
        (b'{"a":"\xc3\xa9"}', {"a": "é"}),
        ('{"a":1,"a":2,"b":3}', {"a": Repeated([1, 2]), "b": 3}),
        ('{"a":{"b":[1.0000000000000001, 1e309]}}', {"a": {"b": [1.0, float("inf")]}}),
        ('{"a":123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        ('{"a":"\\ud83d"}', {"a": "\ud83d"}),
    ],
)
def test_tree(text: str | bytes, tree: dict[str, Any]) -> None:
    parsed = parse_event(text)
    assert parsed == tree
    assert [type(value) for value in parsed.values()] == [type(value) for value in tree.values()]


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", "1", "{", "{}x", "\ufeff{}", "{'a':1}", '{"a":01}', '{"a":1,}', '{"a":"\t"}'),
        *('{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":' + "1" * 5000 + "}"),
        *(b"\xff", b"{\x00}", b"\xff\xfe{\x00}\x00"),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_not_an_event(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_event(text)


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]"), ('[{"a":', "}]")])
def test_depth_is_bounded(opening: str, closing: str) -> None:
    levels = 2 if len(closing) == 2 else 1
    deepest = 499 // levels
    assert parse_event('{"x":' + opening * deepest + "1" + closing * deepest + "}")
    for depth in (deepest + 1, 100_000):
        with pytest.raises(ValueError, match="deep"):
            parse_event('{"x":' + opening * depth + "1" + closing * depth + "}")


def test_wide_is_not_deep() -> None:
    assert len(parse_event('{"a":[' + "{}," * 5000 + "1]}")["a"]) == 5001
