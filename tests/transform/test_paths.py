from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_ng.parser import parse

from emulator.transform.paths import MISSING, InvalidPath, compile_path

EVENT = {
    "detail-type": "Order",
    "detail": {
        "text": "hello",
        "nothing": None,
        "slash/key": "slash",
        "where": "reserved",
        "0": "zero",
        "list": ["one", {"x": 3}, [4, 5]],
        "items": [{"name": "a"}, {"name": "b"}, {}],
        "object": {"a": 1, "b": 2},
        "empty": [],
    },
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", EVENT),
        ("$.detail-type", "Order"),
        ("$.detail.slash/key", "slash"),
        ("$.detail.where", "reserved"),
        ("$.detail.0", "zero"),
        ("$.detail.nothing", None),
        ("$.detail.nothing.deeper", MISSING),
        ("$.detail.missing", MISSING),
        ("$.detail.text.length", MISSING),
        ("$.detail.list[0]", "one"),
        ("$.detail.list[1].x", 3),
        ("$.detail.list[2][1]", 5),
        ("$.detail.list[3]", MISSING),
        ("$.detail.list.x", MISSING),
        ("$.detail.text[0]", MISSING),
        ("$.detail.object[0]", MISSING),
        ("$[0]", MISSING),
        ("$.detail.items[*].name", ["a", "b"]),
        ("$.detail.list[*]", ["one", {"x": 3}, [4, 5]]),
        ("$.detail.list[*][0]", [4]),
        ("$.detail.empty[*]", []),
        ("$.detail.text[*]", []),
        ("$.detail.missing[*]", []),
    ],
)
def test_value(path: str, value: Any) -> None:
    assert compile_path(path)(EVENT) == value


@pytest.mark.parametrize(
    "path",
    [
        "", "detail", "$detail", "$.", "$..text", "$.detail.", "$.detail.*", "$.*", "$.a[-1]", "$.a[0:2]", "$.a[0,1]",
        "$['detail']", '$["detail"]', "$.a[]", "$.a[?(@.x)]", "$.a b", "$.a ", " $", "$.a\n", "$.a.length()", "@.a",
        "$.a[9999999999]", "$.a[*",
    ],
)  # fmt: skip
def test_refused(path: str) -> None:
    with pytest.raises(InvalidPath):
        compile_path(path)


names = st.sampled_from(["a", "b-c", "d/e", "where", "0"])
steps = st.lists(names | st.integers(0, 2), max_size=4)
trees = st.recursive(
    st.none() | st.just("text") | st.just(7),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


@given(steps, st.dictionaries(names, trees))
def test_the_short_walk_finds_what_jsonpath_ng_finds(path: list[str | int], event: dict[str, Any]) -> None:
    plain = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    quoted = "".join(f"[{step!r}]" for step in path)
    found = [each.value for each in parse(f"${quoted}").find(event)]
    assert compile_path(f"${plain}")(event) == (found[0] if found else MISSING)


@given(st.text(st.sampled_from("$.[]*0a-/'\"?@ "), max_size=256))
def test_never_fails(text: str) -> None:
    try:
        path = compile_path(text)
    except InvalidPath:
        return
    path(EVENT)
