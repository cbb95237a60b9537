"""Asynchronous invocations of a function with reserved concurrency: what waits, what is given up, and when."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.app import ACCOUNT, REGION
from emulator.delivery.event_invoke import EventInvoke
from emulator.delivery.steps import Kind
from tests.delivery.running import FAILING, Running, running


async def send(app: Running, name: str, payload: bytes = b'{"case": "raw  text"}') -> None:
    members: dict[str, Any] = {"FunctionName": name, "InvocationType": "Event", "Payload": payload}
    await app.emulator.api("lambda", "Invoke", members)


def test_with_nothing_reserved_it_is_given_up_at_once(tmp_path: Path) -> None:
    """Recorded on AWS, Sep 2026: a record without an answer, and the payload as the caller wrote it."""

    async def scenario(app: Running) -> None:
        arn = app.function("f", on_failure=app.queue("failed"), dead_letters=app.queue("dlq"), reserved=0)
        await send(app, "f")
        await app.emulator.worker.idle()
        [message] = app.messages("failed")
        assert message.body.endswith('"requestPayload":{"case": "raw  text"}}')
        record = json.loads(message.body)
        assert list(record) == ["version", "timestamp", "requestContext", "requestPayload"]
        context = record["requestContext"]
        assert context.pop("requestId")
        assert context == {
            "functionArn": f"{arn}:$LATEST", "condition": "ZeroReservedConcurrency", "approximateInvokeCount": 0,
        }  # fmt: skip
        [letter] = app.messages("dlq")
        assert letter.attributes["ErrorCode"]["StringValue"] == "429"

    running(tmp_path, scenario)


def test_what_finds_no_room_waits_and_is_not_lost(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.function("f", on_success=app.queue("done"), reserved=1)
        for number in range(5):
            await send(app, "f", b"%d" % number)
        began = app.emulator.clock.now()
        await app.passes()
        records = [json.loads(message.body) for message in app.messages("done")]
        assert sorted(record["requestPayload"] for record in records) == [0, 1, 2, 3, 4]
        assert {record["requestContext"]["approximateInvokeCount"] for record in records} == {1}
        assert app.emulator.clock.now() - began >= 1

    running(tmp_path, scenario)


def test_what_never_finds_room_expires(tmp_path: Path) -> None:
    """Recorded on AWS, Sep 2026: six throttles within a minute, no attempt, EventAgeExceeded."""

    async def scenario(app: Running) -> None:
        app.function("f", max_event_age=60, on_failure=app.queue("failed"), reserved=1)
        row = app.store.functions.find(ACCOUNT, REGION, "f")
        assert row is not None
        give_back = app.emulator.invoker.concurrency.take(row)  # as an invocation that goes on and on
        await send(app, "f")
        await app.passes()
        [record] = [json.loads(message.body) for message in app.messages("failed")]
        assert record["requestContext"]["condition"] == "EventAgeExceeded"
        assert record["requestContext"]["approximateInvokeCount"] == 0
        assert len([step for step in app.steps if step.kind is Kind.INVOCATION_ATTEMPT_START]) == 6
        give_back()
        assert app.emulator.invoker.concurrency.running(row) == 0

    running(tmp_path, scenario)


def test_retries_come_as_often_and_as_soon_as_it_is_set(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.function("f", FAILING)
        given = {"FunctionName": "f", "MaximumRetryAttempts": 1}
        await app.emulator.api("lambda", "PutFunctionEventInvokeConfig", given)
        began = app.emulator.clock.now()
        await send(app, "f")
        await app.passes()
        assert app.emulator.clock.now() - began == pytest.approx(60, abs=1)

    running(tmp_path, scenario)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, EventInvoke()),
        ({"MaximumRetryAttempts": 0}, EventInvoke(retries=0)),
        ({"MaximumEventAgeInSeconds": 60, "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": "q"}}},
         EventInvoke(max_age=60, on_failure="q")),
    ],
)  # fmt: skip
def test_what_a_configuration_means(members: dict[str, Any], expected: EventInvoke) -> None:
    assert EventInvoke.of(members) == expected
