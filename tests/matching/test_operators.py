"""What every operator refuses, in the order in which the operand is read."""

import json
from typing import Any

import pytest

from emulator.matching import InvalidPattern, compile_pattern

TWO_KEYS = "Only one key allowed in match expression"
TOO_MANY = "Too many elements in numeric expression"
FOLDED = "equals-ignore-case match pattern must be a string"
SINGLE = "Value of anything-but must be an array or single string/number value."
MIXED = "Inside anything but list, either all values are number or string, mixed type is not supported"


def reason(alternative: Any) -> str:
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern(alternative if isinstance(alternative, str) else json.dumps({"a": [alternative]}))
    return refused.value.reason


@pytest.mark.parametrize(
    ("alternative", "refusal"),
    [
        ([], "Match value must be String, number, true, false, or null"),
        ({}, "Match expression name not found"),
        ({"Prefix": "x"}, "Unrecognized match type Prefix"),
        ({"exactly": 1}, "exact match pattern must be a string"),
        ({"exactly": "x", "prefix": "y"}, TWO_KEYS),
        ({"prefix": 1}, "prefix match pattern must be a string"),
        ({"prefix": "x", "suffix": "y"}, TWO_KEYS),
        ({"prefix": {}}, "Prefix expression name not found"),
        ({"suffix": {"wildcard": "x"}}, "Unsupported suffix pattern: wildcard"),
        ({"suffix": {"equals-ignore-case": None}}, FOLDED),
        ({"suffix": {"equals-ignore-case": "x", "y": 1}}, TWO_KEYS),
        ({"suffix": {"equals-ignore-case": "x"}, "y": 1}, TWO_KEYS),
        ({"equals-ignore-case": ["x"]}, FOLDED),
        ({"equals-ignore-case": "x", "y": 1}, TWO_KEYS),
        ({"wildcard": True}, "wildcard match pattern must be a string"),
        ({"wildcard": "a**", "y": 1}, "Consecutive wildcard characters at pos 2"),
        ({"wildcard": "a", "y": 1}, TWO_KEYS),
        ({"cidr": 1}, "prefix match pattern must be a string"),
        ({"cidr": "10.0.0.0/8", "y": 1}, TWO_KEYS),
        ({"exists": "true"}, "exists match pattern must be either true or false."),
        ({"exists": True, "y": 1}, TWO_KEYS),
        ({"numeric": 1}, "Value of numeric must be an array."),
        ({"numeric": []}, "Invalid member in numeric match: ]"),
        ({"numeric": [{}]}, "Invalid member in numeric match: {"),
        ({"numeric": [1.50]}, "Invalid member in numeric match: 1.5"),
        ({"numeric": ["!", "x"]}, "Unrecognized numeric range operator: !"),
        ({"numeric": ["=", "1"]}, "Value of equals must be numeric"),
        ({"numeric": ["<="]}, "Value of <= must be numeric"),
        ({"numeric": ["=", 1, 2]}, TOO_MANY),
        ({"numeric": [">", 1, 2]}, "Bad value in numeric range: 2"),
        ({"numeric": [">", 1, "="]}, "Bad numeric range operator: ="),
        ({"numeric": [">", 1, "<"]}, "Value of < must be numeric"),
        ({"numeric": [">", 1, "<", 2, 3]}, "Too many terms in numeric range expression"),
        ({"numeric": [">=", 1, "<=", 1]}, "Bottom must be less than top"),
        ({"numeric": [">", 2, "<", 9007199254740993]}, "Cannot compare number : 9007199254740993"),
        ({"numeric": ["=", 1], "y": 1}, TOO_MANY),
        ({"anything-but": True}, SINGLE),
        ({"anything-but": []}, MIXED),
        ({"anything-but": ["x", 1]}, MIXED),
        ({"anything-but": ["x", None]}, "Inside anything but list, start|null|boolean is not supported."),
        ({"anything-but": "x", "y": 1}, TOO_MANY),
        ({"anything-but": 9007199254740993}, "Cannot compare number : 9007199254740993"),
        ({"anything-but": [9007199254740993]}, "Cannot compare number : 9007199254740993"),
        ({"anything-but": {}}, "Anything-But expression name not found"),
        ({"anything-but": {"numeric": 1}}, "Unsupported anything-but pattern: numeric"),
        ({"anything-but": {"prefix": None}}, SINGLE),
        ({"anything-but": {"prefix": 1}}, "prefix/suffix match pattern must be a string"),
        ({"anything-but": {"suffix": ["x", ""]}}, "Null prefix/suffix not allowed"),
        ({"anything-but": {"suffix": "x", "y": 1}}, TOO_MANY),
        ({"anything-but": {"suffix": "x"}, "y": 1}, TOO_MANY),
        ({"anything-but": {"wildcard": [1]}}, "wildcard match pattern must be a string"),
        ({"anything-but": {"wildcard": ["a**", 1]}}, "wildcard match pattern must be a string"),
        (
            {"anything-but": {"equals-ignore-case": [1]}},
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        ),
        ('{"a":1}', '"a" must be an object or an array'),
        ('{"$or":{}}', "It must be an Array followed with $or."),
        ('{"$or":[1]}', "Only JSON object is allowed in array of $or relationship."),
        ('{"$or":[{"b":[1]}]}', "There must have at least 2 Objects in $or relationship."),
        ('{"$or":[{"b":{"=":[1]}},{"b":[1]}]}', "= is Ruler reserved fieldName which cannot be used inside $or."),
    ],
)
def test_refusal(alternative: Any, refusal: str) -> None:
    assert reason(alternative).split("\n")[0] == refusal


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('{"a":[{"x":"y"}]}', [13]),  # a name is read with the first piece of its value
        ('{"a":[{"prefix":12}]}', [19]),
        ('{"a":[{"wildcard":"a**"}]}', [24]),  # a string, once its text was asked for
        ('{"a":[{"prefix":{"equals-ignore-case":["x"]}}]}', [40]),
        ('{"a":[{"anything-but":["x",null]}]}', [32, 32]),  # faults in lists are placed twice
        ('{"a":[{"anything-but":{"wildcard":["x","a**"]}}]}', [46]),
        ('{"a":[{"anything-but":[9007199254740993]}]}', [40]),
        ('{"a":[{"anything-but":9007199254740993}]}', []),
        ('{"a":[{"cidr":"x"}]}', []),
    ],
)
def test_places(text: str, columns: list[int]) -> None:
    places = [f'\n at [Source: (String)"{text}"; line: 1, column: {column}]' for column in columns]
    refusal = reason(text)
    assert refusal == refusal.split("\n")[0] + "".join(places)
