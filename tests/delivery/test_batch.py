"""What is handed over together, and fails, is handed over one by one."""

import asyncio
from collections.abc import Sequence

import pytest

from emulator.delivery.batch import Batch
from emulator.delivery.result import By, Result, Status
from emulator.store.database import Unwritable
from emulator.store.deliveries import Delivery

TAKEN = Result(Status.SUCCESS, by=By.EVENTBRIDGE)


def delivery(number: int, payload: str) -> Delivery:
    return Delivery(number, None, "0", "r", "", "e", "", "", "arn", payload, None, None, "q", 0, 0.0, 0.0)


def handed_over(*payloads: str) -> tuple[list[tuple[str, Status, str | None]], int]:
    """What was reported of each, and how often something was handed over."""
    calls, reported = 0, []

    def hand_over(deliveries: Sequence[Delivery]) -> Sequence[Result]:
        nonlocal calls
        calls += 1
        for each in deliveries:
            if each.payload == "bad":
                raise ZeroDivisionError("no")
            if each.payload == "full":
                raise Unwritable("database or disk is full")
        return [TAKEN for _ in deliveries]

    async def scenario() -> None:
        batch = Batch(hand_over)
        for number, payload in enumerate(payloads):
            batch.add(
                delivery(number, payload), lambda d, r: reported.append((d.payload, r.status, r.error_message))
            )  # fmt: skip
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(scenario())
    return reported, calls


def test_all_that_is_sent_in_one_turn_goes_together() -> None:
    assert handed_over("a", "b", "c") == ([(name, Status.SUCCESS, None) for name in "abc"], 1)


def test_one_that_cannot_be_handed_over_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    reported, calls = handed_over("a", "bad", "full", "b")
    assert reported == [
        ("a", Status.SUCCESS, None),
        ("bad", Status.PERMANENT, "ZeroDivisionError: no"),
        ("full", Status.RETRYABLE, "OperationalError: database or disk is full"),
        ("b", Status.SUCCESS, None),
    ]
    assert calls == 5
    assert "could not be handed over" in caplog.text
