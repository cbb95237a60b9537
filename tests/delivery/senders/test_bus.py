"""From bus to bus: what stays of the envelope, how far an event may go, and what happens to one that may not."""

import json
from pathlib import Path
from typing import Any

from emulator.console.tree import tree_json
from emulator.wire.service import Scope
from tests.delivery.running import Running, running

ROLE = {"RoleArn": "arn:aws:iam::000000000000:role/events"}
WEST = "us-west-2"


def letters(app: Running) -> list[str]:
    return [message.attributes["ERROR_CODE"]["StringValue"] for message in app.messages("dlq")]


def to(arn: str, app: Running) -> dict[str, Any]:
    return {"Arn": arn, **ROLE, "DeadLetterConfig": {"Arn": app.queue("dlq")}}


def test_within_a_region_the_whole_envelope_stays(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("forward", to(await app.bus("second"), app), {"Arn": app.queue("direct")})
        await app.rule("all", {"Arn": app.queue("arrived")}, bus="second")
        event_id = await app.put()
        await app.emulator.worker.idle()
        assert [m.body for m in app.messages("arrived")] == [m.body for m in app.messages("direct")]
        assert [way.bus for way in app.store.journal.ways(event_id)] == ["second", "default"]

    running(tmp_path, scenario)


def test_another_region_gives_a_new_id_and_time_and_keeps_the_origin(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("forward", to(await app.bus("second", region=WEST), app))
        await app.rule("all", {"Arn": app.queue("arrived")}, bus="second", region=WEST)
        event_id = await app.put()
        await app.emulator.worker.idle()
        event = json.loads(app.messages("arrived")[0].body)
        assert event["id"] != event_id
        [shown] = tree_json(app.store.journal, app.store.journal.ways(event_id))
        [caused] = shown["deliveries"][0]["caused"]
        assert (caused["event_id"], caused["region"]) == (event["id"], WEST)
        [way] = tree_json(app.store.journal, app.store.journal.ways(event["id"]))
        assert way["caused_by"]["event_id"] == event_id
        assert way["caused_by"]["target_arn"] == f"arn:aws:events:{WEST}:000000000000:event-bus/second"
        assert (event["account"], event["region"]) == ("000000000000", "us-east-1")

    running(tmp_path, scenario)


def test_a_second_hop_within_a_region_is_a_dead_letter(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        second, third = await app.bus("second"), await app.bus("third")
        await app.rule("one", to(second, app))
        await app.rule("two", to(third, app), bus="second")
        await app.rule("all", {"Arn": app.queue("arrived")}, bus="third")
        await app.put()
        await app.emulator.worker.idle()
        assert (letters(app), app.messages("arrived")) == (["THIRD_ACCOUNT_HOP_DETECTED"], [])

    running(tmp_path, scenario)


def test_hops_within_a_region_and_to_another_are_counted_apart(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        second = await app.bus("second")
        west, home = await app.bus("west", region=WEST), await app.bus("home")
        await app.rule("one", to(second, app))
        await app.rule("two", to(west, app), bus="second")
        await app.rule("three", to(home, app), bus="west", region=WEST)
        await app.rule("all", {"Arn": app.queue("arrived")}, bus="home")
        await app.put()
        await app.emulator.worker.idle()
        assert (letters(app), len(app.messages("arrived"))) == ([], 1)

    running(tmp_path, scenario)


def test_a_third_hop_from_region_to_region_is_a_dead_letter(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        west, south = await app.bus("west", region=WEST), await app.bus("south", region="sa-east-1")
        home = await app.bus("home")
        await app.rule("one", to(west, app))
        await app.rule("two", to(south, app), bus="west", region=WEST)
        await app.rule("south", {"Arn": app.queue("reached")}, bus="south", region="sa-east-1")
        await app.rule("three", to(home, app), bus="south", region="sa-east-1")
        await app.rule("all", {"Arn": app.queue("arrived")}, bus="home")
        await app.put()
        await app.emulator.worker.idle()
        assert letters(app) == ["THIRD_REGION_HOP_DETECTED"]
        assert (len(app.messages("reached")), app.messages("arrived")) == (1, [])

    running(tmp_path, scenario)


def test_a_bus_that_is_not_there_takes_it_and_the_journal_has_it(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("forward", to("arn:aws:events:us-east-1:000000000000:event-bus/gone", app))
        event_id = await app.put()
        await app.emulator.worker.idle()
        ways = app.store.journal.ways(event_id)
        assert [(way.bus, way.verdict) for way in ways] == [("gone", "unknown_bus"), ("default", "matched")]
        assert (ways[1].deliveries[0].state, letters(app)) == ("delivered", [])

    running(tmp_path, scenario)


def test_a_policy_decides_for_other_accounts_and_a_deny_for_all(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        other = Scope("222222222222", "us-east-1")
        foreign = await app.bus("theirs", account=other.account)
        await app.rule("forward", to(foreign, app))
        await app.put()
        await app.emulator.worker.idle()
        [letter] = app.messages("dlq")
        assert (
            letter.attributes["ERROR_MESSAGE"]["StringValue"] == "Lack of permissions to invoke cross account target."
        )
        permission = {"EventBusName": "theirs", "Action": "events:PutEvents", "Principal": "000000000000"}
        await app.emulator.api("events", "PutPermission", {**permission, "StatementId": "a"}, other)
        event_id = await app.put()
        await app.emulator.worker.idle()
        arrived = app.store.journal.ways(event_id)[0]
        assert (arrived.bus, arrived.account, json.loads(arrived.envelope)["account"]) == (
            "theirs", "222222222222", "000000000000",
        )  # fmt: skip
        assert letters(app) == ["NO_PERMISSIONS"]

    running(tmp_path, scenario)


def test_a_deny_may_be_about_forwarding_alone(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        arn = await app.bus("second")
        await app.rule("forward", to(arn, app))
        statement = {
            "Sid": "s", "Effect": "Deny", "Principal": "*", "Action": "events:PutEvents", "Resource": arn,
            "Condition": {"Bool": {"events:eventBusInvocation": "true"}},
        }  # fmt: skip
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        await app.emulator.api("events", "PutPermission", {"EventBusName": "second", "Policy": policy})
        await app.put()
        await app.put(bus="second")
        await app.emulator.worker.idle()
        assert letters(app) == ["NO_PERMISSIONS"]

    running(tmp_path, scenario)
