from datetime import UTC, datetime

import pytest

from emulator.wire import java
from emulator.wire.models import SERVICES, Model, load_model


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"[a-z]+", "abc", True),
        (r"[a-z]+", "abc\n", False),
        (r"^[a-z]+$", "abc\n", False),
        (r"\d+", "٣", False),  # Java's \d is ASCII
        (r"\w+", "é", False),
        (r".*", "a\rb", False),  # Java's dot stops at every line terminator
        (r".*", "a\u2028b", False),
        (r"[.]+", "a", False),
        (r"\.", "a", False),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "é ١ _./", True),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "a;b", False),
        (r"$|kafka://(.+)", "", True),
    ],
)
def test_patterns_are_read_as_java_reads_them(pattern: str, text: str, matches: bool) -> None:
    assert bool(java.full_match(pattern)(text)) is matches


def test_every_pattern_of_the_models_is_understood() -> None:
    patterns = {
        shape.traits["pattern"] for name in SERVICES for shape in load_model(name).shapes() if "pattern" in shape.traits
    }

    for pattern in patterns:
        java.full_match(pattern)


SHAPES = Model(
    "x",
    {
        "metadata": {},
        "shapes": {
            "Text": {"type": "string"},
            "Flag": {"type": "boolean"},
            "Time": {"type": "timestamp"},
            "Bytes": {"type": "blob"},
            "Inner": {"type": "structure", "members": {"KMSKeyArn": {"shape": "Text"}, "On": {"shape": "Flag"}}},
            "Inners": {"type": "list", "member": {"shape": "Inner"}},
            "ByName": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Inner"}},
            "Outer": {
                "type": "structure",
                "toString": ["inner", "secret"],
                "members": {"Inner": {"shape": "Inner"}, "Other": {"shape": "Text"}},
            },
        },
    },
)


@pytest.mark.parametrize(
    ("shape", "value", "expected"),
    [
        ("Text", "a", "a"),
        ("Flag", True, "true"),
        ("Time", datetime(2022, 1, 1, tzinfo=UTC), "Sat Jan 01 00:00:00 UTC 2022"),
        ("Bytes", b"abc", "java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]"),
        ("Inner", {"On": False}, "Inner(kMSKeyArn=null, on=false)"),
        ("Inners", [{"KMSKeyArn": "k"}, {}], "[Inner(kMSKeyArn=k, on=null), Inner(kMSKeyArn=null, on=null)]"),
        ("ByName", {"a": {}}, "{a=Inner(kMSKeyArn=null, on=null)}"),
        ("Outer", {"Inner": {}}, "Outer(inner=Inner(kMSKeyArn=null, on=null), secret=null)"),
    ],
)
def test_values_are_shown_as_java_prints_them(shape: str, value: object, expected: str) -> None:
    assert java.to_string(value, SHAPES.shape(shape)) == expected
