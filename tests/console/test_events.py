"""Events and invocations as JSON: lists, filters, and one event with why it matched nothing."""

from pathlib import Path
from typing import Any

import pytest

from emulator.console.tree import tree_json
from emulator.store.database import Store
from tests.console.looking import Looking, looking
from tests.store.test_journal import Written

SHOP = {"source": ["shop"]}


def test_events_are_filtered(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", SHOP, "broken")
        await look.put("shop")
        await look.put("bank")
        for query, found in [
            ("", ["bank", "shop"]),
            ("?source=bank", ["bank"]),
            ("?detail-type=T&limit=1", ["bank"]),
            ("?failed=true", ["shop"]),
            ("?verdict=unmatched", ["bank"]),
            ("?since=2999-01-01T00:00:00Z", []),
            ("?since=0&bus=orders", ["bank", "shop"]),
        ]:
            answer = await look.get(f"/_ebl/events{query}")
            assert [way["event"]["source"] for way in answer["events"]] == found, query
        await look.get("/_ebl/events?since=yesterday", status=422)
        await look.get("/_ebl/events?since=2026-01-01T00:00:00", status=422)

    looking(tmp_path, scenario)


def test_an_unmatched_event_says_why(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", {"source": ["shop"], "detail-type": ["t"]})
        await look.rule("off", SHOP, State="DISABLED")
        [way] = (await look.get(f"/_ebl/events/{await look.put()}"))["received"]
        assert way["disabled_rules"] == ["off"]
        assert "only the case differs" in way["explanation"]["text"]
        await look.rule("off", SHOP, State="ENABLED")
        [way] = (await look.get(f"/_ebl/events/{await look.put()}"))["received"]
        assert (way["disabled_rules"], way["explanation"], way["rules"]) == ([], None, ["off"])

    looking(tmp_path, scenario)


def test_invocations_have_what_the_handler_got_and_said(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", SHOP, "broken")
        event_id = await look.put()
        await look.emulator.api("lambda", "Invoke", {"FunctionName": "charge", "Payload": b'{"id": 1}'})
        direct, failed = (await look.get("/_ebl/invocations"))["invocations"]
        assert (direct["kind"], direct["function"], direct["payload"]) == ("direct", "charge", '{"id": 1}')
        assert direct["result"] == '{"ok": true}'
        assert direct["duration_ms"] >= 0
        assert direct["memory_mb"] > 0
        assert "charging" in direct["log"]
        assert (failed["kind"], failed["event_id"], failed["rule"]) == ("event", event_id, "one")
        assert (failed["status"], failed["where"].rpartition("/")[2]) == ("retryable", "broken.py:2")
        assert len((await look.get("/_ebl/invocations?function=charge"))["invocations"]) == 1
        assert len((await look.get("/_ebl/invocations?failed=true"))["invocations"]) == 1

    looking(tmp_path, scenario)


def outline(way: dict[str, Any]) -> Any:
    return way["event_id"], [outline(each) for delivery in way["deliveries"] for each in delivery["caused"]]


def chain() -> Store:
    """a caused b, which was forwarded; b caused c."""
    written = Written()
    written.delivery(written.event("a"), "aaaaaaaa-1")
    written.delivery(written.event("b", cause="aaaaaaaa"), "bbbbbbbb-1")
    written.event("b", bus="other")
    written.event("c", cause="bbbbbbbb")
    return written.store


def test_a_tree_shows_what_came_of_an_event() -> None:
    store = chain()
    [tree] = tree_json(store.journal, store.journal.ways("a"))
    assert outline(tree) == ("a", [("b", [("c", [])]), ("b", [])])


@pytest.mark.parametrize(("event_id", "back"), [("a", []), ("b", ["aaaaaaaa-1"]), ("c", ["bbbbbbbb-1", "aaaaaaaa-1"])])
def test_a_tree_leads_back_to_what_caused_it(event_id: str, back: list[str]) -> None:
    store = chain()
    found = []
    link = tree_json(store.journal, store.journal.ways(event_id)[-1:])[0]["caused_by"]
    while link is not None:
        found.append(link["request_id"])
        link = link["caused_by"]
    assert found == back


def test_an_event_that_nests_deeply_is_shown(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        detail: dict[str, Any] = {}
        for _ in range(400):
            detail = {"a": detail}
        event_id = await look.put(bus="default", detail=detail)
        shown = await look.get(f"/_ebl/events/{event_id}")
        assert shown["received"][0]["event"]["detail"] == detail
        assert (await look.get("/_ebl/events"))["events"][0]["event"]["detail"] == detail
        await look.get(f"/_ebl/journal?event_id={event_id}")

    looking(tmp_path, scenario)


def test_the_beginning_of_several_ids_is_no_event(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        ids = [await look.put(bus="default") for _ in range(17)]  # two of them begin alike
        first = next(event_id[0] for event_id in ids if sum(other[0] == event_id[0] for other in ids) > 1)
        told = await look.get(f"/_ebl/events/{first}", status=409)
        assert f"begin with {first}" in told["detail"]

    looking(tmp_path, scenario)
