"""Every recorded request against the model's constraints: refused in the recorded words, or not refused at all."""

from typing import Any

import pytest

from emulator.errors import AwsError
from emulator.wire.models import load_model
from emulator.wire.validate import check
from tests.conformance.cases import cases

Case = dict[str, Any]


def recorded() -> list[Any]:
    found = [("events", case) for case in cases("events-control.jsonl")]
    found += [("lambda", case) for case in cases("lambda-policy.jsonl")]
    found += [("lambda", _alias(case)) for case in cases("lambda-alias.jsonl")]
    found += [(_scheduler_or_pipes(case), case) for case in cases("scheduler-pipes.jsonl")]
    found += [("events", _target(case)) for case in cases("inputs.jsonl")]
    return [pytest.param(service, case, id=f"{service}:{case['id']}") for service, case in found if _is_a_request(case)]


def _alias(case: Case) -> Case:
    input_ = case.get("input")
    return case | {"input": {"FunctionName": "f", "Name": "live", **input_} if isinstance(input_, dict) else None}


def _target(case: Case) -> Case:
    admission = case["admission"] if isinstance(case.get("admission"), dict) else {}
    target = {"Id": "a", "Arn": "arn:aws:sqs:us-east-1:000000000000:q", **case["target_input"]}
    return case | {"operation": "PutTargets", "input": {"Rule": "r", "Targets": [target]}, **admission}


def _scheduler_or_pipes(case: Case) -> str:
    return str(case.get("service") or ("pipes" if "Pipe" in case.get("operation", "") else "scheduler"))


def _message(case: Case) -> str:
    output = case.get("output")
    return str(case.get("message") or (output.get("message") if isinstance(output, dict) else None) or "")


def _is_a_request(case: Case) -> bool:
    """Not a note, not what the recorder's own client refused, not a name that was blotted out (`<Pending F>`), not a
    refusal of which the text is not known."""
    input_ = case.get("input")
    return (
        "operation" in case
        and isinstance(input_, dict)
        and case.get("code") != "ParamValidation"
        and not str(input_.get("FunctionName", "")).startswith("<")
        and not (case.get("code") == "ValidationException" and not _message(case))
    )


@pytest.mark.parametrize(("service", "case"), recorded())
def test_constraints(service: str, case: Case) -> None:
    operation = load_model(service).operations[case["operation"]]
    message = _message(case)

    if " detected: " in message:
        with pytest.raises(AwsError) as refusal:
            check(operation, case["input"])
        assert (refusal.value.code, refusal.value.message) == (case["code"], message)
    else:
        check(operation, case["input"])
