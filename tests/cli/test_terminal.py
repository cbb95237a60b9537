import json
from datetime import datetime
from typing import Any

import pytest

from emulator.cli.style import draw
from emulator.cli.terminal import label, lines_of, milliseconds
from emulator.delivery.result import Result, Status
from emulator.delivery.step_json import to_json
from emulator.delivery.steps import Kind, Step
from emulator.errors import Problem
from emulator.matching import compile_pattern, explain

AT = datetime(2026, 9, 6, 12, 3, 11, 204_000).astimezone().timestamp()  # local time: that is what the screen shows
ID = "8f31c2aa-1111-2222-3333-444444444444"
CHARGE = "arn:aws:lambda:us-east-1:000000000000:function:charge"
ORDER = {"source": "shop", "detail-type": "OrderPlaced", "account": "000000000000", "detail": {"id": 1}}


PATTERN = '{"source": ["shop"], "detail-type": ["OrderPlaced"]}'


def result(**members: Any) -> Result:
    return Result(**{"status": Status.SUCCESS, "payload": b'{"ok": true}', "duration_ms": 4.2, **members})


def failure(**members: Any) -> Result:
    defaults: dict[str, Any] = {
        "status": Status.RETRYABLE, "payload": b"{}", "error_type": "KeyError", "error_message": "'amount'",
        "where": "functions/charge.py:7", "duration_ms": 3,
    }  # fmt: skip
    return Result(**{**defaults, **members})


def step(kind: Kind, later: float = 0, **fields: Any) -> Step:
    return Step(kind, AT + later, **{"bus": "orders", "event_id": ID, **fields})


def attempt(kind: Kind, later: float = 0, number: int = 1, rule: str = "charge-on-order", **details: Any) -> Step:
    return step(kind, later, rule=rule, target=CHARGE, attempt=number, details=details)


SCREENS = {
    "an order": (
        [
            step(Kind.EVENT_RECEIPT, details={"event": ORDER}),
            step(Kind.RULE_MATCH, rule="charge-on-order", details={"targets": [CHARGE]}),
            attempt(Kind.INVOCATION_ATTEMPT_START, 0.001),
            Step(Kind.FUNCTION_OUTPUT, AT, target=CHARGE, details={"line": "charging order 1", "request_id": "r"}),
            attempt(Kind.INVOCATION_ATTEMPT_SUCCESS, 0.005, result=result()),
        ],
        """\
12:03:11.204  → orders  shop/OrderPlaced                 8f31c2
12:03:11.205    ✓ charge-on-order → charge               attempt 1
charge        │ charging order 1
12:03:11.209    ✓ charge  4 ms  {"ok": true}""",
    ),
    "no rule matched": (
        [
            step(Kind.EVENT_RECEIPT, details={"event": {**ORDER, "detail-type": "orderPlaced"}}),
            step(
                Kind.NO_STANDARD_RULES_MATCHED,
                details={
                    "rules": 2,
                    "explanation": explain(
                        {**ORDER, "detail-type": "orderPlaced"},
                        [("charge-on-order", compile_pattern(PATTERN)), ("z", compile_pattern('{"source": ["z"]}'))],
                    ),
                },
            ),
        ],
        """\
12:03:11.204  → orders  shop/orderPlaced                 8f31c2
12:03:11.204    ✗ no rule matched (2 rules on this bus)
                closest  charge-on-order  1/2
                  source       ✓ "shop"
                  detail-type  ✗ want one of ["OrderPlaced"], got "orderPlaced"  (only the case differs)""",
    ),
    "no rules at all": (
        [step(Kind.NO_STANDARD_RULES_MATCHED, details={"rules": 0, "explanation": None})],
        "12:03:11.204    ✗ no rule matched (no rules on this bus)",
    ),
    "a failing handler, to be retried": (
        [attempt(Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE, 0.5, result=failure(), retry_at=AT + 60.5, retries=2)],
        "12:03:11.704    ✗ charge  KeyError: 'amount'   functions/charge.py:7     retry 1/2 in 60 s",
    ),
    "a failing handler, to be retried when somebody moves the clock": (
        [attempt(Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE, 0.5, result=failure(), retry_at=AT + 60.5, retries=2,
                 virtual=True)],
        "12:03:11.704    ✗ charge  KeyError: 'amount'   functions/charge.py:7     retry 1/2 in 60 s"
        "   (skip: ebl clock next)",
    ),
    "a failing handler, given up": (
        [attempt(Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE, 0, 3, result=failure(), condition="RetriesExhausted")],
        "12:03:11.204    ✗ charge  KeyError: 'amount'   functions/charge.py:7     "
        "given up after 3 attempts (RetriesExhausted)",
    ),
    "an error of several lines shows its first": (
        [attempt(Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE, rule="", result=failure(error_message="a\nb", where=None))],
        "12:03:11.204    ✗ charge  KeyError: a",
    ),
    "a time-out": (
        [
            attempt(
                Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE,
                rule="",
                result=failure(
                    error_type="Sandbox.Timedout",
                    error_message=f"RequestId: {ID} Error: Task timed out after 3.00 seconds",
                    where=None,
                ),
            )
        ],
        "12:03:11.204    ✗ charge  Sandbox.Timedout: Task timed out after 3.00 seconds",
    ),
    "a bus that is elsewhere": (
        [step(Kind.EVENT_INGEST_FAILURE, details={"elsewhere": [("000000000000", "eu-west-1")]})],
        """\
12:03:11.204    ✗ there is no event bus 'orders' here
                there is one in account 000000000000, eu-west-1: set AWS_REGION (or the access key) to it""",
    ),
    "a bus that is nowhere": (
        [step(Kind.EVENT_INGEST_FAILURE, details={"elsewhere": []})],
        """\
12:03:11.204    ✗ there is no event bus 'orders' here
                make it: name it in config.yaml, or aws events create-event-bus --name orders""",
    ),
    "a rule that leads nowhere": (
        [step(Kind.RULE_MATCH, rule="charge-on-order", details={"targets": []})],
        "12:03:11.204    ✓ charge-on-order → no targets",
    ),
    "a direct invocation": (
        [
            Step(Kind.INVOCATION_ATTEMPT_START, AT, event_id=ID, target=CHARGE, attempt=1),
            attempt(Kind.INVOCATION_ATTEMPT_SUCCESS, rule="", result=result()),
        ],
        """\
12:03:11.204  → charge  invoke                           8f31c2
12:03:11.204    ✓ charge  4 ms  {"ok": true}""",
    ),
    "an event that comes twice": (
        [
            attempt(Kind.INVOCATION_ATTEMPT_START, duplicate="lambda"),
            attempt(Kind.INVOCATION_ATTEMPT_SUCCESS, result=result(), duplicate="lambda"),
            attempt(Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE, result=failure(), duplicate="lambda"),
        ],
        """\
12:03:11.204    ✓ charge-on-order → charge               attempt 1, duplicate
12:03:11.204    ✓ charge  4 ms  {"ok": true}     duplicate
12:03:11.204    ✗ charge  KeyError: 'amount'   functions/charge.py:7     duplicate: not tried again""",
    ),
    "an event that grows too old": (
        [
            attempt(Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE, result=failure(), expires_at=AT + 60, retries=185),
            attempt(Kind.INVOCATION_FAILURE, number=1, condition="MaximumEventAgeInSeconds"),
            attempt(Kind.INVOCATION_FAILURE, number=0, condition="EventAgeExceeded"),
        ],
        """\
12:03:11.204    ✗ charge  KeyError: 'amount'   functions/charge.py:7     too old in 60 s, then given up
12:03:11.204    ✗ charge  too old, given up after 1 attempt (MaximumEventAgeInSeconds)
12:03:11.204    ✗ charge  too old, given up after no attempt (EventAgeExceeded)""",
    ),
    "a target that is behind": (
        [
            Step(Kind.BACKLOG, AT, target=CHARGE, details={"waiting": 3200, "oldest": 12.3, "running": 48}),
            Step(Kind.BACKLOG, AT, target=CHARGE, details={"waiting": 0, "oldest": 0.0, "running": 0}),
        ],
        """\
12:03:11.204    ⋯ charge is behind: 3,200 events wait, the oldest for 12 s (48 run)
12:03:11.204    ⋯ charge has caught up""",
    ),
    "a reload": (
        [Step(Kind.FUNCTION_RELOADED, AT, target=CHARGE, details={"files": 1, "ms": 9.1})],
        "↻ charge reloaded (1 file, 9 ms)",
    ),
    "a configuration that is applied": (
        [Step(Kind.CONFIGURATION_APPLIED, AT, details={"file": "config.yaml", "summary": "1 rule added"})],
        "↻ config.yaml applied (1 rule added)",
    ),
    "a configuration that is refused": (
        [
            Step(
                Kind.CONFIGURATION_REFUSED, AT,
                details={
                    "file": "config.yaml",
                    "problems": [Problem("config.yaml", 4, 5, "rules.a.patern", "unknown key.")],
                },
            )
        ],
        """\
✗ config.yaml not applied, what was there before stays:
  config.yaml:4:5: rules.a.patern: unknown key.""",
    ),
    "AWS would refuse it": (
        [Step(Kind.PERMISSION_MISSING, AT, target=CHARGE, details={"refusal": "User: …", "remedy": "aws lambda …"})],
        """\
12:03:11.204    ! charge  AWS would refuse this: User: …
                it needs  aws lambda …""",
    ),
    "control characters do nothing": (
        [step(Kind.EVENT_RECEIPT, details={"event": {**ORDER, "source": "\x1b[2J"}})],
        "12:03:11.204  → orders  \\x1b[2J/OrderPlaced              8f31c2",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "screen"), SCREENS.values(), ids=SCREENS.keys())
def test_screen(steps: list[Step], screen: str) -> None:
    assert [draw(line, colour=False) for one in steps for line in lines_of(one)] == screen.split("\n")


def test_every_kind_of_step_is_seen_or_spoken_for_by_others() -> None:
    for kind in Kind:
        details: dict[str, Any] = {
            "event": ORDER, "result": result(), "line": "x", "files": 1, "ms": 1, "file": "f", "summary": "s",
            "problems": [], "rules": 1, "explanation": None, "elsewhere": [], "targets": [CHARGE],
            "refusal": "no", "remedy": "yes",
        }  # fmt: skip
        lines = lines_of(Step(kind, AT, "b", ID, "r", CHARGE, 1, details), verbose=True)
        assert lines or kind is Kind.STOPPING, kind


def test_verbose_shows_bodies_in_full() -> None:
    receipt = lines_of(step(Kind.EVENT_RECEIPT, details={"event": ORDER}), verbose=True)
    assert draw(receipt[1], colour=False).strip() == '{"id": 1}'
    long = attempt(Kind.INVOCATION_ATTEMPT_SUCCESS, result=result(payload=b'"' + b"x" * 1000 + b'"'))
    short = draw(lines_of(long)[0], colour=False)
    assert short.endswith("x… (1,002 bytes)")
    assert "x" * 1000 in draw(lines_of(long, verbose=True)[0], colour=False)


def test_colour_only_adds_codes() -> None:
    [line] = lines_of(attempt(Kind.INVOCATION_ATTEMPT_START))
    assert "\x1b[32m  ✓ \x1b[0m" in draw(line, colour=True)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (CHARGE, "charge"),
        (CHARGE + ":live", "charge:live"),
        ("arn:aws:events:us-east-1:000000000000:event-bus/billing", "billing"),
        ("arn:aws:sqs:us-east-1:000000000000:orders", "orders"),
        ("no arn", "no arn"),
    ],
)
def test_label(arn: str, expected: str) -> None:
    assert label(arn) == expected


@pytest.mark.parametrize(
    ("duration", "expected"),
    [(None, ""), (0.2, "<1 ms"), (4.4, "4 ms"), (999.4, "999 ms"), (1340, "1.3 s"), (61_000, "61.0 s")],
)
def test_milliseconds(duration: float | None, expected: str) -> None:
    assert milliseconds(duration) == expected


def test_json_is_one_line_with_the_words_of_the_bus_log() -> None:
    said = to_json(attempt(Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE, result=failure(), retry_at=1.0, retries=2))
    assert "\n" not in said
    parsed = json.loads(said)
    assert parsed["kind"] == "INVOCATION_ATTEMPT_RETRYABLE_FAILURE"
    assert parsed["at"].endswith(".204Z")
    assert parsed["result"]["where"] == "functions/charge.py:7"
    assert parsed["retries"] == 2


def test_json_leaves_out_what_is_not_there() -> None:
    explanation = explain(ORDER, [("z", compile_pattern('{"source": ["z"], "detail-type": ["OrderPlaced"]}'))])
    said = json.loads(to_json(Step(Kind.NO_STANDARD_RULES_MATCHED, 0, details={"explanation": explanation})))
    assert said == {
        "kind": "NO_STANDARD_RULES_MATCHED",
        "at": "1970-01-01T00:00:00.000Z",
        "explanation": {**explanation.to_json(), "lines": explanation.rules[0].lines()},
    }
