"""Every recorded case of the pattern language: what AWS (and its open-source matcher) accepts, refuses and matches."""

import json
from typing import Any

import pytest

from emulator.matching import InvalidPattern, RuleIndex, compile_pattern, matches, parse_event
from tests.conformance.cases import cases

AWS = [case for case in cases("patterns-aws.jsonl") if case.get("invalid_what") != "event"]
RULER = cases("patterns-ruler.jsonl")
ADMISSION = cases("pattern-admission.jsonl")

REFUSAL = "Event pattern is not valid. Reason: "


def written(json_or_text: Any) -> str:
    if isinstance(json_or_text, str):
        return json_or_text
    return json.dumps(json_or_text, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("case", [case for case in AWS + RULER if case["expect"] != "invalid"], ids=lambda case: case["id"])
def test_verdict(case: dict[str, Any]) -> None:
    pattern = compile_pattern(written(case["pattern"]))
    event = parse_event(written(case["event"]))
    index = RuleIndex[str]()
    index.add("rule", pattern)

    assert matches(pattern, event) is (case["expect"] == "match")
    assert index.match(event) == (["rule"] if case["expect"] == "match" else [])
