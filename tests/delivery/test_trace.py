import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.delivery.trace import trace_of

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
