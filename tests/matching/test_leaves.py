from types import MappingProxyType
from typing import Any

import pytest

from emulator.matching import Repeated
from emulator.matching.alternatives import NO, YES
from emulator.matching.leaves import Wanted
from emulator.matching.numbers import Digits


@pytest.mark.parametrize(
    ("event", "values"),
    [
        ({"a": {"b": "x"}}, {"a.b": ["x"]}),
        ({"a.b": "x", "a": {"b": "y"}}, {"a.b": ["x", "y"]}),
        ({"a": "x", "c": None}, {"c": [None]}),
        ({"a": {"b": {"c": 1}}}, {}),
        ({"a": {"b": []}}, {}),
        ({"a": {"b": ["x", 1, True, None, "x", [2, ["y"]], {}]}}, {"a.b": ["x", 1, YES, None, 2, "y"]}),
        ({"a": Repeated([{"b": 1}, {"b": 2}])}, {"a.b": [1, 2]}),
        ({"a": [{"b": 1}, {"b": False}]}, {"a.b": [1, NO]}),
        ({"c": [9007199254740993, 1e999]}, {"c": [Digits("9007199254740993"), Digits("Infinity")]}),
        ({"c": {"d": 1}, "": {"": 0}}, {".": [0]}),
    ],
)
def test_values(event: dict[str, Any], values: dict[str, list[Any]]) -> None:
    found = Wanted(["a.b", "c", "."]).leaves(MappingProxyType(event))
    assert {path: sorted(map(repr, some)) for path, some in found.items()} == {
        path: sorted(map(repr, some)) for path, some in values.items()
    }


@pytest.mark.parametrize("names", [3, 13])
def test_every_way_to_write_a_path(names: int) -> None:
    """Paths of many names are followed name by name, the others by short cuts."""
    path = "a.b.c" + ".d" * (names - 3)
    rest: Any = 1
    for _ in range(names - 3):
        rest = {"d": rest}
    wanted = Wanted([path])
    for event in ({"a": {"b": {"c": rest}}}, {"a.b": {"c": rest}}, {"a": {"b.c": rest}}, {"a.b.c": rest}):
        assert wanted.leaves(event) == {path: [1]}
    assert wanted.leaves({path: 1}) == {path: [1]}
    assert wanted.leaves({"a": {"b": 1}, "b.c": rest}) == {}


def test_paths_are_counted() -> None:
    wanted = Wanted(["a.b", "a.b", "a"])
    wanted.remove("a.b")
    assert wanted.leaves({"a": {"b": 1}}) == {"a.b": [1]}
    wanted.remove("a.b")
    assert wanted.leaves({"a": {"b": 1}, "a.b": 2}) == {}
    assert wanted.leaves({"a": 1}) == {"a": [1]}


def test_a_path_may_be_leaf_and_parent() -> None:
    assert Wanted(["a", "a.b"]).leaves({"a": [1, {"b": 2}]}) == {"a": [1], "a.b": [2]}


def test_places() -> None:
    found = Wanted(["a.b", "a.c", "d"]).leaves({"a": [{"b": 1, "c": 2}, {"b": 1}], "d": 4})
    assert found.places is not None
    assert {
        path: {value: len(elements) for value, elements in some.items()} for path, some in found.places.items()
    } == {
        "a.b": {1: 2},
        "a.c": {2: 1},
        "d": {4: 1},
    }
    assert found.places["a.c"][2] < found.places["a.b"][1]
    assert found.places["d"][4] == {None}
    assert not found.tangled


@pytest.mark.parametrize(
    ("event", "tangled"),
    [
        ({"a": [{"b": 1}], "x": [{"b": 1}]}, False),
        ({"a": [[{"b": 1}], [{"b": 1}]]}, False),
        ({"a": Repeated([[{"b": 1}], [{"b": 1}]])}, True),
        ({"a.b": [{"c": 1}], "a": {"b": [{"c": 1}]}}, True),
    ],
)
def test_tangled(event: dict[str, Any], tangled: bool) -> None:
    assert Wanted(["a.b", "a.b.c", "x.b"]).leaves(event).tangled is tangled


def test_other_objects_are_no_json() -> None:
    with pytest.raises(TypeError, match="an event holds JSON values, not set"):
        Wanted(["a"]).leaves({"a": set()})
