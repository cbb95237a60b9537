import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.delivery.trace import cause_of, seen_by_function, trace_of

ROOT = "1-6ab2832c-0123456789abcdef01234567"
NEW = "1-00000000-000000000000000000000000"


@pytest.mark.parametrize(
    ("entry", "http", "expected"),
    [
        (None, None, None),
        ("", f"Root={ROOT}", None),
        (None, f"Root={ROOT}", f"Root={ROOT}"),
        (f"Root={ROOT}", f"Root={NEW}", f"Root={ROOT}"),
        ("garbage", f"Root={ROOT}", None),
        ("Sampled=0;Parent=0123456789abcdef", None, f"Root={NEW};Parent=0123456789abcdef;Sampled=0"),
        ("Sampled=?", None, None),
        (f"Root={ROOT.upper()}", None, f"Root={ROOT}"),
        (f"root={ROOT};Sampled=0", None, f"Root={NEW};Sampled=0;root={ROOT}"),
        (f"b=2;Root={ROOT};a=1;b=3;=4;c", None, f"Root={ROOT};a=1;b=3"),
        (f"Root={ROOT};Parent=ABCDEF0123456789;Sampled=1", None, None),
    ],
)
def test_trace(entry: str | None, http: str | None, expected: str | None) -> None:
    assert trace_of(entry, http, lambda: NEW) == expected


parts = st.sampled_from(["Root=", "Parent=", "Sampled=", ROOT, "0123456789abcdef", "0", "1", "?", ";", " ", "=", "x"])


@given(st.lists(parts).map("".join) | st.text(max_size=500))
def test_never_fails_and_is_stable(header: str) -> None:
    trace = trace_of(header, None, lambda: NEW)
    assert trace is None or trace_of(trace, None, lambda: NEW) == trace


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("Root=1;Sampled=0", "Root=1;Sampled=0;Lineage=1:0a1b2c3d:0"),
        ("Root=1;Lineage=1:e30f1941:0", "Root=1;Lineage=2:0a1b2c3d:0"),
        ("Root=1;Lineage=9:e30f1941:0;Z=1", "Root=1;Z=1;Lineage=10:0a1b2c3d:0"),
        ("Root=1;Lineage=12345678:0", "Root=1;Lineage=1:0a1b2c3d:0"),
        ("Root=1;Lineage=", "Root=1;Lineage=1:0a1b2c3d:0"),
    ],
)
def test_a_function_sees_its_place_in_the_chain(given: str, seen: str) -> None:
    assert seen_by_function(given, "0a1b2c3d-1111-2222-3333-444444444444") == seen
    assert cause_of(seen) == "0a1b2c3d"


@pytest.mark.parametrize("header", [None, "", "Root=1", "Lineage=x", "Root=1;Lineage=1:0A1B2C3D:0"])
def test_a_header_that_no_handler_sent_has_no_cause(header: str | None) -> None:
    assert cause_of(header) is None
