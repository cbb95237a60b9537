"""Every recorded case of the pattern language: what AWS (and its open-source matcher) accepts, refuses and matches."""

import json
import re
from typing import Any

import pytest

from emulator.matching import InvalidPattern, RuleIndex, compile_pattern, matches, parse_event
from emulator.matching.complexity import MAX_SCORE, score
from tests.conformance.cases import cases

AWS = [case for case in cases("patterns-aws.jsonl") if case.get("invalid_what") != "event"]
RULER = cases("patterns-ruler.jsonl")
ADMISSION = cases("pattern-admission.jsonl")

REFUSAL = "Event pattern is not valid. Reason: "


def written(json_or_text: Any) -> str:
    if isinstance(json_or_text, str):
        return json_or_text
    return json.dumps(json_or_text, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize(
    "case", [case for case in AWS + RULER if case["expect"] != "invalid"], ids=lambda case: case["id"]
)
def test_verdict(case: dict[str, Any]) -> None:
    pattern = compile_pattern(written(case["pattern"]))
    event = parse_event(written(case["event"]))
    index = RuleIndex[str]()
    index.add("rule", pattern)

    assert matches(pattern, event) is (case["expect"] == "match")
    assert index.match(event) == (["rule"] if case["expect"] == "match" else [])


@pytest.mark.parametrize(
    "case", [case for case in AWS + RULER if case["expect"] == "invalid"], ids=lambda case: case["id"]
)
def test_refusal(case: dict[str, Any]) -> None:
    wanted = case.get("message") or case.get("message_predicted") or REFUSAL
    text = _as_quoted(wanted, case["pattern"])
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern(text)
    message = REFUSAL + refused.value.reason
    assert message.startswith(wanted.split("\n")[0])
    if "\n at [Source" in wanted:
        assert message == wanted


@pytest.mark.parametrize(
    "case",
    [case for case in RULER if "ruler_message" in case and "Unrecognized token" not in case["ruler_message"]],
    ids=lambda case: case["id"],
)
def test_place_in_event_ruler(case: dict[str, Any]) -> None:
    """The places of event-ruler 2.0.1; but for stray words, where it reads with another version of Jackson than AWS."""
    text = _as_quoted(case["ruler_message"], case["pattern"])
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern(text)
    assert refused.value.reason == case["ruler_message"]


@pytest.mark.parametrize("case", ADMISSION, ids=lambda case: case["id"])
def test_admission(case: dict[str, Any]) -> None:
    if "message" in case:
        with pytest.raises(InvalidPattern) as refused:
            compile_pattern(case["pattern"])
        assert REFUSAL + refused.value.reason == case["message"]
    else:
        event = {"source": "probe", "detail": {"value": case["value_repeat"]["char"] * case["value_repeat"]["n"]}}
        assert matches(compile_pattern(case["pattern"]), event) is case["match"]


@pytest.mark.parametrize(
    "case", [case for case in RULER if case.get("complexity", 99) <= MAX_SCORE], ids=lambda case: case["id"]
)
def test_complexity(case: dict[str, Any]) -> None:
    branches = compile_pattern(written(case["pattern"])).branches
    assert max(score(condition.alternatives) for branch in branches for condition in branch) == case["complexity"]


def _as_quoted(message: str, pattern: Any) -> str:
    """The pattern as the message quotes it, spaces and all."""
    quoted = re.search(r'\(String\)"(.*?)"(\[truncated [0-9]+ chars\])?; line', message, re.DOTALL)
    if quoted is None or quoted[2]:
        return written(pattern)
    if not isinstance(pattern, str):
        assert json.loads(quoted[1]) == pattern
    return quoted[1]
