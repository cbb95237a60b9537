"""Trace headers as AWS passed them on (Sep 2026)."""

from typing import Any

import pytest

from emulator.delivery.trace import trace_of
from tests.conformance.cases import cases

CASES = [case for case in cases("trace.jsonl") if "error" not in case]  # those with an error are a matter of the model


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_trace(case: dict[str, Any]) -> None:
    trace = trace_of(case.get("entry_TraceHeader"), case.get("http_X-Amzn-Trace-Id"), lambda: "<generated>")
    assert (trace or "") == case["sqs_AWSTraceHeader"]
