import json
from typing import Any

import pytest

from emulator.cli.pattern_text import summary


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["shop"], "detail-type": ["OrderPlaced"]}, "source=shop, detail-type=OrderPlaced"),
        ({"source": ["shop", "billing"]}, "source=shop|billing"),
        ({"detail": {"a": {"b": [1, True, None, ""]}}}, 'detail.a.b=1|true|null|""'),
        ({"source": [{"prefix": "aws."}]}, "source=aws.*"),
        ({"source": [{"suffix": ".io"}]}, "source=*.io"),
        ({"source": [{"prefix": {"equals-ignore-case": "AWS."}}]}, "source=AWS.*"),
        ({"source": [{"wildcard": "a*b"}]}, "source=a*b"),
        ({"source": [{"equals-ignore-case": "Shop"}]}, "source=Shop (any case)"),
        ({"source": [{"anything-but": ["a", "b"]}]}, "source=not a|b"),
        ({"source": [{"anything-but": {"prefix": "a"}}]}, "source=not a*"),
        ({"source": [{"exists": False}], "detail": {"x": [{"exists": True}]}}, "source=absent, detail.x=present"),
        ({"detail": {"n": [{"numeric": [">", 0, "<=", 5]}]}}, "detail.n=>0<=5"),
        ({"detail": {"ip": [{"cidr": "10.0.0.0/24"}]}}, "detail.ip=10.0.0.0/24"),
        ({"$or": [{"source": ["a"]}, {"detail": {"x": [1]}}]}, "(source=a or detail.x=1)"),
        ({"source": [{"new-operator": 1}]}, 'source={"new-operator": 1}'),
    ],
)
def test_summary(pattern: dict[str, Any], expected: str) -> None:
    assert summary(json.dumps(pattern)) == expected


def test_a_long_one_is_cut() -> None:
    text = summary(json.dumps({"source": [f"source-{n}" for n in range(50)]}))
    assert len(text) == 72
    assert text.endswith("…")
