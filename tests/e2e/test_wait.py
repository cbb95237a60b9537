"""Waiting for events and invocations, and firing rules, over HTTP and with `ebl`."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import Server, running
from tests.e2e.test_clock import act, ebl

CONFIG = """\
rules:
  uploads: {pattern: {source: [aws.s3], detail: {size: [{numeric: [">", 9]}]}}, targets: [charge]}
  nightly: {schedule: cron(0 3 * * ? *), targets: [charge]}
  broken: {pattern: {source: [broken]}, targets: [broken]}
"""
PATTERN = {"source": ["shop"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("wait")
    (folder / "functions").mkdir()
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "functions" / "charge.py").write_text("def handler(event, context): return event['source']\n")
    (folder / "functions" / "broken.py").write_text("def handler(event, context): raise ValueError('no')\n")
    with running(folder, EBL_CLOCK="virtual") as server:
        yield server


def put(server: Server, source: str) -> str:
    entry = {"Source": source, "DetailType": "T", "Detail": "{}"}
    event_id: str = server.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"]
    return event_id


def test_an_event_that_came_since_another_one_is_not_missed(server: Server) -> None:
    first, second = put(server, "shop"), put(server, "shop")
    status, answer = act(server, f"wait?after={first}", {"event": PATTERN})
    assert (status, answer["found"], answer["event_id"], answer["verdict"]) == (200, True, second, "unmatched")
    shown = ebl(server, "wait", "--pattern", json.dumps(PATTERN), "--after", first)
    assert (shown.returncode, shown.stdout) == (0, f"default  shop/T  {second}\n")


def test_one_long_request_waits_for_what_is_still_to_come(server: Server) -> None:
    since = put(server, "other")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(act, server, f"wait?timeout=20&after={since}", {"invocation": "broken"})
        event_id = put(server, "broken")
        status, answer = waiting.result()
    assert (status, answer["event_id"], answer["status"], answer["error_type"]) == (
        200, event_id, "retryable", "ValueError",
    )  # fmt: skip
    shown = ebl(server, "wait", "--function", "broken", "--after", event_id)
    assert shown.stdout == "broken  attempt 1  retryable  ValueError: no\n"


def test_what_does_not_come_says_what_came_closest(server: Server) -> None:
    since = put(server, "other")
    put(server, "other")
    shown = ebl(server, "wait", "--pattern", json.dumps(PATTERN), "--after", since, "--timeout", "0.1s")
    assert shown.returncode == 124
    assert '✗ want one of ["shop"], got "other"' in shown.stderr
    nobody = {"invocation": "nobody", "not_there_yet": True}
    assert act(server, "wait?timeout=0", nobody) == (408, {"found": False})
    shown = ebl(server, "wait", "--function", "nobody", "--timeout", "0")
    assert (shown.returncode, "There is no function 'nobody'." in shown.stderr) == (1, True)
    assert ebl(server, "wait", "--function", "nobody", "--timeout", "0", "--not-there-yet").returncode == 124
    shown = ebl(server, "fail", "chagre")
    assert (shown.returncode, "Did you mean charge?" in shown.stderr) == (1, True)
    assert ebl(server, "fail", "chagre", "--not-there-yet").stdout == "chagre  Exception  all attempts\n"
    assert ebl(server, "fail", "--clear").stdout == "cleared 1\n"


def test_settled_is_what_it_waits_for_by_itself(server: Server) -> None:
    put(server, "broken")
    shown = ebl(server, "wait")
    assert shown.returncode == 0
    assert "settled" in shown.stdout
    shown = ebl(server, "wait", "--settled", "--advance")
    assert shown.stdout.splitlines()[-1] == "settled"
    assert "retry     broken → broken  attempt 3" in shown.stdout


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [
        ({}, "wait", 422),
        ({"event": {"source": "shop"}}, "wait", 422),
        ({"event": PATTERN, "colour": 1}, "wait", 422),
        ({"event": PATTERN}, "wait?after=ffffffff-none", 404),
        ({"rule": "nobody"}, "fire", 404),
        ({"rule": "uploads", "event": {"source": "shop"}}, "fire", 409),
    ],
)
def test_what_cannot_be_is_refused(server: Server, body: dict[str, Any], path: str, status: int) -> None:
    assert act(server, path, body)[0] == status


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (("nightly",), '"aws.events"'),
        (("uploads",), '"aws.s3"'),
        (("uploads", '{"source": "aws.s3", "detail": {"size": 11}}'), '"aws.s3"'),
    ],
)
def test_a_rule_is_fired_by_hand(server: Server, words: tuple[str, ...], result: str) -> None:
    shown = ebl(server, "fire", *words, "--json")
    assert shown.returncode == 0, shown.stderr
    [delivery] = json.loads(shown.stdout)["deliveries"]
    assert (delivery["state"], delivery["attempts"][0]["result"]) == ("delivered", result)
    assert ebl(server, "fire", *words).stdout.startswith("matched 1 rule · delivered 1 · http://")


def test_a_rule_that_cannot_be_fired_says_why(server: Server) -> None:
    shown = ebl(server, "fire", "uploads", '{"source": "aws.s3"}')
    assert shown.returncode == 1
    assert "detail.size" in shown.stderr


def test_several_rules_of_one_name_are_told_apart_by_region(project: Path) -> None:
    with running(project) as server:
        for region in ("us-east-1", "eu-west-1"):
            server.client("events", region).put_rule(Name="twice", ScheduleExpression="rate(1 day)")
        status, answer = act(server, "fire", {"rule": "twice"})
        assert status == 409
        assert "eu-west-1" in answer["detail"]
        assert act(server, "fire", {"rule": "twice", "region": "eu-west-1"})[1]["event"]["region"] == "eu-west-1"


def test_a_wait_ends_when_the_server_is_told_to_stop(project: Path) -> None:
    with running(project) as server:
        connection = http.client.HTTPConnection("localhost", int(server.url.rpartition(":")[2]))
        body = json.dumps({"invocation": "nobody", "not_there_yet": True})
        connection.request("POST", "/_ebl/wait?timeout=300", body, {"Content-Type": "application/json"})
        assert act(server, "settle")[0] == 200  # a later request has been answered, so the first one has come in
        server.process.terminate()
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)) == (503, {"detail": "The server was told to stop."})
        connection.close()
        assert server.process.stdout is not None
        assert "ERROR" not in server.process.stdout.read()
