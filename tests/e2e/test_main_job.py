"""The main job: an event is put, the rule that matches runs my handler, and everything of it can be seen."""

import json
import urllib.request
from pathlib import Path

from tests.e2e.server import Server, running


def test_the_aws_cli_makes_a_bus_a_rule_and_a_target_and_the_handler_runs(server: Server) -> None:
    server.aws("events", "create-event-bus", "--name", "cli")
    pattern = json.dumps({"source": ["cli"], "detail": {"id": [{"numeric": [">", 1]}]}})
    server.aws("events", "put-rule", "--name", "big", "--event-bus-name", "cli", "--event-pattern", pattern)
    arn = server.aws("lambda", "get-function", "--function-name", "charge")["Configuration"]["FunctionArn"]
    put = server.aws(
        "events", "put-targets", "--rule", "big", "--event-bus-name", "cli", "--targets", f"Id=1,Arn={arn}"
    )
    assert put == {"FailedEntryCount": 0, "FailedEntries": []}
    entries = [
        {"Source": "cli", "DetailType": "T", "Detail": json.dumps({"id": number}), "EventBusName": "cli"}
        for number in (1, 2)
    ]
    answer = server.aws("events", "put-events", "--entries", json.dumps(entries))
    small, big = (server.event(entry["EventId"]) for entry in answer["Entries"])
    assert small["verdict"] == "unmatched"
    assert big["verdict"] == "matched"
    assert big["deliveries"][0]["state"] == "delivered"
    assert "charging order 2" in big["deliveries"][0]["attempts"][0]["log"]


def test_a_handler_puts_the_next_event_with_its_own_boto3_call(server: Server) -> None:
    way = server.put("shop", "OrderPlaced", {"id": 7}, bus="orders")
    assert way["deliveries"][0]["state"] == "delivered"
    events = server.client("events")
    assert events.describe_event_bus(Name="orders")["Name"] == "orders"
    recent = json.loads(_get(server, "/_ebl/events?bus=orders&limit=50"))["events"]
    assert any(e["event"]["source"] == "billing" and e["event"]["detail-type"] == "Charged" for e in recent)


def test_every_region_and_account_has_its_own_buses(server: Server) -> None:
    server.client("events", "eu-west-1").create_event_bus(Name="apart")
    server.client("events", "us-east-1", "111122223333").create_event_bus(Name="apart")
    names = [bus["Name"] for bus in server.client("events").list_event_buses()["EventBuses"]]
    assert "apart" not in names
    arn = server.client("events", key="111122223333").describe_event_bus(Name="apart")["Arn"]
    assert arn == "arn:aws:events:us-east-1:111122223333:event-bus/apart"


def test_an_event_for_a_bus_that_does_not_exist_is_accepted_and_shown(server: Server) -> None:
    assert server.put("shop", "OrderPlaced", {}, bus="nowhere")["verdict"] == "unknown_bus"


def test_a_failing_handler_is_retried_later_and_the_failure_is_shown(project: Path) -> None:
    (project / "functions" / "bad.py").write_text("def handler(event, context):\n    return event['amount']\n")
    (project / "config.yaml").write_text("rules: {all: {pattern: {source: [x]}, targets: [bad]}}")
    with running(project) as server:
        way = server.put("x", "T", {})
        attempt = way["deliveries"][0]["attempts"][0]
        assert way["deliveries"][0]["state"] == "pending"
        assert (attempt["status"], attempt["error_type"]) == ("retryable", "KeyError")
        shown = "\n".join(server.lines_until("retry 1/2"))
        assert "KeyError" in shown
        assert "functions/bad.py:2" in shown


def test_two_functions_may_each_have_their_own_utils(project: Path) -> None:
    for name in ("one", "two"):
        (project / "functions" / name).mkdir()
        (project / "functions" / name / "utils.py").write_text(f"NAME = {name!r}\n")
        (project / "functions" / name / "app.py").write_text(
            "import utils\n\ndef handler(event, context):\n    return utils.NAME\n"
        )
    with running(project) as server:
        function = server.client("lambda")
        for name in ("one", "two", "one"):
            assert json.load(function.invoke(FunctionName=name)["Payload"]) == name


def test_pending_deliveries_survive_a_restart_with_a_state_file(project: Path) -> None:
    (project / "functions" / "bad.py").write_text("def handler(event, context):\n    raise ValueError('no')\n")
    (project / "config.yaml").write_text("rules: {all: {pattern: {source: [x]}, targets: [bad]}}")
    with running(project, "--state", "state.db") as server:
        event_id = server.put("x", "T", {})["event_id"]
    with running(project, "--state", "state.db") as server:
        assert server.event(event_id)["deliveries"][0]["state"] == "pending"


def _get(server: Server, path: str) -> str:
    with urllib.request.urlopen(server.url + path) as answer:
        text: str = answer.read().decode()
        return text
