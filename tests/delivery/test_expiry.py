"""An event that has reached its maximum age is not tried any more: it is given up, and its dead letter says so."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from emulator.app import ACCOUNT, REGION, Emulator
from emulator.clock import VirtualClock
from emulator.delivery.faults import Fault
from emulator.delivery.steps import Kind
from emulator.store.functions import FunctionRow
from emulator.store.queues import Message, QueueKey
from tests.delivery.running import FAILING, WORKING, Running, put_event_invoke, running

START = 1_790_000_000
HOUR = 3600
QUEUES = ("q", "dlq", "failed")


def attributes(message: Message) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in message.attributes.items()}


def test_a_retry_of_lambda_that_is_overdue_is_not_made(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        charge = app.function("charge", FAILING, dead_letters=app.queue("dlq"), on_failure=app.queue("failed"))
        await app.rule("charge", {"Arn": charge})
        event_id = await app.put()
        await app.emulator.worker.idle()
        passage = await app.emulator.timeline.set(START + 7 * HOUR, 10)
        assert [(due.kind, due.attempt) for due in passage.fired] == [("expiry", None)]
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        assert (delivery.state, delivery.condition, len(delivery.attempts)) == ("failed", "EventAgeExceeded", 1)
        [letter], [record] = app.messages("dlq"), [json.loads(message.body) for message in app.messages("failed")]
        assert (attributes(letter)["ErrorCode"], attributes(letter)["ErrorMessage"]) == ("200", "'amount'")
        assert record["requestContext"]["condition"] == "EventAgeExceeded"
        assert record["requestContext"]["approximateInvokeCount"] == 1
        assert record["responsePayload"]["errorType"] == "KeyError"
        [over] = [step for step in app.steps if step.kind is Kind.INVOCATION_FAILURE]
        assert (over.attempt, over.details["condition"]) == (1, "EventAgeExceeded")

    running(tmp_path, scenario)


def test_eventbridge_waits_until_the_event_is_too_old_and_then_gives_up(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        target = {"Arn": app.queue("q"), "DeadLetterConfig": {"Arn": app.queue("dlq")}}
        await app.rule("send", {**target, "RetryPolicy": {"MaximumEventAgeInSeconds": 60}})
        app.emulator.faults.add(Fault(rule="send", status=503))
        await app.put()
        await app.emulator.advance(59)
        assert app.messages("dlq") == []
        [waiting] = app.emulator.timeline.waiting()
        assert (waiting.kind, waiting.at) == ("expiry", START + 60)
        assert waiting.why.startswith("given up: at its maximum age; ")
        hits = app.emulator.faults.all()[0].hits
        await app.emulator.advance(1)
        found = attributes(app.messages("dlq")[0])
        assert found["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
        assert (found["ERROR_CODE"], found["RETRY_ATTEMPTS"]) == ("ERROR_FROM_TARGET", str(hits - 1))
        assert app.emulator.faults.all()[0].hits == hits

    running(tmp_path, scenario)


def test_an_attempt_on_the_last_second_is_still_made(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("charge", {"Arn": app.function("charge", FAILING, max_event_age=181)})
        event_id = await app.put()
        await app.passes()
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        assert [attempt.ended - START for attempt in delivery.attempts] == [0, 60, 180]

    running(tmp_path, scenario)


def test_what_is_throttled_beyond_its_age_was_never_invoked(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        dlq, failed = app.queue("dlq"), app.queue("failed")
        function = app.function("charge", WORKING, max_event_age=90, dead_letters=dlq, on_failure=failed)
        await app.rule("charge", {"Arn": function})
        app.emulator.faults.add(Fault(function="charge", status=429))
        await app.put()
        await app.passes()
        [record], [letter] = [json.loads(m.body) for m in app.messages("failed")], app.messages("dlq")
        assert record["requestContext"]["condition"] == "EventAgeExceeded"
        assert record["requestContext"]["approximateInvokeCount"] == 0
        assert "responseContext" not in record
        assert attributes(letter)["ErrorCode"] == "429"
        assert attributes(letter)["ErrorMessage"] == "Rate Exceeded."

    running(tmp_path, scenario)


def reopened(folder: Path, later: float, before: Callable[[Emulator], Awaitable[None]]) -> dict[str, list[Message]]:
    """What lies in the queues when an emulator has delivered, so many seconds later, what another one has left."""

    async def first() -> None:
        emulator = Emulator(state=folder / "state.db", clock=VirtualClock(START))
        for name in QUEUES:
            emulator.store.queues.put(QueueKey(ACCOUNT, REGION, name), 0)
        await before(emulator)
        await emulator.stop(0)

    async def second() -> dict[str, list[Message]]:
        emulator = Emulator(state=folder / "state.db", clock=VirtualClock(START + later))
        await emulator.start()
        await emulator.worker.idle()
        found = {name: emulator.store.queues.messages(QueueKey(ACCOUNT, REGION, name), 10) for name in QUEUES}
        assert (await emulator.stop(0)).deliveries == 0
        return found

    asyncio.run(first())
    return asyncio.run(second())


async def one_event(emulator: Emulator, target: dict[str, Any]) -> None:
    rule = {"Name": "r", "EventPattern": '{"source":["shop"]}'}
    await emulator.api("events", "PutRule", rule)
    await emulator.api("events", "PutTargets", {"Rule": "r", "Targets": [{"Id": "1", **target}]})
    entry = {"Source": "shop", "DetailType": "T", "Detail": "{}"}
    await emulator.api("events", "PutEvents", {"Entries": [entry]})


def test_a_state_file_that_is_opened_days_later_does_not_deliver_what_is_too_old(tmp_path: Path) -> None:
    code = tmp_path / "charge.py"
    code.write_text(WORKING)

    async def put(emulator: Emulator) -> None:
        failed = QueueKey(ACCOUNT, REGION, "failed").arn
        row = FunctionRow(ACCOUNT, REGION, "charge", str(code), revision_id="1")
        emulator.store.functions.put(row)
        put_event_invoke(emulator.store, "charge", on_failure=failed, on_success=failed)
        await one_event(emulator, {"Arn": row.arn})

    [message] = reopened(tmp_path, 7 * HOUR, put)["failed"]
    context = json.loads(message.body)["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 0)


def test_nor_to_any_other_target_after_a_day(tmp_path: Path) -> None:
    def arn(name: str) -> str:
        return QueueKey(ACCOUNT, REGION, name).arn

    async def put(emulator: Emulator) -> None:
        await one_event(emulator, {"Arn": arn("q"), "DeadLetterConfig": {"Arn": arn("dlq")}})

    found = reopened(tmp_path, 25 * HOUR, put)
    [letter] = found["dlq"]
    assert attributes(letter)["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert attributes(letter)["RETRY_ATTEMPTS"] == "0"
    assert found["q"] == []


def test_within_their_age_both_are_delivered(tmp_path: Path) -> None:
    async def put(emulator: Emulator) -> None:
        await one_event(emulator, {"Arn": QueueKey(ACCOUNT, REGION, "q").arn})

    assert len(reopened(tmp_path, 23 * HOUR, put)["q"]) == 1
