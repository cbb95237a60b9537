"""What AWS delivered to a queue or to its dead-letter queue (Sep 2026), through the whole emulator, byte for byte."""

import asyncio
import json
import re
from datetime import datetime
from typing import Any

import pytest

from emulator.app import Emulator
from emulator.clock import VirtualClock
from emulator.delivery.faults import Fault
from emulator.delivery.publish import Event
from emulator.store.buses import BusKey
from emulator.store.queues import Message, QueueKey
from emulator.wire.service import Scope
from tests.conformance.cases import FOLDER, cases

COMMON = json.loads((FOLDER / "inputs-common.json").read_text(encoding="utf-8")) if FOLDER.exists() else {}
CASES = [case for case in cases("inputs.jsonl") if "delivery" in case]
ACCOUNT, REGION = "111111111111", "us-east-1"
TRACE = "Root=1-6ab2832c-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0"
_REQUEST = re.compile(r"Request ID: [0-9a-f-]{36}")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_delivery(case: dict[str, Any]) -> None:
    target, letters = asyncio.run(delivered(case))
    recorded = case["delivery"]
    if recorded["kind"] == "unobserved":
        assert (target, letters) == ([], [])
    elif recorded["kind"] == "target":
        assert ([message.body for message in target], letters) == ([recorded["body"]], [])
    else:
        assert target == []
        [letter] = letters
        assert letter.body == recorded["body"]
        assert {value["DataType"] for value in letter.attributes.values()} == {"String"}
        attributes = {name: value["StringValue"] for name, value in letter.attributes.items()}
        assert {n: plain(v) for n, v in attributes.items()} == {n: plain(v) for n, v in recorded["attributes"].items()}
        assert letter.system["AWSTraceHeader"] == TRACE


def plain(text: str) -> str:
    return _REQUEST.sub("Request ID: …", text)


async def delivered(case: dict[str, Any]) -> tuple[list[Message], list[Message]]:
    """What then lies in the target's queue, and in its dead-letter queue."""
    came_in = datetime.fromisoformat(case.get("ingestion_time", "2026-09-13T12:17:30.408Z")).timestamp()
    emulator = Emulator(clock=VirtualClock(came_in))
    scope, bus, rule = Scope(ACCOUNT, REGION), COMMON["event_bus"], case["rule_name"]
    target = QueueKey(ACCOUNT, REGION, f"{bus}-{rule}")
    letters = QueueKey(ACCOUNT, REGION, "letters")
    emulator.store.queues.put(target, 0)
    emulator.store.queues.put(letters, 0)
    if case.get("target_access") == "denied":  # queues here have no policy that could say it
        emulator.faults.add(Fault(rule=rule, error="NO_PERMISSIONS"))
    await emulator.start()
    await emulator.api("events", "CreateEventBus", {"Name": bus}, scope)
    pattern = json.dumps({"source": [COMMON["event"]["source"]]})
    await emulator.api("events", "PutRule", {"Name": rule, "EventBusName": bus, "EventPattern": pattern}, scope)
    member = {
        "Id": COMMON["target_id"],
        "Arn": case.get("target_arn", target.arn),
        "DeadLetterConfig": {"Arn": letters.arn},
        **case["target_input"],
    }
    await emulator.api("events", "PutTargets", {"Rule": rule, "EventBusName": bus, "Targets": [member]}, scope)
    emulator.publisher.publish([Event(BusKey(ACCOUNT, REGION, bus), envelope(case), came_in, TRACE)])
    await emulator.worker.idle()
    found = emulator.store.queues.messages(target, 9), emulator.store.queues.messages(letters, 9)
    await emulator.stop()
    return found


def envelope(case: dict[str, Any]) -> dict[str, Any]:
    name = "updates" if case["id"].startswith("update-") else case["id"]
    text = json.dumps(COMMON["event"]).replace("${event_id}", case["event_id"]).replace("${id}", name)
    event: dict[str, Any] = json.loads(text)
    return event
