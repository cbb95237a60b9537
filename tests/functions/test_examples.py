"""The example handlers, called directly: they are ordinary Python functions."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).parents[2]


def module(name: str) -> ModuleType:
    """As Lambda imports it: by its file, with its own folder first on the path."""
    file = ROOT / "functions" / name
    spec = importlib.util.spec_from_file_location(f"example_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def sample(name: str) -> Any:
    return json.loads((ROOT / "emulator" / "samples" / f"{name}.json").read_text())


class Recorder:
    """Takes the place of the EventBridge client."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> None:
        self.entries += Entries


def test_charge_says_so_with_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    events = Recorder()
    monkeypatch.setattr(boto3, "client", lambda service: events)
    monkeypatch.setenv("TABLE", "orders")
    assert module("charge.py").handler(sample("order-placed"), None) == {"ok": True, "table": "orders"}
    (entry,) = events.entries
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == ("orders", "billing", "Charged")
    assert json.loads(entry["Detail"]) == {"id": 1, "amount": 42.5}


def test_ship_takes_what_the_template_makes() -> None:
    event = {"order": 1, "charged_at": "2026-01-02T03:04:05Z"}
    assert module("ship.py").handler(event, None) == {"shipped": 1}


def test_report_is_about_the_day_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "functions" / "report"))
    monkeypatch.delitem(sys.modules, "utils", raising=False)
    assert module("report/app.py").handler(sample("scheduled-event"), None) == {"day": "2026-02-28"}
    monkeypatch.delitem(sys.modules, "utils")


def test_thumbnail_names_the_picture() -> None:
    made = module("thumbnail.py").handler(sample("s3-object-created"), None)
    assert made == {"bucket": "uploads", "key": "pets/cat.jpg", "thumbnail": "thumbnails/pets/cat.webp"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("s3-records", ["ObjectCreated:Put uploads/pets/my cat.jpg"]), ("sns-records", ["OrderPlaced 1"])],
)
def test_records_are_described_one_by_one(name: str, expected: list[str]) -> None:
    assert module("records.py").handler(sample(name), None) == expected


@pytest.mark.parametrize("file", sorted((ROOT / "functions").rglob("*.py")), ids=lambda file: file.name)
def test_examples_are_short_and_import_nothing_of_ours(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= 25
    assert "emulator" not in text
