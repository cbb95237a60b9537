"""Who is behind is told once, again when it is twice as much, and when it has caught up."""

import asyncio

from emulator.delivery.backlog import MANY
from emulator.delivery.result import Result, Status
from emulator.delivery.senders import Report
from emulator.delivery.steps import Kind
from emulator.store.deliveries import Delivery
from tests.delivery.bench import FUNCTION, Bench, RecordingSender


class Hanging(RecordingSender):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.hanging: list[tuple[Delivery, Report]] = []
        self.goes_on = False

    def send(self, delivery: Delivery, report: Report) -> None:
        if self.goes_on:
            super().send(delivery, report)
        else:
            self.hanging.append((delivery, report))

    def go_on(self) -> None:
        self.goes_on = True
        for delivery, report in self.hanging:
            report(delivery, Result(Status.SUCCESS))


def told(bench: Bench) -> list[tuple[int, float]]:
    found = [step for step in bench.steps if step.kind is Kind.BACKLOG]
    assert {step.target for step in found} <= {FUNCTION}
    return [(step.details["waiting"], step.details["oldest"]) for step in found]


def test_who_is_behind_is_told() -> None:
    async def scenario() -> None:
        sender = Hanging()
        bench = Bench(sender=sender)
        bench.worker.start()

        async def put(count: int) -> None:
            for number in range(count):
                bench.enqueue(str(number))
            await asyncio.sleep(0)
            bench.worker.backlog.look()

        await put(100)
        assert told(bench) == []
        running = len(sender.hanging)
        await put(MANY)
        assert told(bench) == [(MANY + 100 - running, 0.0)]
        await put(1)
        assert len(told(bench)) == 1
        bench.clock.advance(seconds=30)
        await put(2 * MANY)
        assert told(bench)[1:] == [(3 * MANY + 101 - running, 30.0)]
        assert [each.waiting for each in bench.worker.backlog.waiting()] == [3 * MANY + 101 - running]
        sender.go_on()
        await bench.worker.idle()
        bench.worker.backlog.look()
        assert told(bench)[2:] == [(0, 0.0)]
        assert bench.worker.backlog.waiting() == []
        bench.worker.stop()

    asyncio.run(scenario())


def test_a_few_that_wait_long_are_behind_too() -> None:
    async def scenario() -> None:
        bench = Bench(sender=Hanging())
        bench.worker.start()
        for number in range(100):
            bench.enqueue(str(number))
        await asyncio.sleep(0)
        bench.clock.advance(seconds=11)
        bench.worker.backlog.look()
        [(waiting, oldest)] = told(bench)
        assert (waiting < 100, oldest) == (True, 11.0)
        bench.worker.stop()

    asyncio.run(scenario())
