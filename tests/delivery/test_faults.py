"""Faults on purpose: whom they strike, how often, and how what they make fail looks."""

import asyncio
import json
from pathlib import Path

import pytest

from emulator.delivery.faults import Fault, Faults
from emulator.delivery.result import By, Status
from emulator.delivery.senders import Report
from emulator.delivery.steps import Kind
from emulator.errors import AwsError
from emulator.store.deliveries import Delivery
from tests.delivery.bench import Bench, RecordingSender
from tests.delivery.running import FAILING, Running, running

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


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (Fault(function="charge", status=429), "TooManyRequestsException", 429),
        (Fault(function="charge", status=503), "ServiceException", 503),
        (Fault(function="charge", status=403), "AccessDeniedException", 403),
        (Fault(function="charge", status=502, error="EC2UnexpectedException"), "EC2UnexpectedException", 502),
    ],
)
def test_a_direct_invocation_gets_the_status_of_the_service(
    tmp_path: Path, fault: Fault, code: str, status: int
) -> None:
    async def scenario(app: Running) -> None:
        app.function("charge")
        app.emulator.faults.add(fault)
        with pytest.raises(AwsError) as caught:
            await app.emulator.api("lambda", "Invoke", {"FunctionName": "charge"})
        assert (caught.value.code, caught.value.status) == (code, status)
        [made] = app.store.journal.invocations("charge", 10)
        assert made.attempt.status != "success"
        assert not app.emulator.invoker.direct

    running(tmp_path, scenario)


def test_what_cannot_strike_a_direct_invocation_is_not_used_up_by_it(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.function("charge")
        for fault in (Fault(function="charge", duplicate=True, times=1), Fault(function="charge", reorder=True)):
            app.emulator.faults.add(fault)
        answer = await app.emulator.api("lambda", "Invoke", {"FunctionName": "charge"})
        assert json.loads(answer["Payload"]) == {"ok": True}
        assert [active.hits for active in app.emulator.faults.all()] == [0, 0]
        assert len(app.store.journal.invocations("charge", 10)) == 1

    running(tmp_path, scenario)


@pytest.mark.parametrize("move", ["next", "advance", "settle"])
def test_a_direct_invocation_waits_for_the_virtual_clock(tmp_path: Path, move: str) -> None:
    async def scenario(app: Running) -> None:
        app.function("charge")
        app.emulator.faults.add(Fault(function="charge", latency=3, times=1))
        call = asyncio.ensure_future(app.emulator.api("lambda", "Invoke", {"FunctionName": "charge"}))
        await asyncio.sleep(0)
        timeline, began = app.emulator.timeline, app.emulator.clock.now()
        [due] = timeline.waiting()
        assert (due.kind, due.at, due.why) == ("late", began + 3, "made to come late")
        assert not (await app.emulator.settle(0)).running  # nothing is in flight
        moves = {
            "next": timeline.next(10), "advance": timeline.advance(5, 10), "settle": timeline.settle(10, advance=True)
        }  # fmt: skip
        chosen = moves.pop(move)
        for other in moves.values():
            other.close()
        passage = await chosen
        assert ([fired.kind for fired in passage.fired], passage.settled) == (["late"], True)
        assert json.loads((await call)["Payload"]) == {"ok": True}
        [made] = app.store.journal.invocations("charge", 10)
        assert made.attempt.started == began + 3

    running(tmp_path, scenario)


def test_on_the_machines_clock_it_is_late_by_itself(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.function("charge")
        app.emulator.clock.be_real()
        app.emulator.faults.add(Fault(function="charge", latency=0.05, times=1))
        answer = await app.emulator.api("lambda", "Invoke", {"FunctionName": "charge"})
        assert json.loads(answer["Payload"]) == {"ok": True}
        assert app.emulator.faults.all()[0].hits == 1

    running(tmp_path, scenario)


def test_who_waits_for_a_late_invocation_is_told_when_the_emulator_stops(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.function("charge")
        app.emulator.faults.add(Fault(function="charge", latency=3))
        call = asyncio.ensure_future(app.emulator.api("lambda", "Invoke", {"FunctionName": "charge"}))
        await asyncio.sleep(0)
        await app.emulator.drain(0)
        with pytest.raises(AwsError, match="ServiceException: The server was told to stop"):
            await call

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


def test_out_of_order(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("send", {"Arn": app.queue("q")})
        app.emulator.faults.add(Fault(rule="send", reorder=True))
        await app.put(times=10)
        await app.emulator.worker.idle()
        came = [json.loads(message.body)["id"] for message in app.messages("q")]
        put = [way.event_id for way in reversed(app.store.journal.recent(10))]
        assert sorted(came) == sorted(put)
        assert came != put

    running(tmp_path, scenario)


def test_late_and_twice_and_out_of_order_at_once(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("send", {"Arn": app.queue("q")})
        app.emulator.faults.add(Fault(rule="send", latency=3, reorder=True, duplicate=True))
        await app.put(times=3)
        await app.emulator.advance(3)
        came = [json.loads(message.body)["id"] for message in app.messages("q")]
        put = [way.event_id for way in reversed(app.store.journal.recent(3))]
        assert sorted(came) == sorted(put * 2)
        assert list(dict.fromkeys(came)) != put

    running(tmp_path, scenario)


FAILS_THE_SECOND_TIME = """
seen = []

def handler(event, context):
    seen.append(1)
    if len(seen) > 1:
        raise KeyError("charged twice")
"""


def test_a_second_copy_is_in_the_journal_and_does_not_count(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        dlq, failed = app.queue("dlq"), app.queue("failed")
        charge = app.function("charge", FAILS_THE_SECOND_TIME, dead_letters=dlq, on_failure=failed)
        await app.rule("charge", {"Arn": charge})
        app.emulator.faults.add(Fault(function="charge", duplicate=True, times=1))
        event_id = await app.put()
        await app.emulator.worker.idle()
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        assert sorted((a.number, a.status, a.duplicate) for a in delivery.attempts if a.duplicate) == [
            (1, "retryable", "lambda")
        ]
        assert [(a.number, a.status) for a in delivery.own] == [(1, "success")]
        assert (delivery.state, app.emulator.timeline.waiting()) == ("delivered", [])
        assert (app.messages("dlq"), app.messages("failed")) == ([], [])
        told = [(step.kind, step.details.get("duplicate")) for step in app.steps if step.target == charge]
        assert (Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE, "lambda") in told
        assert told.count((Kind.INVOCATION_ATTEMPT_START, "lambda")) == 1

    running(tmp_path, scenario)


def test_a_second_copy_of_an_attempt_that_fails_is_not_tried_again_and_the_first_is(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("charge", {"Arn": app.function("charge", FAILING)})
        app.emulator.faults.add(Fault(rule="charge", duplicate=True, times=1))
        event_id = await app.put()
        await app.passes()
        [delivery] = app.store.journal.ways(event_id)[0].deliveries
        assert [attempt.number for attempt in delivery.own] == [1, 2, 3]
        [copy] = [attempt for attempt in delivery.attempts if attempt.duplicate]
        assert (copy.number, copy.status, copy.duplicate) == (1, "retryable", "eventbridge")

    running(tmp_path, scenario)


def test_a_sender_that_breaks_on_the_second_copy_harms_nobody() -> None:
    class BreaksTwice(RecordingSender):
        def send(self, delivery: Delivery, report: Report) -> None:
            if self.seen:
                raise ZeroDivisionError("no")
            super().send(delivery, report)

    async def scenario() -> None:
        faults = Faults()
        bench = Bench(sender=BreaksTwice(), faults=faults)
        faults.add(Fault(function="charge", duplicate=True))
        bench.rule("charge", {"source": ["shop"]})
        bench.worker.start()
        event = bench.event()
        bench.publisher.publish([event])
        await bench.worker.idle()
        [delivery] = bench.store.journal.ways(event.envelope["id"])[0].deliveries
        assert delivery.state == "delivered"
        assert [(a.error_type, a.duplicate) for a in delivery.attempts if a.duplicate] == [
            ("INTERNAL_FAILURE", "lambda")
        ]

    asyncio.run(scenario())


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
