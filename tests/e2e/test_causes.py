"""What a handler's own boto3 sends is known to come from its very invocation."""

import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.e2e.server import running

CONFIG = """\
rules:
  first: {bus: chain, pattern: {source: [first]}, targets: [relay]}
  second: {bus: chain, pattern: {source: [second]}, targets: [relay]}
"""
RELAY = """\
import threading

import boto3


def put(source):
    boto3.client("events").put_events(
        Entries=[{"Source": source, "DetailType": "T", "Detail": "{}", "EventBusName": "chain"}]
    )


def handler(event, context):
    if event["source"] == "first":
        put("second")
        thread = threading.Thread(target=put, args=["from a thread"])
        thread.start()
        thread.join()
    else:
        put("third")
"""


def test_events_that_handlers_put_lead_back_to_their_invocations(project: Path) -> None:
    (project / "config.yaml").write_text(CONFIG)
    (project / "functions" / "relay.py").write_text(RELAY)
    with running(project) as server:
        first = server.put("first", "T", {}, bus="chain")
        with urlopen(Request(f"{server.url}/_ebl/settle", method="POST")):
            pass
        with urlopen(f"{server.url}/_ebl/events?source=third") as answer:
            [last] = json.load(answer)["events"]
        tree = server.event(first["event_id"])
        assert outline(tree) == ("first", [("second", [("third", [])]), ("from a thread", [])])
        third = server.event(last["event_id"])
        assert third["caused_by"]["source"] == "second"
        assert third["caused_by"]["caused_by"]["event_id"] == tree["event_id"]
        assert third["caused_by"]["caused_by"]["caused_by"] is None


def outline(way: dict[str, Any]) -> Any:
    return way["event"]["source"], [outline(each) for delivery in way["deliveries"] for each in delivery["caused"]]
