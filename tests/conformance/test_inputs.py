"""Targets' inputs as AWS admitted and delivered them (Sep 2026): PutTargets' refusals and the exact bodies."""

import json
from datetime import datetime
from typing import Any

import pytest

from emulator.transform import InputContext, InvalidRendering, InvalidTransform, check_input, compile_input
from tests.conformance.cases import FOLDER, cases

CASES = cases("inputs.jsonl")
COMMON = json.loads((FOLDER / "inputs-common.json").read_text(encoding="utf-8"))

ELSEWHERE = {
    "template-empty": "refused by the SDK before it asks: the model's minimal length",
    "reserved-map-key": "refused by the model's pattern for the keys of InputPathsMap",
    "invalid-map-key": "refused by the model's pattern for the keys of InputPathsMap",
}
"""Cases that the service model decides, where requests are read."""


def target(case: dict[str, Any]) -> dict[str, Any]:
    return {"Id": COMMON["target_id"], **case["target_input"]}


def context(case: dict[str, Any]) -> InputContext:
    name = "updates" if case["id"].startswith("update-") else case["id"]
    event_text = json.dumps(COMMON["event"], separators=(",", ":"))
    event_text = event_text.replace("${event_id}", case["event_id"]).replace("${id}", name)
    came_in = case.get("ingestion_time", "2026-09-13T12:17:30.408Z")
    return InputContext(
        event=json.loads(event_text),
        event_text=event_text,
        rule_name=case["rule_name"],
        rule_arn=COMMON["rule_arn"].replace("${rule_name}", case["rule_name"]),
        ingestion_time=datetime.fromisoformat(came_in).timestamp(),
    )


def refusal(case: dict[str, Any]) -> str:
    try:
        check_input(target(case))
    except InvalidTransform as fault:
        return fault.message
    return "Success"


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_admission(case: dict[str, Any]) -> None:
    recorded = case["admission"] if case["admission"] == "Success" else case["admission"]["message"]
    assert (refusal(case) == recorded) is (case["id"] not in ELSEWHERE)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES if "delivery" in case])
def test_delivery(case: dict[str, Any]) -> None:
    delivery = case["delivery"]
    if delivery.get("attributes", {}).get("ERROR_CODE") == "INVALID_JSON":
        with pytest.raises(InvalidRendering) as failed:
            compile_input(target(case))(context(case))
        assert failed.value.body == delivery["body"]
    else:
        assert compile_input(target(case))(context(case)) == delivery.get("body", "")
