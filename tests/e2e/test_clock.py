"""A server whose time stands still until somebody moves it: over HTTP, and with `ebl`."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import BIN, CLEAN, Server, running

CONFIG = """\
rules:
  shop: {pattern: {source: [shop]}, targets: [broken]}
  nightly: {schedule: cron(0 3 * * ? *), targets: [report]}
"""
# Puts an event with the trace of its own invocation, as an SDK does.
PASSES_ON = """\
import json, os, urllib.request
def handler(event, context):
    entry = {"Source": "shop", "DetailType": "T", "Detail": "{}"}
    headers = {
        "X-Amz-Target": "AWSEvents.PutEvents",
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amzn-Trace-Id": os.environ["_X_AMZN_TRACE_ID"],
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/events/aws4_request",
    }
    request = urllib.request.Request(
        os.environ["AWS_ENDPOINT_URL"], json.dumps({"Entries": [entry]}).encode(), headers, method="POST"
    )
    urllib.request.urlopen(request).close()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("timed")
    (folder / "functions").mkdir()
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "functions" / "broken.py").write_text("def handler(event, context): raise ValueError('no')\n")
    (folder / "functions" / "report.py").write_text("def handler(event, context): return event['time']\n")
    with running(folder, "--clock", "virtual") as server:
        yield server


@pytest.fixture
def evening(server: Server) -> Server:
    """The same server at 18:00 on a day in 2026, with nothing left to retry."""
    assert act(server, "settle?advance=true")[0] == 200
    assert act(server, "clock/set?to=2026-12-24T18:00:00")[1]["now"] == "2026-12-24T18:00:00.000Z"
    return server


def act(server: Server, path: str, body: Any = None) -> tuple[int, Any]:
    """POST to one of the server's own paths: status and answer."""
    data = b"" if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{server.url}/_ebl/{path}", data, {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def ebl(server: Server, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = CLEAN | {"EBL_ENDPOINT": server.url}
    return subprocess.run([BIN / "ebl", *words], env=environment, capture_output=True, text=True, timeout=30)


def test_retries_and_schedules_fire_in_due_order_inside_the_call(evening: Server) -> None:
    evening.put("shop", "T", {})
    status, answer = act(evening, "clock/advance?by=1d")
    assert (status, answer["settled"], answer["kind"]) == (200, True, "virtual")
    assert [(due["at"], due["kind"], due["rule"]) for due in answer["fired"]] == [
        ("2026-12-24T18:01:00.000Z", "retry", "shop"),
        ("2026-12-24T18:03:00.000Z", "retry", "shop"),
        ("2026-12-25T03:00:00.000Z", "schedule", "nightly"),
    ]
    way = evening.event(answer["fired"][2]["event_id"])
    assert way["deliveries"][0]["attempts"][0]["result"] == '"2026-12-25T03:00:00Z"'


def test_what_is_due_next_is_said_and_gone_to(evening: Server) -> None:
    evening.put("shop", "T", {})
    shown = ebl(evening, "clock", "next")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[:3] == [
        "fired  2026-12-24T18:01:00.000Z  retry     shop → broken  attempt 2 (attempt 1 failed)",
        "virtual  2026-12-24T18:01:00.000Z",
        "  in 2 min   2026-12-24T18:03:00.000Z  retry     shop → broken  attempt 3 (2 attempts failed)",
    ]
    assert json.loads(ebl(evening, "clock", "--json").stdout)["now"] == "2026-12-24T18:01:00.000Z"


def test_settle_jumps_over_retries_and_no_further(evening: Server) -> None:
    event_id = evening.put("shop", "T", {})["event_id"]
    status, answer = act(evening, "settle?advance=true")
    assert (status, len(answer["fired"]), [due["rule"] for due in answer["waiting"]]) == (200, 2, ["nightly"])
    assert evening.event(event_id)["deliveries"][0]["state"] == "failed"


def test_settle_does_not_go_on_for_what_schedules_have_caused_meanwhile(project: Path) -> None:
    (project / "config.yaml").write_text(
        "rules:\n  shop: {pattern: {source: [shop]}, targets: [broken]}\n"
        "  each: {schedule: rate(1 minute), targets: [passes_on]}\n"
    )
    (project / "functions" / "broken.py").write_text("def handler(event, context): raise ValueError('no')\n")
    (project / "functions" / "passes_on.py").write_text(PASSES_ON)
    with running(project, "--clock", "virtual") as server:
        server.put("shop", "T", {})
        status, answer = act(server, "settle?advance=true")
        assert status == 200
        assert [due["kind"] for due in answer["fired"]].count("schedule") == 3
        assert "retry" in [due["kind"] for due in answer["waiting"]]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("clock/advance?by=soon", "should be a duration"),
        ("clock/advance?by=7000000000", "from 1970 to the end of 2199"),
        ("clock/set?to=tomorrow", "no moment such as"),
        ("clock/set?to=3000-01-01", "from 1970 to the end of 2199"),
        ("clock/set?to=NaN", "from 1970 to the end of 2199"),
        ("settle?timeout=9h", "less than or equal to 600"),
    ],
)
def test_what_is_no_duration_or_moment_is_refused_with_words(server: Server, path: str, said: str) -> None:
    status, answer = act(server, path)
    assert status == 422
    assert said in json.dumps(answer)


@pytest.mark.parametrize("words", [("tomorrow",), ("advance",), ("now", "1h")])
def test_a_verb_used_wrongly_is_a_mistake_of_usage(server: Server, words: tuple[str, ...]) -> None:
    shown = ebl(server, "clock", *words)
    assert shown.returncode == 2
    assert "ebl: " in shown.stderr


def test_a_real_clock_cannot_be_advanced(project: Path) -> None:
    with running(project) as server:
        assert act(server, "clock/next")[0] == 409
        shown = ebl(server, "clock", "advance", "1h")
        assert shown.returncode == 1
        assert "--clock virtual" in shown.stderr
        assert ebl(server, "clock", "set", "now").stdout.startswith("virtual  ")
        assert ebl(server, "clock", "real").stdout.startswith("real  ")


def test_what_takes_too_long_ends_with_408_and_124(project: Path) -> None:
    (project / "functions" / "slow.py").write_text(
        "import threading\ndef handler(event, context): threading.Event().wait(2)\n"
    )
    (project / "config.yaml").write_text("rules: {each: {schedule: rate(1 minute), targets: [slow]}}")
    with running(project, "--clock", "virtual") as server:
        shown = ebl(server, "clock", "advance", "1h", "--timeout", "0.2s")
        assert shown.returncode == 124
        assert "each → slow  attempt 1" in shown.stderr
        status, answer = act(server, "settle?timeout=0.1")
        assert (status, answer["settled"]) == (408, False)
        assert [running["rule"] for running in answer["running"]] == ["each"]
