"""Dead letters and destinations: EventBridge's and Lambda's, each from its own attempts."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.delivery.faults import Fault
from emulator.delivery.steps import Kind
from tests.delivery.running import FAILING, Running, running

LOST = "arn:aws:lambda:us-east-1:000000000000:function:lost"


def test_lambda_tries_three_times_and_then_its_own_queue_gets_the_event(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        charge = app.function("charge", FAILING, dead_letters=app.queue("charge-dlq"))
        await app.rule("charge", {"Arn": charge, "DeadLetterConfig": {"Arn": app.queue("rule-dlq")}})
        event_id = await app.put()
        began = app.emulator.clock.now()
        await app.passes()
        assert app.emulator.clock.now() - began == pytest.approx(180, abs=1)
        [letter] = app.messages("charge-dlq")
        assert json.loads(letter.body)["id"] == event_id
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        assert letter.attributes == {
            "RequestID": {"DataType": "String", "StringValue": delivery.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": "'amount'"},
        }
        assert [(attempt.by, attempt.number) for attempt in delivery.attempts] == [("lambda", n) for n in (1, 2, 3)]
        assert app.messages("rule-dlq") == []

    running(tmp_path, scenario)


def test_eventbridge_counts_its_own_attempts_before_lambda_counts_its(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("charge", {"Arn": app.function("charge", FAILING, retries=1)})
        app.emulator.faults.add(Fault(rule="charge", times=2, status=503))
        event_id = await app.put()
        await app.passes()
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        assert [(a.by, a.number, a.status) for a in delivery.attempts] == [
            ("eventbridge", 1, "retryable"), ("eventbridge", 2, "retryable"),
            ("lambda", 1, "retryable"), ("lambda", 2, "retryable"),
        ]  # fmt: skip
        told = [s.details["by"] for s in app.steps if s.kind is Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE]
        assert told == ["eventbridge", "eventbridge", "lambda"]

    running(tmp_path, scenario)


@pytest.mark.parametrize(
    ("policy", "condition", "attempts"),
    [
        ({"MaximumRetryAttempts": 2}, "MaximumRetryAttempts", "2"),
        ({"MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", None),
    ],
)
def test_eventbridge_gives_up_and_says_why(
    tmp_path: Path, policy: dict[str, int], condition: str, attempts: str | None
) -> None:
    async def scenario(app: Running) -> None:
        target = {"Arn": app.queue("q"), "RetryPolicy": policy, "DeadLetterConfig": {"Arn": app.queue("dlq")}}
        await app.rule("send", target)
        app.emulator.faults.add(Fault(target="0", status=500))
        await app.put()
        await app.passes()
        [letter] = app.messages("dlq")
        said = {name: value["StringValue"] for name, value in letter.attributes.items()}
        assert said["EXHAUSTED_RETRY_CONDITION"] == condition
        assert said["ERROR_CODE"] == "ERROR_FROM_TARGET"
        assert attempts in (None, said["RETRY_ATTEMPTS"])
        assert app.messages("q") == []

    running(tmp_path, scenario)


def test_a_function_that_is_not_there_is_eventbridges_failure_and_is_not_retried(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("lost", {"Arn": LOST, "DeadLetterConfig": {"Arn": app.queue("dlq")}})
        await app.put()
        await app.emulator.worker.idle()
        [letter] = app.messages("dlq")
        assert sorted(letter.attributes) == ["ERROR_CODE", "ERROR_MESSAGE", "RULE_ARN", "TARGET_ARN"]
        assert letter.attributes["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"

    running(tmp_path, scenario)


def test_a_dead_letter_that_cannot_be_sent_is_seen(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        nowhere = "arn:aws:sqs:us-east-1:000000000000:nowhere"
        await app.rule("lost", {"Arn": LOST, "DeadLetterConfig": {"Arn": nowhere}})
        event_id = await app.put()
        await app.emulator.worker.idle()
        [step] = [step for step in app.steps if step.kind is Kind.INVOCATION_DLQ]
        assert (step.details["status"], step.details["error_type"]) == ("permanent", "NO_RESOURCE")
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        [letter] = app.store.letters.of([delivery.id])[delivery.id]
        assert (letter.by, letter.target_arn, letter.status) == ("eventbridge", nowhere, "permanent")

    running(tmp_path, scenario)


async def asynchronous(app: Running, name: str, payload: bytes = b'{"a":  1}') -> None:
    members: dict[str, Any] = {"FunctionName": name, "InvocationType": "Event", "Payload": payload}
    await app.emulator.api("lambda", "Invoke", members)
    await app.passes()


def test_a_destination_gets_the_record_of_a_failure(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        arn = app.function("charge", FAILING, retries=0, on_failure=app.queue("failed"), on_success=app.queue("fine"))
        await asynchronous(app, "charge")
        [message] = app.messages("failed")
        assert '"requestPayload":{"a":  1},' in message.body  # as it was given, its blanks kept (recorded on AWS)
        record = json.loads(message.body)
        assert list(record) == [
            "version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload",
        ]  # fmt: skip
        context = record["requestContext"]
        assert (context["functionArn"], context["condition"]) == (f"{arn}:$LATEST", "RetriesExhausted")
        assert context["approximateInvokeCount"] == 1
        expected = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
        assert record["responseContext"] == expected
        assert record["responsePayload"]["errorType"] == "KeyError"
        assert app.messages("fine") == []

    running(tmp_path, scenario)


def test_destinations_may_be_a_function_or_a_bus(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        audit = app.function("audit", on_success=app.queue("heard"))
        app.function("first", on_success=audit)
        app.function("second", on_success=await app.bus("results"))
        await app.rule("all", {"Arn": app.queue("events")}, bus="results")
        await asynchronous(app, "first")
        [heard] = app.messages("heard")
        assert json.loads(heard.body)["requestPayload"]["requestContext"]["condition"] == "Success"
        await asynchronous(app, "second")
        event = json.loads(app.messages("events")[0].body)
        assert event["detail-type"] == "Lambda Function Invocation Result - Success"
        assert event["resources"] == [
            "arn:aws:events:us-east-1:000000000000:event-bus/results",
            "arn:aws:lambda:us-east-1:000000000000:function:second:$LATEST",
        ]
        assert event["detail"]["responsePayload"] == {"ok": True}

    running(tmp_path, scenario)


def test_a_throttled_event_expires_without_an_attempt(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.function("busy", max_event_age=90, on_failure=app.queue("failed"), dead_letters=app.queue("dlq"))
        app.emulator.faults.add(Fault(function="busy", status=429))
        await asynchronous(app, "busy")
        record = json.loads(app.messages("failed")[0].body)
        context = record["requestContext"]
        assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 0)
        attributes = app.messages("dlq")[0].attributes
        assert attributes["ErrorCode"]["StringValue"] == "429"
        assert attributes["ErrorMessage"]["StringValue"] == "Rate Exceeded."

    running(tmp_path, scenario)
