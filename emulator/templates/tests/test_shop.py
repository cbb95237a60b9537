"""Puts events through the emulator, as an application would, and looks at what became of them.  Run with: pytest"""

import json
import subprocess
import urllib.request
from pathlib import Path

import boto3
import pytest

CONFIG = Path(__file__).parent.parent / "config.yaml"


@pytest.fixture(scope="session")
def url(tmp_path_factory):
    """Where an emulator of our own listens, on a free port."""
    command = ["ebl", "start", "--config", str(CONFIG), "--port", "0", "--state", "memory", "--json", "-q"]
    talk = tmp_path_factory.mktemp("ebl") / "stderr.txt"
    with (
        talk.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as server,
    ):
        ready = server.stdout.readline()
        if not ready:
            pytest.fail(f"the emulator did not start:\n{talk.read_text()}", pytrace=False)
        yield json.loads(ready)["url"]
        server.terminate()


@pytest.fixture
def events(url):
    return boto3.client(
        "events", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


def put(events, url, detail_type, detail):
    """Put an event, wait until nothing of it is running, and return what became of it."""
    entry = {"Source": "shop", "DetailType": detail_type, "Detail": json.dumps(detail), "EventBusName": "orders"}
    event_id = events.put_events(Entries=[entry])["Entries"][0]["EventId"]
    with urllib.request.urlopen(f"{url}/_ebl/events/{event_id}?wait=10") as answer:
        return json.load(answer)["received"][-1]


def result(events, url, detail_type, detail):
    """The result of the one function that such an event must run."""
    way = put(events, url, detail_type, detail)
    assert way["verdict"] == "matched", f"{detail_type} matched no rule\n{(way['explanation'] or {}).get('text', '')}"
    [delivery] = way["deliveries"]
    attempt = delivery["attempts"][0]
    assert delivery["state"] == "delivered", f"{delivery['rule']}: {attempt['error_type']}: {attempt['error_message']}"
    return json.loads(attempt["result"])


def test_an_order_is_charged(events, url):
    assert result(events, url, "OrderPlaced", {"id": 1}) == {"ok": True, "table": "orders"}


def test_a_refund_is_not_charged(events, url):
    assert put(events, url, "OrderRefunded", {"id": 1})["deliveries"] == []
