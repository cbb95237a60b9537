"""The worker with a recording sender: claims, reports, retries, restarts.  A virtual clock moves the retries."""

import asyncio
from pathlib import Path

from emulator.delivery.lanes import MAX_HELD
from emulator.delivery.result import Result, Status
from emulator.delivery.senders import Report
from emulator.delivery.steps import Kind
from emulator.store.database import Store
from emulator.store.deliveries import Delivery
from tests.delivery.bench import Bench, RecordingSender

AGAIN = Result(Status.RETRYABLE, error_type="KeyError")


def test_what_is_enqueued_is_delivered_once_and_in_order() -> None:
    async def scenario() -> None:
        bench = Bench()
        bench.worker.start()
        for number in range(20):
            bench.enqueue(str(number))
        await bench.worker.idle()
        assert [delivery.payload for delivery in bench.sender.seen] == [str(number) for number in range(20)]
        assert bench.store.deliveries.unfinished() == 0

    asyncio.run(scenario())


def test_a_failure_is_tried_again_when_the_clock_says_so() -> None:
    async def scenario() -> None:
        bench = Bench([AGAIN, AGAIN])
        bench.worker.start()
        bench.enqueue()
        await bench.worker.idle()
        assert bench.store.deliveries.later(bench.clock.now())[0][0] == bench.clock.now() + 60
        for _ in range(2):
            bench.clock.advance(minutes=2)
            bench.worker.wake()
            await bench.worker.idle()
        assert [delivery.attempts for delivery in bench.sender.seen] == [0, 1, 2]
        assert bench.kinds()[-1] is Kind.INVOCATION_ATTEMPT_SUCCESS

    asyncio.run(scenario())


def test_after_the_last_attempt_it_is_given_up_and_said() -> None:
    async def scenario() -> None:
        bench = Bench([AGAIN] * 3)
        bench.worker.start()
        bench.enqueue()
        for _ in range(3):
            await bench.worker.idle()
            bench.clock.advance(minutes=2)
            bench.worker.wake()
        assert bench.store.deliveries.unfinished() == 0
        last = bench.steps[-1]
        assert last.kind is Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE
        assert last.details["condition"] == "RetriesExhausted"

    asyncio.run(scenario())


def test_a_target_that_nobody_can_deliver_to_fails_visibly() -> None:
    async def scenario() -> None:
        bench = Bench()
        bench.worker.start()
        bench.enqueue(target="arn:aws:sqs:us-east-1:000000000000:q")
        await bench.worker.idle()
        result = bench.steps[-1].details["result"]
        assert result.error_type == "NO_RESOURCE"
        assert "sqs" in result.error_message

    asyncio.run(scenario())


def test_what_was_not_finished_when_the_process_ended_is_delivered_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.db"

    async def crash() -> None:
        bench = Bench(store=Store(state))
        bench.enqueue()
        bench.store.close()

    async def restart() -> None:
        bench = Bench(store=Store(state))
        bench.worker.start()
        await bench.worker.idle()
        assert [delivery.request_id for delivery in bench.sender.seen] == ["request-1"]
        bench.enqueue()
        await bench.worker.idle()
        assert len({delivery.id for delivery in bench.sender.seen}) == 2

    asyncio.run(crash())
    asyncio.run(restart())


def test_a_flood_is_held_back_in_the_store_and_loses_nothing() -> None:
    async def scenario() -> None:
        bench = Bench()
        bench.worker.start()
        await bench.worker.idle()
        for number in range(MAX_HELD + 50):
            bench.enqueue(str(number))
        await bench.worker.idle()
        assert [delivery.payload for delivery in bench.sender.seen] == [str(n) for n in range(MAX_HELD + 50)]

    asyncio.run(scenario())


def test_after_stop_nothing_is_claimed_and_nothing_is_lost() -> None:
    async def scenario() -> None:
        bench = Bench()
        bench.worker.start()
        bench.worker.stop()
        bench.enqueue()
        await bench.worker.drained()
        assert bench.sender.seen == []
        assert bench.store.deliveries.unfinished() == 1

    asyncio.run(scenario())


def test_a_sender_that_raises_fails_its_own_delivery_and_no_other() -> None:
    class Raising(RecordingSender):
        def send(self, delivery: Delivery, report: Report) -> None:
            if delivery.payload == "2":
                raise ZeroDivisionError("no")
            super().send(delivery, report)

    async def scenario() -> None:
        bench = Bench(sender=Raising())
        bench.worker.start()
        for number in range(5):
            bench.enqueue(str(number))
        await bench.worker.idle()
        assert sorted(delivery.payload for delivery in bench.sender.seen) == ["0", "1", "3", "4"]
        assert bench.store.deliveries.unfinished() == 0
        failed = [step for step in bench.steps if step.kind is Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE]
        assert [step.details["result"].error_type for step in failed] == ["INTERNAL_FAILURE"]

    asyncio.run(scenario())


def test_a_result_that_cannot_be_written_does_not_lose_those_that_were_written_with_it() -> None:
    async def scenario() -> None:
        bench = Bench([Result(Status.SUCCESS), Result(Status.SUCCESS, log="\ud800"), Result(Status.SUCCESS)])
        bench.worker.start()
        for number in range(3):
            bench.enqueue(str(number))
        await bench.worker.idle()
        assert bench.store.deliveries.unfinished() == 0
        assert len(bench.sender.seen) == 3

    asyncio.run(scenario())
