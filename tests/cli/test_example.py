import json
import shlex
from typing import Any

import pytest

from emulator.cli.example import put_command
from emulator.matching import compile_pattern, matches


@pytest.mark.parametrize(
    ("pattern", "bus", "expected"),
    [
        (
            {"source": ["shop"], "detail-type": ["OrderPlaced"]},
            "orders",
            """ebl put shop OrderPlaced '{"id": 1}' --bus orders""",
        ),
        ({"source": ["my shop"]}, "default", """ebl put 'my shop' OrderPlaced '{"id": 1}'"""),
        (
            {"detail": {"state": ["paid"], "total": [{"numeric": [">", 100]}]}},
            "default",
            """ebl put shop OrderPlaced '{"state": "paid", "total": 101}'""",
        ),
        ({"source": ["aws.s3"]}, "default", None),  # refused: NotAuthorizedForSourceException
        ({"account": ["123456789012"]}, "default", None),  # an account cannot be put
        ({"detail": {"x": [{"anything-but": {"wildcard": "*"}}]}}, "default", None),
    ],
)
def test_put_command(pattern: dict[str, Any], bus: str, expected: str | None) -> None:
    assert put_command(json.dumps(pattern), bus) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": [{"prefix": "my."}], "detail": {"a": {"b": [{"exists": True}]}, "c": [{"exists": False}]}},
        {"detail": {"n": [{"numeric": [">", 1, "<", 2]}], "m": [{"numeric": ["=", 7]}]}},
        {"source": [{"suffix": ".io"}], "detail-type": [{"wildcard": "Order*Placed*"}]},
        {"$or": [{"source": ["a"]}, {"source": ["b"]}], "detail": {"ip": [{"cidr": "10.0.0.0/24"}]}},
        {"source": [{"equals-ignore-case": "SHOP"}, "b"], "detail-type": [{"anything-but": ["x"]}]},
    ],
)
def test_what_is_suggested_matches(pattern: dict[str, Any]) -> None:
    text = json.dumps(pattern)
    command = put_command(text, "default")
    assert command is not None
    _, _, source, detail_type, detail = shlex.split(command)
    event = {"source": source, "detail-type": detail_type, "detail": json.loads(detail)}
    assert matches(compile_pattern(text), event)
