"""What waits is called by its name: a retry, what is late, and what is given up."""

from pathlib import Path

import pytest

from emulator.delivery.faults import Fault
from tests.delivery.running import FAILING, Running, running


@pytest.mark.parametrize(
    ("fault", "kind", "attempt", "why"),
    [
        (Fault(function="charge", status=429), "retry", 1, "throttled"),
        (Fault(function="charge", error="E"), "retry", 2, "attempt 1 failed"),
        (Fault(function="charge", latency=3), "late", 1, "made to come late"),
    ],
)
def test_what_waits(tmp_path: Path, fault: Fault, kind: str, attempt: int, why: str) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("charge", {"Arn": app.function("charge")})
        app.emulator.faults.add(fault)
        await app.put()
        await app.emulator.worker.idle()
        [due] = app.emulator.timeline.waiting()
        assert (due.kind, due.attempt, due.why) == (kind, attempt, why)

    running(tmp_path, scenario)


def test_a_retry_that_is_made_late_is_late(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("charge", {"Arn": app.function("charge", FAILING)})
        event_id = await app.put()
        await app.emulator.worker.idle()
        app.emulator.faults.add(Fault(function="charge", latency=600))
        [fired] = (await app.emulator.advance(60)).fired
        assert (fired.kind, fired.attempt) == ("retry", 2)
        [due] = app.emulator.timeline.waiting()
        assert (due.kind, due.attempt, due.why) == ("late", 2, "made to come late")
        app.emulator.faults.clear()
        await app.emulator.advance(600)
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        assert [attempt.number for attempt in delivery.attempts] == [1, 2]

    running(tmp_path, scenario)


def test_a_throttled_retry_says_both(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("charge", {"Arn": app.function("charge", FAILING)})
        await app.put()
        await app.emulator.worker.idle()
        app.emulator.faults.add(Fault(function="charge", status=429, times=1))
        await app.emulator.advance(60)
        [due] = app.emulator.timeline.waiting()
        assert (due.kind, due.attempt, due.why) == ("retry", 2, "attempt 1 failed, then throttled")

    running(tmp_path, scenario)


def test_what_is_overdue_is_no_retry_when_it_is_too_old(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("charge", {"Arn": app.function("charge")})
        app.emulator.faults.add(Fault(function="charge", status=429, times=1))
        await app.put()
        await app.emulator.worker.idle()
        [fired] = (await app.emulator.timeline.set(app.emulator.clock.now() + 86_400, 10)).fired
        assert (fired.kind, fired.attempt, fired.why) == ("expiry", None, "given up: at its maximum age; throttled")

    running(tmp_path, scenario)


def test_what_is_late_is_due_later_in_the_store_too(tmp_path: Path) -> None:
    """So nobody waits for it as for something that runs."""

    async def scenario(app: Running) -> None:
        await app.rule("charge", {"Arn": app.function("charge")})
        app.emulator.faults.add(Fault(function="charge", latency=30))
        event_id = await app.put()
        await app.emulator.worker.idle()
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        assert delivery.due == app.emulator.clock.now() + 30
        assert await app.emulator.settled(event_id, 10)

    running(tmp_path, scenario)
