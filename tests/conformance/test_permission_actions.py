"""Which actions a bus policy may name, recorded on AWS (Sep 2026)."""

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.errors import AwsError
from emulator.wire.service import Scope
from tests.conformance.cases import cases
from tests.services.events.api import Api

OWNER = Scope("123456789012", "us-east-1")


@pytest.mark.parametrize("row", cases("permission-actions.jsonl"), ids=lambda row: str(row["id"]))
def test_action(row: dict[str, Any], api: Api) -> None:
    api.ask("CreateEventBus", {"Name": "BUS"}, OWNER)
    assert answer(api, row) == (row["code"], row.get("message"))
    kept = api.ask("DescribeEventBus", {"Name": "BUS"}, OWNER).get("Policy")
    assert kept == (row["input"]["Policy"] if row["code"] == "Success" else None)


def answer(api: Api, row: dict[str, Any]) -> tuple[str, str | None]:
    try:
        api.ask(row["operation"], row["input"], OWNER)
    except AwsError as error:
        return error.code, error.message
    return "Success", None


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.store.close()
