"""Any text at all: compiling and reading end in an answer or in InvalidPattern / ValueError, and so does matching."""

import json
import os
import re
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.matching import InvalidPattern, RuleIndex, compile_pattern, explain, parse_event
from tests.matching import random_rules

SECONDS = float(os.environ.get("EBL_FUZZ_SECONDS", "1"))
SETTINGS = settings(
    max_examples=int(80 * SECONDS),
    deadline=None,
    derandomize=SECONDS == 1,
    database=None,
    suppress_health_check=list(HealthCheck),
)
PIECES = st.sampled_from(
    [
        *'{}[]:,"\\*/.-+0e1 \n\t',
        *(
            '"$or":[',
            '{"prefix":',
            '{"anything-but":',
            '{"numeric":[">",',
            '{"wildcard":"',
            '{"exists":',
            '{"cidr":"::/0"}',
        ),
        *("null", "true", '"a":["x"]', "1e999", "-", "\\u", "\\ud83d", "\ud800", "\ufeff", "😀", "\x00"),
    ]
)
PLACED = re.compile(r'\n at \[Source: \(String\)".*"(\[truncated \d+ chars\])?; line: \d+, column: \d+\]\Z', re.DOTALL)


def judge(text: str) -> None:
    """Compile, and if that works, match and explain."""
    try:
        pattern = compile_pattern(text)
    except InvalidPattern as refused:
        assert refused.reason  # noqa: PT017
        return
    index = RuleIndex[int]()
    index.add(1, pattern)
    for event in ({}, {"a": "x"}, {"a": [{"a": "x"}, {"b": None}]}):
        assert index.match(event) == [1] * len(explain(event, [("1", pattern)]).matched)
    json.dumps(explain({}, [("1", pattern)]).to_json())


@SETTINGS
@given(st.text())
def test_any_text(text: str) -> None:
    judge(text)


@SETTINGS
@given(st.lists(PIECES).map("".join))
def test_texts_made_of_pieces_of_patterns(text: str) -> None:
    judge(text)
    judge("{" + text)
    judge('{"a":[' + text + "]}")


@SETTINGS
@given(st.integers(0, 2**48))
def test_patterns_with_a_piece_changed(seed: int) -> None:
    chance = Random(seed)
    text = random_rules.pattern(chance)
    at = chance.randrange(len(text))
    judge(text[:at] + text[at + 1 :])
    judge(text[:at] + chance.choice('{}[]",:\\*0') + text[at:])
    judge(text[:at])


@SETTINGS
@given(st.integers(0, 2**48))
def test_cut_patterns_are_refused_with_a_place(seed: int) -> None:
    chance = Random(seed)
    text = random_rules.pattern(chance)
    cut = text[: chance.randrange(len(text))]
    try:
        compile_pattern(cut)
    except InvalidPattern as refused:
        reason = refused.reason
    assert PLACED.search(reason) or reason.startswith("Cannot compare number"), reason


@SETTINGS
@given(st.one_of(st.binary(), st.text(), st.lists(PIECES).map("".join)))
def test_any_event(text: str | bytes) -> None:
    try:
        event = parse_event(text)
    except ValueError:
        return
    assert isinstance(event, dict)
