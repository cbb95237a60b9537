"""Puts events through the emulator, as an application would, and looks at what became of them.  Run with: pytest"""

import json
import subprocess
import urllib.request
from pathlib import Path

import boto3
import pytest

CONFIG = Path(__file__).parent.parent / "config.yaml"


@pytest.fixture(scope="session")
def url():
    """Where an emulator of our own listens, on a free port."""
    command = ["ebl", "start", "--config", str(CONFIG), "--port", "0", "--state", "memory", "--json", "-q"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        ready = json.loads(server.stdout.readline() or "{}")
        yield ready["url"]
        server.terminate()


@pytest.fixture
def events(url):
    return boto3.client(
        "events", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


def put(events, url, detail_type, detail):
    """Put an event, wait until nothing of it is running, and return its deliveries."""
    entry = {"Source": "shop", "DetailType": detail_type, "Detail": json.dumps(detail), "EventBusName": "orders"}
    event_id = events.put_events(Entries=[entry])["Entries"][0]["EventId"]
    with urllib.request.urlopen(f"{url}/_ebl/events/{event_id}?wait=10") as answer:
        return json.load(answer)["received"][0]["deliveries"]


def test_an_order_is_charged(events, url):
    [delivery] = put(events, url, "OrderPlaced", {"id": 1})
    assert delivery["rule"] == "charge-on-order"
    assert delivery["state"] == "delivered"
    assert json.loads(delivery["attempts"][0]["result"]) == {"ok": True, "table": "orders"}


def test_a_refund_is_not_charged(events, url):
    assert put(events, url, "OrderRefunded", {"id": 1}) == []
