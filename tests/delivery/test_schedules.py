"""Scheduled rules: one occurrence is one event on the default bus, and the rule's own targets get it once."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from tests.delivery.bench import FUNCTION, Bench

MINUTE = 60


def running(scenario: Callable[[Bench], Awaitable[None]]) -> None:
    async def main() -> None:
        bench = Bench()
        bench.worker.start()
        await scenario(bench)

    asyncio.run(main())


async def fire(bench: Bench, seconds: float) -> None:
    bench.clock.advance(seconds=seconds)
    bench.schedules.fire_due()
    await bench.worker.idle()


def test_a_rate_fires_after_each_period_with_awss_event() -> None:
    async def scenario(bench: Bench) -> None:
        bench.rule("tick", schedule="rate(5 minutes)", anchored=bench.clock.now())
        await fire(bench, 4 * MINUTE)
        assert bench.sender.seen == []
        await fire(bench, MINUTE)
        event = json.loads(bench.sender.seen[0].payload)
        assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
        assert event["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/tick"]
        await fire(bench, 5 * MINUTE)
        assert len(bench.sender.seen) == 2

    running(scenario)


def test_other_rules_may_match_the_scheduled_event_and_its_own_rule_gets_it_once() -> None:
    async def scenario(bench: Bench) -> None:
        bench.rule("tick", {"source": ["aws.events"]}, schedule="rate(1 minute)", anchored=bench.clock.now())
        bench.rule("observer", {"source": ["aws.events"]})
        await fire(bench, MINUTE)
        assert sorted(d.rule for d in bench.sender.seen) == ["observer", "tick"]
        assert len({d.event_id for d in bench.sender.seen}) == 1

    running(scenario)


@pytest.mark.parametrize("change", [{"state": "DISABLED", "anchored": None}, {"schedule": None, "anchored": None}])
def test_a_rule_that_was_switched_off_does_not_fire(change: dict[str, object]) -> None:
    async def scenario(bench: Bench) -> None:
        members = {"schedule": "rate(1 minute)", "anchored": bench.clock.now()}
        bench.rule("tick", **members)  # type: ignore[arg-type]
        bench.rule("tick", **(members | change))  # type: ignore[arg-type]
        await fire(bench, 5 * MINUTE)
        assert bench.sender.seen == []
        assert bench.schedules.next_at() is None

    running(scenario)


def test_a_machine_that_slept_does_not_catch_up_event_by_event() -> None:
    async def scenario(bench: Bench) -> None:
        bench.rule(
            "tick", schedule="rate(1 minute)", anchored=bench.clock.now(), targets=[{"Id": "1", "Arn": FUNCTION}]
        )
        await fire(bench, 600 * MINUTE)
        assert len(bench.sender.seen) == 1

    running(scenario)


def test_schedules_are_read_from_the_store_at_the_start() -> None:
    async def scenario(bench: Bench) -> None:
        bench.rule("tick", schedule="rate(1 minute)", anchored=bench.clock.now())
        again = Bench(store=bench.store)
        again.schedules.reload()
        assert again.schedules.next_at() == again.clock.now() + MINUTE

    running(scenario)
