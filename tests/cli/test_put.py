from typing import Any

import pytest

from emulator.cli.commands import main
from emulator.cli.exits import USAGE
from emulator.cli.put import changed, summary

ID = "8f31c2aa-1111-2222-3333-444444444444"


@pytest.mark.parametrize(
    ("detail", "path", "expected"),
    [
        ({}, "id", {"id": 7}),
        ({"a": 1}, "b.c", {"a": 1, "b": {"c": 7}}),
        ({"items": [{"sku": 1}]}, "items.0.sku", {"items": [{"sku": 7}]}),
        ({"items": [1, 2]}, "items.1", {"items": [1, 7]}),
    ],
)
def test_changed(detail: Any, path: str, expected: Any) -> None:
    assert changed(detail, path, 7) == expected


@pytest.mark.parametrize(("detail", "path"), [({"a": 1}, "a.b"), ({"a": []}, "a.0"), ({"a": []}, "a.x"), (1, "a")])
def test_nothing_is_put_where_there_is_no_place(detail: Any, path: str) -> None:
    with pytest.raises((ValueError, LookupError, AttributeError)):
        changed(detail, path, 7)


NOW, LATER = "2026-09-13T12:00:00.000Z", "2026-09-13T12:00:03.000Z"


def delivery(rule: str, state: str, attempts: int = 1, copies: int = 0, due: str = NOW) -> dict[str, Any]:
    made = [{"duplicate": None}] * attempts + [{"duplicate": "lambda"}] * copies
    return {"rule": rule, "state": state, "attempts": made, "next_attempt": due}


@pytest.mark.parametrize(
    ("verdict", "deliveries", "expected"),
    [
        ("matched", [delivery("a", "delivered")], "matched 1 rule · delivered 1"),
        (
            "matched",
            [delivery("a", "delivered"), delivery("a", "pending"), delivery("b", "failed")],
            "matched 2 rules · delivered 1 · retrying 1 · failed 1",
        ),
        ("matched", [delivery("a", "pending", 0), delivery("a", "running", 0)], "matched 1 rule · running 2"),
        ("matched", [delivery("a", "pending", 0, due=LATER)], "matched 1 rule · late 1"),
        ("matched", [delivery("a", "pending", 0, copies=1)], "matched 1 rule · running 1"),
        ("matched", [], "matched a rule without targets"),
        ("unmatched", [], "matched no rule"),
        ("unknown_bus", [], "no event bus orders"),
    ],
)
def test_summary(verdict: str, deliveries: list[dict[str, Any]], expected: str) -> None:
    way = {"verdict": verdict, "deliveries": deliveries, "bus": "orders", "event_id": ID, "at": NOW}
    assert summary(way, "http://localhost:4566") == f"{expected} · http://localhost:4566/_ebl/e/8f31c2"


@pytest.mark.parametrize("change", ["=1", "x[0]=1", "a..b=1"])
def test_what_is_no_path(change: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["put", "shop", "x", "{}", "--set", change]) == USAGE
    assert "a path is names and numbers with dots between: items.0.sku" in capsys.readouterr().err
