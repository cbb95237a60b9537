"""Waiting for an event or an invocation: what has happened, what happens meanwhile, and what never does."""

import asyncio
from pathlib import Path

import pytest

from emulator.delivery.watch import Missed, UnknownEvent, Watch
from emulator.matching import compile_pattern
from emulator.store.journal import Way
from tests.delivery.timed import FAILS, START, Timed, in_time

SHOP = compile_pattern('{"source": ["shop"], "detail": {"id": [2]}}')


def watch(timed: Timed) -> Watch:
    return Watch(timed.emulator.store, timed.emulator.steps)


def test_an_event_that_comes_while_somebody_waits(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        waiting = asyncio.ensure_future(watch(timed).event(SHOP, 5))
        await asyncio.sleep(0)
        await timed.put("shop", '{"id": 1}')
        await timed.put("other", '{"id": 2}')
        event_id = await timed.put("shop", '{"id": 2}')
        found = await waiting
        assert isinstance(found, Way)
        assert found.event_id == event_id
        assert not timed.emulator.steps.wanted

    in_time(tmp_path, scenario)


def test_an_event_that_came_before_counts_when_it_is_said_since_when(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        first = await timed.put("shop", '{"id": 2}')
        second = await timed.put("shop", '{"id": 2}')
        by_id = await watch(timed).event(SHOP, 0, after=first)
        by_moment = await watch(timed).event(SHOP, 0, after=START)
        assert isinstance(by_id, Way)
        assert isinstance(by_moment, Way)
        assert (by_id.event_id, by_moment.event_id) == (second, first)
        for missed in (
            await watch(timed).event(SHOP, 0), await watch(timed).event(SHOP, 0, after=second),
            await watch(timed).event(SHOP, 0, after=first, bus="orders"),
        ):  # fmt: skip
            assert isinstance(missed, Missed)

    in_time(tmp_path, scenario)


def test_what_did_not_come_says_what_came_closest(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        await timed.put("other", '{"id": 1}')
        await timed.put("shop", '{"id": 1}')
        await timed.put("other", '{"id": 1}')
        missed = await watch(timed).event(SHOP, 0, after=0.0)
        assert isinstance(missed, Missed)
        assert missed.seen == 3
        assert missed.closest is not None
        assert missed.closest.lines()[0] == "closest  pattern  1/2"

    in_time(tmp_path, scenario)


def test_an_invocation_that_ends_while_somebody_waits_or_ended_before(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("charge", FAILS)
        await timed.rule("shop", "charge", EventPattern='{"source": ["shop"]}')
        waiting = asyncio.ensure_future(watch(timed).invocation("charge", 5))
        await asyncio.sleep(0)
        first = await timed.put()
        made = await waiting
        assert made is not None
        assert (made.event_id, made.attempt.number, made.attempt.error_type) == (first, 1, "ValueError")
        second = await timed.put()
        await timed.emulator.settle()
        again = await watch(timed).invocation("charge", 0, event_id=first)
        later = await watch(timed).invocation("charge", 0, after=second)
        assert again is not None
        assert later is not None
        assert (again.event_id, later.event_id) == (first, second)
        assert await watch(timed).invocation("charge", 0) is None
        assert await watch(timed).invocation("other", 0, after=0.0) is None

    in_time(tmp_path, scenario)


def test_a_direct_invocation_counts(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("charge")
        waiting = asyncio.ensure_future(watch(timed).invocation("charge", 5))
        await asyncio.sleep(0)
        await timed.emulator.api("lambda", "Invoke", {"FunctionName": "charge"})
        made = await waiting
        assert made is not None
        assert (made.direct, made.attempt.payload) == (True, b"1")

    in_time(tmp_path, scenario)


def test_an_event_that_nobody_knows_is_an_error(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        with pytest.raises(UnknownEvent, match="No event abc"):
            await watch(timed).event(SHOP, 0, after="abc")

    in_time(tmp_path, scenario)
