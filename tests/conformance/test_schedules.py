"""Schedule expressions that PutRule and CreateSchedule admitted or refused (Sep 2026)."""

from typing import Any

import pytest

from emulator.timing import InvalidSchedule, parse_rule_schedule, parse_schedule
from tests.conformance.cases import cases


def admitted(expression: str) -> bool:
    try:
        parse_rule_schedule(expression)
    except InvalidSchedule:
        return False
    return True


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in cases("schedule-expressions.jsonl")])
def test_admission(case: dict[str, Any]) -> None:
    assert admitted(case["ScheduleExpression"]) is (case["code"] == "Success")


SUCCESSES = [
    case
    for case in cases("events-control.jsonl")
    if case["code"] == "Success" and (case.get("input") or {}).get("ScheduleExpression")
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in SUCCESSES])
def test_rules_that_were_put(case: dict[str, Any]) -> None:
    assert admitted(case["input"]["ScheduleExpression"])


SCHEDULES = [case for case in cases("scheduler-pipes.jsonl") if case.get("operation") == "CreateSchedule"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in SCHEDULES])
def test_scheduler(case: dict[str, Any]) -> None:
    expression = case["input"]["ScheduleExpression"]
    if case.get("message") == f"Invalid Schedule Expression {expression}.":
        with pytest.raises(InvalidSchedule):
            parse_schedule(expression)
    else:
        parse_schedule(expression)
