"""UpdateAlias as it was recorded on AWS (Sep 2026): before, asked, answered, key by key.

The versions stand for those of the recording: 1 to 5, of which 4 has another role and 5 another dead-letter queue.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from emulator.store.aliases import AliasRow
from emulator.store.functions import FunctionRow
from tests.conformance.cases import cases
from tests.services.lambda_.api import ACCOUNT, REGION, ROLE, Api

ROWS = cases("lambda-alias.jsonl")


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


def prepared(api: Api, before: dict[str, Any]) -> str:
    """The function of the recording with its alias as it was; its name."""
    function = str(before["AliasArn"].split(":")[-2])
    latest = FunctionRow(ACCOUNT, REGION, function, role=ROLE)
    weights = (before["RoutingConfig"] or {}).get("AdditionalVersionWeights", {})
    with api.store.transaction():
        for version in ("$LATEST", "1", "2", "3", "4", "5"):
            role = f"{ROLE}-other" if version == "4" else ROLE
            queue = "arn:aws:sqs:us-east-1:000000000000:other" if version == "5" else ""
            api.store.functions.put(replace(latest, version=version, role=role, dead_letters=queue))
        api.store.aliases.put(
            AliasRow(*latest.key, before["Name"], before["FunctionVersion"], before["Description"], weights, "before")
        )
    return function


def without_revision(body: Any) -> Any:
    return {key: value for key, value in body.items() if key != "RevisionId"}


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_row(api: Api, row: dict[str, Any]) -> None:
    assert row["operation"] == "UpdateAlias"
    path = f"/2015-03-31/functions/{prepared(api, row['before'])}/aliases/{row['before']['Name']}"
    answer = api.http("PUT", path, row["input"])
    body = json.loads(answer.body)
    assert (answer.status, without_revision(body)) == (row["http_status"], row["output"])
    if row["code"] != "Success":
        assert dict(answer.headers)["x-amzn-ErrorType"] == row["code"]
    if row["content_length"] is not None and row["code"] != "Success":
        assert len(answer.body) == row["content_length"]
    after = json.loads(api.http("GET", path).body)
    assert (after["RevisionId"] == "before") is row["unchanged"]
    assert without_revision(after) == (row["before"] if row["unchanged"] else row["output"])
