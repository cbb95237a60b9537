"""Operations of EventBridge in the order in which they were recorded on AWS (Sep 2026), with their exact answers.

Every row goes through the endpoint as an HTTP request.  Ids and times are replaced on both sides; everything else,
the order of keys included, has to be equal.  Where the recording kept no text of a refusal, its code is compared.
"""

import asyncio
import json
from collections import Counter
from functools import cache
from typing import Any

import pytest

from emulator.errors import AwsError
from emulator.services.events import events
from emulator.wire.endpoint import Endpoint
from emulator.wire.http import HttpRequest
from tests.conformance.cases import cases
from tests.services.events.api import Api

ROWS = cases("events-control.jsonl")
FILES = ("control_plane", "scheduled_rules", "archives", "api-destinations")

# Which kinds of target can be delivered to is not this API's matter: the recordings use these.
KINDS = ("lambda:function", "sqs", "events:api-destination")

ARCHIVES = "the rule, or its target, belongs to an archive, and archives are not emulated yet"

# What does not hold yet; a row that holds has to be taken off.
NOT_YET = {
    ("archives", row): ARCHIVES
    for row in (
        "control-rules-after-create",
        "control-describe-managed-rule",
        "control-managed-targets",
        "control-managed-rule-tags",
        "control-managed-rule-after-pattern-update",
        "control-managed-rule-after-empty-update",
        "control-ordinary-disable-rule",
        "control-ordinary-enable-rule",
        "control-ordinary-delete-rule",
        "control-ordinary-put-rule",
        "control-ordinary-remove-targets",
        "control-ordinary-tag-resource",
        "control-ordinary-untag-resource",
        "control-managed-rule-after-rejected-mutations",
        "control-rules-immediate-after-main-archive-delete",
        "control-cleanup-list-rules-stackd-ac-0000000001-bus1",
        "control-cleanup-delete-bus-stackd-ac-0000000001-bus1",
        "control-verify-managed-child-absence-Events-Archive-stackd-ac-0000000001-a",
        "followup-sacrificial-rules-immediate",
        "followup-bus-delete-with-real-archive-and-rule",
        "followup-bus-after-delete-with-rule",
        "followup-managed-put-targets-valid-sqs",
        "followup-force-delete-rule-with-target-still-attached",
        "followup-force-sacrificial-targets",
        "followup-force-sacrificial-remove-targets",
        "followup-force-sacrificial-delete-rule",
        "followup-rules-five-seconds-after-force-delete",
        "followup-rules-after-repair-update-immediate",
        "followup-remove-repaired-targets",
        "followup-remove-repaired-remove-targets",
        "followup-remove-repaired-delete-rule",
        "followup-rules-after-replay-name-conflict",
        "targets-original-targets",
        "targets-force-remove-nonexistent-target",
        "targets-force-remove-archive-target-only",
        "targets-rule-after-target-removal-immediate",
        "targets-targets-after-target-removal-settled",
        "targets-targets-after-description-repair",
        "targets-remove-target-before-rule-deletion",
    )
}

CHANGING = {"CreationTime": "TIME", "LastModifiedTime": "TIME", "EventId": "ID"}


@cache
def answers() -> dict[int, tuple[int, Any]]:
    """Row number -> status and body, of every row whose operation is emulated."""
    found = {}
    for file in FILES:
        api = Api(KINDS)
        endpoint = Endpoint({"events": events}, api.call)
        for number, row in enumerate(ROWS):
            if row["file"] == file and row["operation"] in events.emulated:
                response = asyncio.run(endpoint.handle(request(row)))
                found[number] = response.status, json.loads(response.body or b"{}")
        api.store.close()
    return found


def request(row: dict[str, Any]) -> HttpRequest:
    account = "000000000000" if row["file"] == "api-destinations" else "123456789012"
    return HttpRequest(
        "POST",
        "/",
        headers={
            "x-amz-target": f"AWSEvents.{row['operation']}",
            "content-type": "application/x-amz-json-1.1",
            "authorization": f"AWS4-HMAC-SHA256 Credential={account}/20260913/us-east-1/events/aws4_request, x",
        },
        body=json.dumps(row["input"]).encode(),
    )


def difference(row: dict[str, Any], status: int, body: Any) -> str | None:
    """What is other than recorded, or None."""
    if row["code"] == "Success":
        wanted, got = (json.dumps(normalised(value)) for value in (row["output"], body))
    else:
        told = "message" in row
        wanted = f"{row['code']}: {row['message'] if told else '…'}"
        got = f"{body.get('__type')}: {body.get('message') if told else '…'}"
    good = status == (200 if row["code"] == "Success" else 400) and got == wanted
    return None if good else f"{status} {got}, not {wanted}"


def normalised(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: CHANGING.get(key) or normalised(inner) for key, inner in value.items()}
    return [normalised(inner) for inner in value] if isinstance(value, list) else value


EMULATED = [
    pytest.param(number, id=f"{row['file']}-{row['id']}")
    for number, row in enumerate(ROWS)
    if row["operation"] in events.emulated
]


@pytest.mark.parametrize("number", EMULATED)
def test_row(number: int) -> None:
    row = ROWS[number]
    wrong = difference(row, *answers()[number])
    reason = NOT_YET.get((row["file"], row["id"]))
    if reason is None:
        assert wrong is None, wrong
    else:
        assert wrong is not None, f"holds now: take it off the list ({reason})"


def test_every_listed_row_exists() -> None:
    assert NOT_YET.keys() <= {(row["file"], row["id"]) for row in ROWS}


def skipped() -> Counter[tuple[str, str]]:
    return Counter((row["file"], row["operation"]) for row in ROWS if row["operation"] not in events.emulated)


@pytest.mark.parametrize(("file", "operation"), sorted(skipped()))
def test_not_emulated(file: str, operation: str) -> None:
    pytest.skip(f"{skipped()[file, operation]} rows of {file}: {operation} is not emulated yet")


def written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_test_event_pattern() -> None:
    """The same answers as of the recorded patterns; where AWS broke down (its InternalFailure), a refusal will do."""
    api = Api()
    for case in cases("patterns-aws.jsonl"):
        asked = {"EventPattern": written(case["pattern"]), "Event": written(case["event"])}
        try:
            got = "match" if api("TestEventPattern", **asked)["Result"] else "no_match"
        except AwsError as error:
            got = error.code
        wanted = case.get("error_code", case["expect"]).replace("InternalFailure", "InvalidEventPatternException")
        assert got == wanted, case["id"]
    api.store.close()
