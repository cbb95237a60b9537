"""A sample from a pattern: each is held against the matcher."""

import json
from typing import Any

import pytest

from emulator.delivery.sample import sample_of
from emulator.matching import compile_pattern, matches


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["shop"], "detail-type": ["OrderPlaced", "OrderPaid"]},
        {"detail": {"id": [{"numeric": [">", 100]}], "vip": [True], "note": [None]}},
        {
            "detail": {
                "a": [{"numeric": [">=", 1, "<", 2]}],
                "b": [{"numeric": ["<", -3]}],
                "c": [{"numeric": ["=", 7]}],
            }
        },
        {"detail": {"key": [{"prefix": "in/"}], "name": [{"suffix": {"equals-ignore-case": ".PNG"}}]}},
        {"detail": {"path": [{"wildcard": "a/*/c"}], "ip": [{"cidr": "10.0.0.0/24"}]}},
        {
            "detail": {
                "state": [{"anything-but": ["ok", "done"]}],
                "gone": [{"exists": False}],
                "here": [{"exists": True}],
            }
        },
        {"detail": {"$or": [{"a": [1]}, {"b": [2]}], "c": [{"equals-ignore-case": "Yes"}]}},
        {"resources": ["arn:aws:s3:::bucket"]},
    ],
    ids=json.dumps,
)
def test_the_sample_matches(pattern: dict[str, Any]) -> None:
    text = json.dumps(pattern)
    event = sample_of(text)
    assert event is not None
    assert matches(compile_pattern(text), event)


def test_what_cannot_be_guessed_is_no_sample() -> None:
    assert sample_of('{"source": [{"anything-but": "anything"}]}') is None
