"""Faults on purpose: whom they strike, how often, and how what they make fail looks."""

import json
from pathlib import Path

import pytest

from emulator.delivery.faults import Fault, Faults
from emulator.delivery.result import By, Status
from emulator.store.deliveries import Delivery
from tests.delivery.running import Running, running

CHARGE = "arn:aws:lambda:us-east-1:000000000000:function:charge"
DELIVERY = Delivery(1, 1, "0", "r", "b", "e", "rule", "id", CHARGE, "{}", None, None, "request", 0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("fault", "strikes"),
    [
        (Fault(function="charge"), True),
        (Fault(function=CHARGE), True),
        (Fault(function="charg"), False),
        (Fault(rule="rule"), True),
        (Fault(rule="other"), False),
        (Fault(target="id"), True),
        (Fault(target=CHARGE), True),
        (Fault(target="other"), False),
    ],
)
def test_whom_it_strikes(fault: Fault, strikes: bool) -> None:
    faults = Faults()
    faults.add(fault)
    assert (faults.on(DELIVERY) is fault) is strikes


def test_it_strikes_so_many_times_and_can_be_taken_back() -> None:
    faults = Faults()
    made = faults.add(Fault(rule="rule", times=2))
    assert [faults.on(DELIVERY) is not None for _ in range(3)] == [True, True, False]
    assert (made.hits, made.left, faults.active) == (2, 0, True)
    assert (faults.clear(made.id), faults.active) == (1, False)


def test_the_dice_fall_the_same_with_the_same_seed() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults()
        faults.add(Fault(rule="rule", probability=0.5, seed=seed))
        return [faults.on(DELIVERY) is not None for _ in range(50)]

    assert run(1) == run(1) != run(2)
    assert 10 < sum(run(1)) < 40


@pytest.mark.parametrize(
    ("fault", "status", "code", "by"),
    [
        (Fault(function="f", error="TimeoutError"), Status.RETRYABLE, "TimeoutError", By.LAMBDA),
        (Fault(function="f", status=429), Status.THROTTLED, "TooManyRequestsException", By.LAMBDA),
        (Fault(rule="r", status=429), Status.RETRYABLE, "THROTTLING", By.EVENTBRIDGE),
        (Fault(rule="r", status=503), Status.RETRYABLE, "ERROR_FROM_TARGET", By.EVENTBRIDGE),
        (Fault(rule="r", status=403), Status.PERMANENT, "NO_PERMISSIONS", By.EVENTBRIDGE),
        (Fault(rule="r", status=404), Status.PERMANENT, "NO_RESOURCE", By.EVENTBRIDGE),
        (Fault(rule="r", status=400), Status.PERMANENT, "ERROR_FROM_TARGET", By.EVENTBRIDGE),
        (Fault(rule="r", error="TIMEOUT"), Status.RETRYABLE, "TIMEOUT", By.EVENTBRIDGE),
        (Fault(rule="r", error="NO_PERMISSIONS"), Status.PERMANENT, "NO_PERMISSIONS", By.EVENTBRIDGE),
    ],
)
def test_how_it_looks(fault: Fault, status: Status, code: str, by: By) -> None:
    result = fault.result(CHARGE, "request")
    assert (result.status, result.error_type, result.by) == (status, code, by)


def test_a_function_fails_twice_and_then_works(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("charge", {"Arn": app.function("charge")})
        app.emulator.faults.add(Fault(function="charge", times=2, error="TimeoutError", message="too slow"))
        event_id = await app.put()
        await app.passes()
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        assert [(a.number, a.status) for a in delivery.attempts] == [(1, "retryable"), (2, "retryable"), (3, "success")]
        error = json.loads(delivery.attempts[0].payload)
        assert (error["errorType"], error["errorMessage"]) == ("TimeoutError", "too slow")
        assert error["requestId"] == delivery.request_id

    running(tmp_path, scenario)


def test_a_direct_invocation_is_struck_too(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.function("charge")
        app.emulator.faults.add(Fault(function="charge", times=1, error="TimeoutError"))
        first = await app.emulator.api("lambda", "Invoke", {"FunctionName": "charge"})
        second = await app.emulator.api("lambda", "Invoke", {"FunctionName": "charge"})
        assert (first["FunctionError"], json.loads(first["Payload"])["errorType"]) == ("Unhandled", "TimeoutError")
        assert json.loads(second["Payload"]) == {"ok": True}

    running(tmp_path, scenario)


def test_late_by_the_virtual_clock_and_only_once(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("send", {"Arn": app.queue("q")})
        app.emulator.faults.add(Fault(rule="send", latency=3))
        await app.put()
        await app.emulator.worker.idle()
        assert app.messages("q") == []
        await app.emulator.advance(3)
        assert len(app.messages("q")) == 1

    running(tmp_path, scenario)


def test_twice_and_out_of_order(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("send", {"Arn": app.queue("q")})
        app.emulator.faults.add(Fault(rule="send", duplicate=True, times=1))
        await app.put()
        await app.emulator.worker.idle()
        assert len(app.messages("q")) == 2
        app.emulator.faults.add(Fault(rule="send", reorder=True))
        await app.put(times=10)
        await app.emulator.worker.idle()
        came = [json.loads(message.body)["id"] for message in app.messages("q")[2:]]
        put = [way.event_id for way in reversed(app.store.journal.recent(10))]
        assert sorted(came) == sorted(put)
        assert came != put

    running(tmp_path, scenario)


def test_functions_that_cause_each_other_end_somewhere(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.emulator.worker.max_depth = 3
        await app.rule("charge", {"Arn": app.function("charge"), "DeadLetterConfig": {"Arn": app.queue("dlq")}})
        trace = "Root=1-6ab2832c-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0;Lineage={}:0123abcd:0"
        entry = {"Source": "shop", "DetailType": "T", "Detail": "{}"}
        entries = [{**entry, "TraceHeader": trace.format(depth)} for depth in (2, 3)]
        await app.emulator.api("events", "PutEvents", {"Entries": entries})
        await app.emulator.worker.idle()
        [letter] = app.messages("dlq")
        assert letter.attributes["ERROR_CODE"]["StringValue"] == "LOOP_DETECTED"
        assert "3 functions have caused each other" in letter.attributes["ERROR_MESSAGE"]["StringValue"]

    running(tmp_path, scenario)
