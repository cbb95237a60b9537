"""The journal in AWS's words, and explanations."""

from pathlib import Path
from typing import Any

import pytest

from emulator.delivery.faults import Fault
from emulator.store.letters import Letter
from tests.console.looking import Looking, looking

SHOP = {"source": ["shop"]}


def kinds(answer: Any) -> list[str]:
    return [record["message_type"] for record in answer["records"]]


def test_an_event_that_is_delivered(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", SHOP, "charge")
        await look.rule("bare", SHOP)
        await look.rule("off", SHOP, State="DISABLED")
        event_id = await look.put()
        answer = await look.get(f"/_ebl/journal?event_id={event_id}")
        assert sorted(kinds(answer)[1:3]) == ["RULE_MATCH", "RULE_MATCH"]
        assert kinds(answer)[0] == "EVENT_RECEIPT"
        assert kinds(answer)[3:] == [
            "RULE_DISABLED", "INVOCATION_START", "INVOCATION_ATTEMPT_START", "INVOCATION_ATTEMPT_SUCCESS",
            "INVOCATION_SUCCESS",
        ]  # fmt: skip
        last = answer["records"][-1]
        assert last["resource_arn"] == "arn:aws:events:us-east-1:000000000000:event-bus/orders"
        assert last["event_id"] == event_id
        assert last["log_level"] == "INFO"
        assert last["details"]["rule_arn"] == "arn:aws:events:us-east-1:000000000000:rule/orders/one"
        assert last["details"]["total_attempts"] == 1

    looking(tmp_path, scenario)


def test_what_goes_wrong_has_its_error(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", SHOP, "broken")
        answer = await look.get(f"/_ebl/journal?event_id={await look.put()}")
        assert kinds(answer)[-1] == "INVOCATION_ATTEMPT_RETRYABLE_FAILURE"
        assert answer["records"][-1]["error"]["error_message"] == "KeyError: 'amount'"
        answer = await look.get(f"/_ebl/journal?event_id={await look.put(bus='nowhere')}")
        assert kinds(answer) == ["EVENT_RECEIPT", "EVENT_INGEST_FAILURE"]
        answer = await look.get(f"/_ebl/journal?event_id={await look.put(source='bank')}")
        assert kinds(answer) == ["EVENT_RECEIPT", "NO_STANDARD_RULES_MATCHED"]
        assert len(kinds(await look.get("/_ebl/journal?bus=nowhere"))) == 2
        await look.get("/_ebl/journal?event_id=0000", status=404)

    looking(tmp_path, scenario)


@pytest.mark.parametrize(
    ("config", "logged", "has_event"),
    [
        (None, [], False),
        ({"Level": "OFF"}, [], False),
        ({"Level": "ERROR", "IncludeDetail": "FULL"}, [], False),
        ({"Level": "INFO", "IncludeDetail": "NONE"}, ["EVENT_RECEIPT", "RULE_MATCH", "INVOCATION_SUCCESS"], False),
        (
            {"Level": "TRACE", "IncludeDetail": "FULL"},
            [
                "EVENT_RECEIPT", "RULE_MATCH", "INVOCATION_START", "INVOCATION_ATTEMPT_START",
                "INVOCATION_ATTEMPT_SUCCESS", "INVOCATION_SUCCESS",
            ],
            True,
        ),
    ],
)  # fmt: skip
def test_the_bus_decides_what_aws_would_log(
    tmp_path: Path, config: dict[str, str] | None, logged: list[str], has_event: bool
) -> None:
    """A handler that fails does so behind Lambda's queue: EventBridge delivered."""

    async def scenario(look: Looking) -> None:
        if config is not None:
            await look.emulator.api("events", "UpdateEventBus", {"Name": "orders", "LogConfig": config})
        await look.rule("one", SHOP, "broken")
        event_id = await look.put(detail={"id": 1})
        answer = await look.get(f"/_ebl/journal?event_id={event_id}&as=bus-log")
        assert kinds(answer) == logged
        assert any("event_detail" in record["details"] for record in answer["records"]) == has_event

    looking(tmp_path, scenario)


def test_the_default_bus_logs_too_and_each_bus_by_its_own_settings(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        log = {"Level": "INFO", "IncludeDetail": "FULL"}
        await look.emulator.api("events", "UpdateEventBus", {"Name": "default", "LogConfig": log})
        on_default, on_orders = await look.put(bus="default", detail={"id": 1}), await look.put()
        answer = await look.get(f"/_ebl/journal?event_id={on_default}&as=bus-log")
        assert kinds(answer) == ["EVENT_RECEIPT", "NO_STANDARD_RULES_MATCHED"]
        assert answer["records"][0]["details"]["event_detail"] == {"id": 1}
        assert (await look.get(f"/_ebl/journal?event_id={on_orders}&as=bus-log"))["records"] == []
        assert len((await look.get("/_ebl/journal?as=bus-log"))["records"]) == 2

    looking(tmp_path, scenario)


@pytest.mark.parametrize(
    ("fault", "by", "logged"),
    [
        ({"rule": "one"}, "eventbridge", ["INVOCATION_ATTEMPT_SUCCESS"]),
        ({"function": "broken"}, "lambda", []),
    ],
)
def test_a_second_copy_is_marked_and_counts_for_nothing(
    tmp_path: Path, fault: dict[str, str], by: str, logged: list[str]
) -> None:
    """EventBridge's log has a copy that EventBridge sends; one that Lambda's queue makes is not seen from there."""

    async def scenario(look: Looking) -> None:
        await look.emulator.api("events", "UpdateEventBus", {"Name": "orders", "LogConfig": {"Level": "TRACE"}})
        await look.rule("one", SHOP, "broken")
        look.emulator.faults.add(Fault(**fault, duplicate=True))  # type: ignore[arg-type]
        event_id = await look.put()
        [delivery] = (await look.get(f"/_ebl/events/{event_id}"))["received"][0]["deliveries"]
        assert sorted(str(attempt["duplicate"]) for attempt in delivery["attempts"]) == ["None", by]
        assert (delivery["state"], delivery["condition"]) == ("pending", None)
        records = (await look.get(f"/_ebl/journal?event_id={event_id}"))["records"]
        ends = [r for r in records if r["details"].get("duplicate") == by and "invocation_status" in r["details"]]
        assert [(r["message_type"], r["details"]["attempt_count"]) for r in ends] == [
            ("INVOCATION_ATTEMPT_PERMANENT_FAILURE", 1)
        ]
        records = (await look.get(f"/_ebl/journal?event_id={event_id}&as=bus-log"))["records"]
        copies = [r["message_type"] for r in records if r["details"].get("duplicate")]
        assert copies == (["INVOCATION_ATTEMPT_START", *logged] if logged else [])
        [over] = [record for record in records if record["message_type"] == "INVOCATION_SUCCESS"]
        assert over["details"]["total_attempts"] == 1

    looking(tmp_path, scenario)


def test_a_throttled_attempt_is_none_that_succeeded(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", SHOP, "charge")
        look.emulator.faults.add(Fault(function="charge", status=429))
        records = (await look.get(f"/_ebl/journal?event_id={await look.put()}"))["records"]
        assert records[-1]["message_type"] == "INVOCATION_ATTEMPT_THROTTLE"

    looking(tmp_path, scenario)


def test_explanations(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", SHOP)
        await look.rule("off", {"source": ["bank"]}, State="DISABLED")
        event = {"source": "shop", "detail-type": "T"}
        said = await look.post("/_ebl/explain", {"event": event, "bus": "orders"})
        assert (said["matched"], said["bus"]) == (["one"], "orders")
        assert said["text"].startswith("matches  one  1/1")
        said = await look.post("/_ebl/explain", {"event_id": await look.put("Shop")})
        assert (said["matched"], "only the case differs" in said["text"]) == ([], True)
        said = await look.post("/_ebl/explain", {"event": event, "bus": "orders", "rule": "off"})
        assert [rule["name"] for rule in said["rules"]] == ["off"]
        said = await look.post("/_ebl/explain", {"event": event, "pattern": {"source": [{"prefix": "s"}]}})
        assert said["matched"] == ["pattern"]

    looking(tmp_path, scenario)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"event_id": "0000"}, 404),
        ({"event": {}, "bus": "nowhere"}, 404),
        ({"event": {}, "rule": "nothing"}, 404),
        ({"event": {}, "pattern": {"source": "x"}}, 422),
    ],
)
def test_what_cannot_be_explained(tmp_path: Path, body: dict[str, Any], status: int) -> None:
    async def scenario(look: Looking) -> None:
        assert "detail" in await look.post("/_ebl/explain", body, status)

    looking(tmp_path, scenario)


def test_a_dead_letter_has_its_record(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", SHOP, "charge")
        event_id = await look.put()
        [way] = look.emulator.store.journal.ways(event_id)
        queue = "arn:aws:sqs:us-east-1:000000000000:dead"
        look.emulator.store.letters.add(
            Letter(way.deliveries[0].id, "eventbridge", "dlq", queue, way.at, "success", None, None, "m-1")
        )
        answer = await look.get(f"/_ebl/journal?event_id={event_id}")
        [record] = [record for record in answer["records"] if record["message_type"] == "INVOCATION_DLQ"]
        assert (record["log_level"], record["details"]["dlq_arn"]) == ("ERROR", queue)

    looking(tmp_path, scenario)
