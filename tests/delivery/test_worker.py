"""The worker with a recording sender: claims, reports, retries, restarts.  A virtual clock moves the retries."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from emulator.clock import VirtualClock
from emulator.delivery.result import Result, Status
from emulator.delivery.retry import RetryPolicy
from emulator.delivery.senders import Report, Senders
from emulator.delivery.steps import Kind, Step, Steps
from emulator.delivery.worker import Worker
from emulator.store.database import Store
from emulator.store.deliveries import Delivery, Received

TARGET = "arn:aws:lambda:us-east-1:000000000000:function:charge"
AGAIN = Result(Status.RETRYABLE, error_type="KeyError")


class RecordingSender:
    """Answers each attempt with the next of `results` (success when there are none left), on the next turn."""

    def __init__(self, results: Iterable[Result] = ()) -> None:
        self.seen: list[Delivery] = []
        self._results = list(results)

    def send(self, delivery: Delivery, report: Report) -> None:
        self.seen.append(delivery)
        result = self._results.pop(0) if self._results else Result(Status.SUCCESS)
        asyncio.get_running_loop().call_soon(report, delivery, result)

    def policy(self, delivery: Delivery) -> RetryPolicy:
        return RetryPolicy(attempts=3, pauses=(60, 120), max_age=3600)


class Bench:
    """A worker, and what it is made of."""

    def __init__(self, sender: RecordingSender, store: Store | None = None) -> None:
        self.clock = VirtualClock(1000)
        self.store = store or Store()
        self.sender = sender
        self.steps: list[Step] = []
        steps = Steps()
        steps.listen(self.steps.append)
        self.worker = Worker(self.store, self.clock, Senders({"lambda:function": sender}), steps)

    def kinds(self) -> list[Kind]:
        return [step.kind for step in self.steps]

    def enqueue(self, payload: str = "{}", target: str = TARGET) -> None:
        self.worker.enqueue("000000000000", "us-east-1", target, payload, "request-1", None)


def test_what_is_enqueued_is_delivered_once_and_in_order() -> None:
    async def scenario() -> None:
        bench = Bench(RecordingSender())
        bench.worker.start()
        for number in range(20):
            bench.enqueue(str(number))
        await bench.worker.idle()
        assert [delivery.payload for delivery in bench.sender.seen] == [str(number) for number in range(20)]
        assert bench.store.deliveries.unfinished() == 0

    asyncio.run(scenario())


def test_a_failure_is_tried_again_when_the_clock_says_so() -> None:
    async def scenario() -> None:
        bench = Bench(RecordingSender([AGAIN, AGAIN]))
        bench.worker.start()
        bench.enqueue()
        await bench.worker.idle()
        assert bench.store.deliveries.next_due() == 1060
        for _ in range(2):
            bench.clock.advance(minutes=2)
            bench.worker.wake()
            await bench.worker.idle()
        assert [delivery.attempt for delivery in bench.sender.seen] == [1, 2, 3]
        assert bench.kinds()[-1] is Kind.INVOCATION_ATTEMPT_SUCCESS

    asyncio.run(scenario())


def test_after_the_last_attempt_it_is_given_up_and_said() -> None:
    async def scenario() -> None:
        bench = Bench(RecordingSender([AGAIN] * 3))
        bench.worker.start()
        bench.enqueue()
        for _ in range(3):
            await bench.worker.idle()
            bench.clock.advance(minutes=2)
            bench.worker.wake()
        assert bench.store.deliveries.next_due() is None
        last = bench.steps[-1]
        assert last.kind is Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE
        assert last.details["condition"] == "RetriesExhausted"

    asyncio.run(scenario())


def test_a_target_that_nobody_can_deliver_to_fails_visibly() -> None:
    async def scenario() -> None:
        bench = Bench(RecordingSender())
        bench.worker.start()
        bench.enqueue(target="arn:aws:sqs:us-east-1:000000000000:q")
        await bench.worker.idle()
        result = bench.steps[-1].details["result"]
        assert result.error_type == "NO_RESOURCE"
        assert "sqs" in result.error_message

    asyncio.run(scenario())


def test_what_was_running_when_the_process_ended_is_delivered_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.db"

    async def crash() -> None:
        bench = Bench(RecordingSender(), Store(state))
        bench.enqueue()
        assert len(bench.store.deliveries.claim_due(2000, 10)) == 1
        bench.store.close()

    async def restart() -> None:
        bench = Bench(RecordingSender(), Store(state))
        bench.worker.start()
        await bench.worker.idle()
        assert [delivery.attempt for delivery in bench.sender.seen] == [2]

    asyncio.run(crash())
    asyncio.run(restart())


def test_after_stop_nothing_is_claimed_and_nothing_is_lost() -> None:
    async def scenario() -> None:
        bench = Bench(RecordingSender())
        bench.worker.start()
        bench.worker.stop()
        bench.enqueue()
        await bench.worker.drained()
        assert bench.sender.seen == []
        assert bench.store.deliveries.unfinished() == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("kept", [5, 50])
def test_the_journal_is_bounded(kept: int) -> None:
    store = Store(keep_events=kept)
    for number in range(60):
        store.deliveries.receive(Received("0", "r", "b", f"e{number}", "{}", 0.0, "unmatched"))
    store.deliveries.trim()
    assert len(store.journal.recent(1000)) == kept
