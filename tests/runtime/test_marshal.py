import enum
import json
from collections import OrderedDict, namedtuple
from decimal import Decimal
from typing import Any

import pytest

from emulator.runtime.marshal import to_json

Point = namedtuple("Point", "x y")


class Colour(enum.StrEnum):
    RED = "red"


class Size(enum.IntEnum):
    SMALL = 1


class Row:
    def _asdict(self) -> dict[str, int]:
        return {"id": 1}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"ok": True, "table": None}, '{"ok": true, "table": null}'),
        ([1, 2.5, "a"], '[1, 2.5, "a"]'),
        ([], "[]"),
        ({}, "{}"),
        ("h\u00e4ndler \u2713", '"h\u00e4ndler \u2713"'),
        ("a\u2028b\u2029", '"a\u2028b\u2029"'),  # with its C part; without, simplejson would escape them
        ('"\\\n\x00', '"\\"\\\\\\n\\u0000"'),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+3"), "1E+3"),
        (Decimal("-NaN"), "NaN"),
        ({"price": Decimal("9.99"), "tags": ()}, '{"price": 9.99, "tags": []}'),
        ((1, [Decimal("2")]), "[1, [2]]"),
        (Point(1, 2), '{"x": 1, "y": 2}'),
        (Row(), '{"id": 1}'),
        (b"raw", '"raw"'),
        ({b"key": b"value"}, '{"key": "value"}'),
        ({1: "a", None: "b", False: "c", 1.5: "d"}, '{"1": "a", "null": "b", "false": "c", "1.5": "d"}'),
        (Colour.RED, '"red"'),
        ({"size": Size.SMALL}, '{"size": 1}'),
        (OrderedDict(a=1, b={}), '{"a": 1, "b": {}}'),
        (10**40, "1" + "0" * 40),
    ],
)
def test_values_are_written_as_aws_does(value: object, expected: str) -> None:
    assert to_json(value) == expected


def circular() -> list[Any]:
    value: list[Any] = []
    value.append({"again": value})
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1, 2}, "Object of type set is not JSON serializable"),
        ({"when": object()}, "Object of type object is not JSON serializable"),
        ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple"),
        ({Decimal(1): 3}, "keys must be str, int, float, bool or None, not Decimal"),
        (circular(), "Circular reference detected"),
    ],
)
def test_what_cannot_be_written(value: object, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        to_json(value)


def test_the_same_object_twice_is_not_circular() -> None:
    shared = {"price": Decimal(1)}
    assert to_json([shared, shared]) == '[{"price": 1}, {"price": 1}]'


def test_deep_values_are_written() -> None:
    value: list[Any] = []
    for _ in range(150):
        value = [value]
    assert json.loads(to_json(value)) == value
