"""Which steps `ebl tail` shows, and how it reads the stream; and with `ebl events`, against a server."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from emulator.cli.client import Server
from emulator.cli.style import draw
from emulator.cli.tail import Message, Wanted, messages
from emulator.cli.terminal import lines_of
from emulator.delivery.result import Result, Status
from emulator.delivery.step_json import from_json, to_json
from emulator.delivery.steps import Kind, Step
from emulator.errors import Problem
from emulator.matching import compile_pattern, explain
from tests.cli.servers import CLEAN, EBL, Running, ebl

CHARGE = "arn:aws:lambda:us-east-1:000000000000:function:charge"
START = Step(Kind.INVOCATION_ATTEMPT_START, 0, "orders", "e", "one", CHARGE, 1)
PRINTED = Step(Kind.FUNCTION_OUTPUT, 0, target=CHARGE, details={"line": "x"})
FAILED = Step(Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE, 0, "orders", "e", "one", CHARGE, 1)
RECEIVED = Step(Kind.EVENT_RECEIPT, 0, "other", "e")


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ({}, [START, PRINTED, FAILED, RECEIVED]),
        ({"bus": "orders"}, [START, PRINTED, FAILED]),
        ({"bus": "other"}, [RECEIVED]),
        ({"function": "charge"}, [START, PRINTED, FAILED]),
        ({"function": "charg"}, []),
        ({"failed": True}, [FAILED]),
    ],
)
def test_what_is_shown(wanted: Mapping[str, Any], shown: list[Step]) -> None:
    chosen = Wanted(**wanted)
    assert [step for step in (START, PRINTED, FAILED, RECEIVED) if chosen.shows(step)] == shown


def test_server_sent_events() -> None:
    lines = [
        "retry: 1000\n",
        "id: a\n",
        "event: step\n",
        "data: {}\n",
        "\n",
        ": still here\n",
        "\n",
        "event: dropped\n",
    ]
    assert list(messages(iter([*lines, "data: 1\n", "\n", "id: b\n"]))) == [
        Message("a", "step", "{}"), Message("a", "dropped", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "step",
    [
        START,
        Step(Kind.EVENT_RECEIPT, 1.25, "b", "e", details={"event": {"source": "s", "detail-type": "d"}}),
        Step(
            Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE, 1.0, "b", "e", "r", CHARGE, 1,
            {
                "result": Result(Status.RETRYABLE, b"{}", "KeyError", "'a'", "f.py:7", "", 4.0),
                "retry_at": 61.0, "retries": 2,
            },
        ),
        Step(
            Kind.NO_STANDARD_RULES_MATCHED, 1.0, "b", "e",
            details={
                "rules": 1, "explanation": explain({"source": "x"}, [("z", compile_pattern('{"source": ["z"]}'))]),
            },
        ),
        Step(
            Kind.CONFIGURATION_REFUSED, 1.0, details={"file": "c", "problems": [Problem("c", 1, 2, "k", "wrong")]}
        ),
    ],
    ids=lambda step: step.kind.value,
)  # fmt: skip
def test_a_step_that_went_over_the_wire_is_drawn_as_if_it_had_not(step: Step) -> None:
    there = [draw(line, False) for line in lines_of(step)]
    assert [draw(line, False) for line in lines_of(from_json(to_json(step)))] == there


def test_tail_shows_what_happens_in_the_server(server: Running) -> None:
    words = [EBL, "tail", "--json", "--endpoint", server.url]
    with subprocess.Popen(
        words, cwd=server.folder, env=CLEAN, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as tail:
        assert tail.stdout is not None
        assert tail.stderr is not None
        assert tail.stderr.readline() == f"following {server.url}; Ctrl-C ends it\n"
        Server(server.url, {}).events("PutEvents", {"Entries": [_entry("nobody")]})
        assert json.loads(tail.stdout.readline())["kind"] == "EVENT_RECEIPT"
        tail.terminate()


def _entry(source: str) -> dict[str, str]:
    return {"Source": source, "DetailType": "T", "Detail": "{}", "EventBusName": "orders"}


def test_events_lists_and_shows(server: Running) -> None:
    put = ebl("put", "broken", "OrderPlaced", "{}", "--bus", "orders", "--endpoint", server.url, cwd=server.folder)
    assert put.returncode == 0
    listed = ebl("events", "--source", "broken", "--endpoint", server.url, cwd=server.folder)
    assert "→ orders  broken/OrderPlaced" in listed.stdout
    event_id = json.loads(
        ebl("events", "--failed", "--json", "--endpoint", server.url, cwd=server.folder).stdout
    )["events"][0]["event_id"]  # fmt: skip
    shown = ebl("events", event_id[:8], "--endpoint", server.url, cwd=server.folder).stdout.splitlines()
    assert "✗ broken → broken" in shown[1]
    assert "KeyError: 'amount'" in shown[1]
    assert "next attempt" in shown[-1]


def test_put_says_which_rule_is_closest(server: Running) -> None:
    said = ebl("put", "shop", "orderPlaced", "{}", "--bus", "orders", "--endpoint", server.url, cwd=server.folder)
    assert said.returncode == 4
    assert "closest  charge-on-order  1/2" in said.stderr
