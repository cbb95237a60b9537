"""The virtual clock goes from due moment to due moment, and what is due runs to its end in between."""

import asyncio
from pathlib import Path

import pytest

from emulator.delivery.faults import Fault
from emulator.delivery.timeline import ClockIsReal
from tests.delivery import gate
from tests.delivery.timed import FAILS, LAMBDA, START, Timed, in_time

SHOP = '{"source": ["shop"]}'
FAILS_TWICE = """
import pathlib
def handler(event, context):
    seen = pathlib.Path(__file__).with_suffix(".seen")
    count = len(seen.read_text()) if seen.exists() else 0
    seen.write_text("x" * (count + 1))
    if count < 2:
        raise ValueError("not yet")
"""
WAITS = """
from tests.delivery import gate
def handler(event, context):
    gate.entered.put(1)
    gate.goes_on.get(timeout=10)
"""


def test_advancing_fires_retries_and_schedules_in_due_order(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("charge", FAILS_TWICE)
        timed.function("report")
        await timed.rule("shop", "charge", EventPattern=SHOP)
        await timed.rule("each", "report", ScheduleExpression="rate(1 minute)")
        await timed.put()
        passage = await timed.emulator.advance(200)
        assert passage.settled
        assert timed.fired(passage) == [
            (60, "retry", "shop"), (60, "schedule", "each"), (120, "schedule", "each"),
            (180, "retry", "shop"), (180, "schedule", "each"),
        ]  # fmt: skip
        assert passage.fired[0].target == f"{LAMBDA}charge"
        assert passage.fired[0].attempt == 2
        assert timed.now == 200
        assert timed.emulator.store.deliveries.unfinished() == 0

    in_time(tmp_path, scenario)


def test_what_is_due_has_ended_before_the_clock_goes_on(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("report")
        await timed.rule("each", "report", ScheduleExpression="rate(1 minute)")
        await timed.emulator.advance(180)
        ways = timed.emulator.store.journal.recent(10)
        attempts = [attempt for way in reversed(ways) for delivery in way.deliveries for attempt in delivery.attempts]
        assert [(a.started - START, a.ended - START) for a in attempts] == [(60, 60), (120, 120), (180, 180)]

    in_time(tmp_path, scenario)


def test_next_goes_to_what_is_due_next_and_stays_there(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("report")
        await timed.rule("hourly", "report", ScheduleExpression="rate(1 hour)")
        await timed.rule("daily", ScheduleExpression="rate(1 day)")
        assert [(due.at - START, due.rule, due.why) for due in timed.emulator.timeline.waiting()] == [
            (3600, "hourly", "rate(1 hour)"), (86400, "daily", "rate(1 day)"),
        ]  # fmt: skip
        passage = await timed.emulator.timeline.next(5)
        assert timed.fired(passage) == [(3600, "schedule", "hourly")]
        assert timed.now == 3600

    in_time(tmp_path, scenario)


def test_next_of_nothing_is_settled_and_moves_nothing(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        passage = await timed.emulator.timeline.next(5)
        assert passage.settled
        assert (passage.fired, timed.now) == ([], 0)

    in_time(tmp_path, scenario)


@pytest.mark.parametrize("moment", [-86_400, 3 * 3600 + 1])
def test_a_jump_fires_no_schedule_and_they_count_from_there(tmp_path: Path, moment: float) -> None:
    async def scenario(timed: Timed) -> None:
        await timed.rule("each", ScheduleExpression="rate(1 hour)")
        passage = await timed.emulator.timeline.set(START + moment, 5)
        assert (passage.settled, passage.fired, timed.now) == (True, [], moment)
        assert moment < passage.waiting[0].at - START <= moment + 3600

    in_time(tmp_path, scenario)


def test_a_jump_over_a_retry_runs_it_and_one_back_does_not(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("charge", FAILS)
        await timed.rule("shop", "charge", EventPattern=SHOP)
        await timed.put()
        assert (await timed.emulator.timeline.set(START - 1000, 5)).fired == []
        passage = await timed.emulator.timeline.set(START + 1000, 5)
        assert timed.fired(passage) == [(60, "retry", "shop")]

    in_time(tmp_path, scenario)


def test_the_machines_clock_cannot_be_moved_but_set_and_switched_back(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        emulator = timed.emulator
        await timed.rule("each", ScheduleExpression="rate(1 hour)")
        for refused in (emulator.advance(1), emulator.timeline.next(1), emulator.settle(1, advance=True)):
            with pytest.raises(ClockIsReal):
                await refused
        await emulator.timeline.set(START, 5)
        assert len((await emulator.advance(7200)).fired) == 2
        passage = await emulator.timeline.be_real(5)
        assert not emulator.clock.virtual
        assert passage.waiting[0].at > emulator.clock.now()

    in_time(tmp_path, scenario, real=True)


def test_settle_says_what_waits_for_a_later_moment(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("charge", FAILS)
        await timed.rule("shop", "charge", EventPattern=SHOP)
        event_id = await timed.put()
        passage = await timed.emulator.settle()
        assert passage.settled
        assert [(d.at - START, d.event_id, d.why) for d in passage.waiting] == [(60, event_id, "attempt 1 failed")]

    in_time(tmp_path, scenario)


def test_settle_with_advance_goes_over_every_retry_and_no_further(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("charge", FAILS)
        await timed.rule("shop", "charge", EventPattern=SHOP)
        await timed.rule("hourly", ScheduleExpression="rate(1 hour)")
        await timed.put()
        passage = await timed.emulator.settle(advance=True)
        assert passage.settled
        assert timed.fired(passage) == [(60, "retry", "shop"), (180, "retry", "shop")]
        assert timed.now == 180
        assert [due.rule for due in passage.waiting] == ["hourly"]

    in_time(tmp_path, scenario)


def test_a_schedule_that_always_fails_does_not_make_it_endless(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("charge", FAILS)
        await timed.rule("shop", "charge", EventPattern=SHOP)
        await timed.rule("each", "charge", ScheduleExpression="rate(1 minute)")
        await timed.put()
        passage = await timed.emulator.settle(advance=True)
        assert passage.settled
        assert timed.now == 180
        assert timed.fired(passage).count((60, "retry", "shop")) == 1
        assert {due.rule for due in passage.waiting} == {"each"}

    in_time(tmp_path, scenario)


def test_a_handler_that_takes_real_time_is_waited_for_until_the_limit(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("slow", WAITS)
        await timed.rule("each", "slow", ScheduleExpression="rate(1 minute)")
        passage = await timed.emulator.advance(600, timeout=0.2)
        assert not passage.settled
        assert [running.rule for running in passage.running] == ["each"]
        assert timed.now == 60
        await asyncio.to_thread(gate.entered.get, timeout=10)
        gate.goes_on.put(1)
        assert (await timed.emulator.settle()).settled

    in_time(tmp_path, scenario)


def test_what_a_target_gets_twice_is_in_flight_until_it_has_had_it_twice(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("slow", WAITS)
        await timed.rule("shop", "slow", EventPattern=SHOP)
        timed.emulator.faults.add(Fault(rule="shop", duplicate=True))
        await timed.put()
        for _ in range(2):
            await asyncio.to_thread(gate.entered.get, timeout=10)
        gate.goes_on.put(1)
        assert not (await timed.emulator.settle(0.05)).settled
        gate.goes_on.put(1)
        assert (await timed.emulator.settle()).settled

    in_time(tmp_path, scenario)


def test_a_reset_abandons_what_a_target_has_a_second_time(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("slow", WAITS)
        await timed.rule("shop", "slow", EventPattern=SHOP)
        timed.emulator.faults.add(Fault(rule="shop", duplicate=True, times=1))
        await timed.put()
        for _ in range(2):
            await asyncio.to_thread(gate.entered.get, timeout=10)
        timed.emulator.reset()
        assert (await timed.emulator.settle(1)).settled
        for _ in range(2):
            gate.goes_on.put(1)
        assert (await timed.emulator.settle()).settled

    in_time(tmp_path, scenario)


def test_what_comes_late_may_come_twice_as_well(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("slow", WAITS)
        await timed.rule("shop", "slow", EventPattern=SHOP)
        timed.emulator.faults.add(Fault(rule="shop", latency=5.0, duplicate=True, times=1))
        await timed.put()
        for _ in range(2):
            gate.goes_on.put(1)
        await timed.emulator.advance(5)
        for _ in range(2):
            await asyncio.to_thread(gate.entered.get, timeout=10)

    in_time(tmp_path, scenario)


def test_what_comes_late_waits_for_the_clock(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("charge")
        await timed.rule("shop", "charge", EventPattern=SHOP)
        timed.emulator.faults.add(Fault(rule="shop", latency=5.0))
        await timed.put()
        assert timed.fired(await timed.emulator.settle(advance=True)) == [(5, "late", "shop")]
        assert timed.now == 5

    in_time(tmp_path, scenario)


def test_a_direct_invocation_is_in_flight_too(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("slow", WAITS)
        invocation = asyncio.ensure_future(timed.emulator.api("lambda", "Invoke", {"FunctionName": "slow"}))
        settling = asyncio.ensure_future(timed.emulator.settle())
        await asyncio.to_thread(gate.entered.get, timeout=10)
        assert [running.target for running in (await timed.emulator.settle(0.01)).running] == [f"{LAMBDA}slow"]
        assert not settling.done()
        gate.goes_on.put(1)
        assert (await settling).settled
        assert (await invocation)["StatusCode"] == 200

    in_time(tmp_path, scenario)
