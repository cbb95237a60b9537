"""From an event to its deliveries: which rules, which targets, which payload, and what is said."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from emulator.delivery.steps import Kind
from emulator.store.database import Store
from tests.delivery.bench import FUNCTION, Bench

SHOP = {"source": ["shop"]}


def running(scenario: Callable[[Bench], Awaitable[None]], bench: Bench | None = None) -> None:
    async def main() -> None:
        ready = bench or Bench()
        ready.worker.start()
        await scenario(ready)

    asyncio.run(main())


def test_each_target_of_each_matching_rule_gets_the_event_once_with_its_id() -> None:
    async def scenario(bench: Bench) -> None:
        bench.rule("one", SHOP, targets=[{"Id": "a", "Arn": FUNCTION}, {"Id": "b", "Arn": FUNCTION}])
        bench.rule("two", SHOP)
        bench.rule("other", {"source": ["bank"]})
        event = bench.event(detail={"ä": 3.25})
        bench.publisher.publish([event])
        await bench.worker.idle()
        assert sorted((d.rule, d.target_id) for d in bench.sender.seen) == [("one", "a"), ("one", "b"), ("two", "1")]
        assert {json.loads(d.payload)["id"] for d in bench.sender.seen} == {event.envelope["id"]}
        # Compact and raw, as recorded: no blanks, no \\u escapes, the number as it was.
        assert bench.sender.seen[0].payload.endswith('"resources":[],"detail":{"ä":3.25}}')

    running(scenario)


def test_input_shapes_the_payload_of_its_own_target() -> None:
    async def scenario(bench: Bench) -> None:
        targets = [
            {"Id": "a", "Arn": FUNCTION, "InputPath": "$.detail"},
            {"Id": "b", "Arn": FUNCTION, "Input": '{"x": 1}'},
        ]
        bench.rule("shaped", SHOP, targets=targets)
        bench.publisher.publish([bench.event(detail={"id": 1})])
        await bench.worker.idle()
        assert [d.payload for d in bench.sender.seen] == ['{"id":1}', '{"x": 1}']

    running(scenario)


def test_a_body_that_is_no_json_is_not_sent_and_the_failure_is_seen() -> None:
    async def scenario(bench: Bench) -> None:
        transformer = {"InputPathsMap": {"d": "$.detail"}, "InputTemplate": '{"text": "<d>"}'}
        bench.rule("broken", SHOP, targets=[{"Id": "a", "Arn": FUNCTION, "InputTransformer": transformer}])
        bench.publisher.publish([bench.event(detail={"id": 1})])
        await bench.worker.idle()
        assert bench.sender.seen == []
        assert bench.steps[-1].details["result"].error_type == "INVALID_JSON"

    running(scenario)


def test_a_rule_that_changes_is_matched_as_it_is_now() -> None:
    async def scenario(bench: Bench) -> None:
        for pattern, state, matched in ((SHOP, "ENABLED", 1), ({"source": ["x"]}, "ENABLED", 0), (SHOP, "DISABLED", 0)):
            bench.rule("rule", pattern, state=state)
            bench.sender.seen.clear()
            bench.publisher.publish([bench.event()])
            await bench.worker.idle()
            assert len(bench.sender.seen) == matched

    running(scenario)


def test_the_index_is_derived_from_the_store() -> None:
    """A second publisher over the same store routes the same event in the same way."""
    store = Store()

    async def scenario(bench: Bench) -> None:
        bench.rule("one", SHOP)
        again = Bench(store=store)
        again.worker.start()
        again.publisher.publish([again.event()])
        await again.worker.idle()
        assert [d.rule for d in again.sender.seen] == ["one"]

    running(scenario, Bench(store=store))


def test_what_happens_is_told_in_order() -> None:
    async def scenario(bench: Bench) -> None:
        bench.rule("one", SHOP)
        bench.publisher.publish([bench.event()])
        await bench.worker.idle()
        assert bench.kinds() == [
            Kind.EVENT_RECEIPT, Kind.RULE_MATCH, Kind.INVOCATION_ATTEMPT_START, Kind.INVOCATION_ATTEMPT_SUCCESS,
        ]  # fmt: skip

    running(scenario)


def test_an_event_that_no_rule_matched_is_explained() -> None:
    async def scenario(bench: Bench) -> None:
        bench.rule("one", {"source": ["shop"], "detail-type": ["t"]})
        bench.publisher.publish([bench.event()])
        assert bench.kinds() == [Kind.EVENT_RECEIPT, Kind.NO_STANDARD_RULES_MATCHED]
        details = bench.steps[-1].details
        assert details["rules"] == 1
        assert "only the case differs" in details["explanation"].text()

    running(scenario)


def test_an_unknown_bus_is_told_with_where_a_bus_of_that_name_is() -> None:
    async def scenario(bench: Bench) -> None:
        bench.bus("elsewhere")
        event = bench.event(bus="elsewhere")
        away = type(event.bus)("111122223333", "eu-west-1", "elsewhere")
        bench.publisher.publish([type(event)(away, event.envelope, event.ingested)])
        assert bench.kinds() == [Kind.EVENT_RECEIPT, Kind.EVENT_INGEST_FAILURE]
        assert bench.steps[-1].details["elsewhere"] == [("000000000000", "us-east-1")]
        assert bench.store.journal.recent(1)[0].verdict == "unknown_bus"

    running(scenario)


def test_a_bus_made_later_gets_the_next_event() -> None:
    async def scenario(bench: Bench) -> None:
        bench.publisher.publish([bench.event(bus="late")])
        bench.rule("one", SHOP, bus="late")
        bench.publisher.publish([bench.event(bus="late")])
        await bench.worker.idle()
        assert len(bench.sender.seen) == 1

    running(scenario)


def test_a_request_is_one_transaction() -> None:
    """A fault in the middle leaves nothing behind: neither the first event nor its deliveries."""

    async def scenario(bench: Bench) -> None:
        bench.rule("one", SHOP)
        broken = bench.event()
        broken.envelope["detail"] = {"set": {1, 2}}
        with pytest.raises(TypeError):
            bench.publisher.publish([bench.event(), broken])
        assert bench.store.journal.recent(10) == []
        assert bench.store.deliveries.unfinished() == 0

    running(scenario)
