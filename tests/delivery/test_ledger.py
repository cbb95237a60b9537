"""When nothing can be written: what succeeded is not done again, and what did not is tried later, letters and all."""

import asyncio
from pathlib import Path

import pytest

from emulator.app import ACCOUNT, REGION, Emulator
from emulator.clock import VirtualClock
from emulator.delivery.faults import Fault
from emulator.store.functions import FunctionRow
from emulator.store.queues import QueueKey
from tests.delivery.running import put_event_invoke

# More than there is room for.
TALKATIVE = "def handler(event, context):\n    return 'x' * 100_000\n"
FAILING = "def handler(event, context):\n    raise KeyError('x' * 100_000)\n"


class Full:
    """An emulator on a file that takes no more than a few pages."""

    def __init__(self, folder: Path, code: str) -> None:
        self.emulator = Emulator(state=folder / "state.db", clock=VirtualClock(1_790_000_000))
        self.store = self.emulator.store
        (folder / "charge.py").write_text(code)
        dlq = QueueKey(ACCOUNT, REGION, "dlq")
        self.store.queues.put(dlq, 0)
        self.store.functions.put(
            FunctionRow(ACCOUNT, REGION, "charge", str(folder / "charge.py"), revision_id="1", dead_letters=dlq.arn)
        )
        put_event_invoke(self.store, "charge", retries=0)

    def room(self, pages: int) -> None:
        there = self.store._connection.execute("PRAGMA page_count").fetchone()[0]
        self.store._connection.execute(f"PRAGMA max_page_count = {there + pages}")

    async def put(self) -> None:
        await self.emulator.api("lambda", "Invoke", {"FunctionName": "charge", "InvocationType": "Event"})
        await self.emulator.worker.idle()


def test_what_succeeded_is_delivered_though_its_result_has_no_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        full = Full(tmp_path, TALKATIVE)
        await full.emulator.start()
        full.room(5)
        await full.put()
        assert (full.store.deliveries.unfinished(), full.emulator.timeline.waiting()) == (0, [])
        await full.emulator.stop(0)

    asyncio.run(scenario())
    assert "what came of 1 deliveries could not be written" in caplog.text


def test_a_failure_is_tried_again_and_its_dead_letter_is_not_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        full = Full(tmp_path, FAILING)
        await full.emulator.start()
        full.room(5)
        await full.put()
        dlq = QueueKey(ACCOUNT, REGION, "dlq")
        assert (full.store.deliveries.unfinished(), full.store.queues.messages(dlq, 9)) == (1, [])
        full.room(1_000)
        await full.emulator.advance(5)
        assert (full.store.deliveries.unfinished(), len(full.store.queues.messages(dlq, 9))) == (0, 1)
        await full.emulator.stop(0)

    asyncio.run(scenario())
    assert "could not be written" in caplog.text


def test_a_retry_that_cannot_be_written_is_made_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        full = Full(tmp_path, "def handler(event, context): return 1\n")
        await full.emulator.start()
        full.emulator.faults.add(Fault(function="charge", status=429, message="x" * 100_000, times=1))
        full.room(5)
        await full.put()
        assert len(full.emulator.worker.later()) == 1
        full.room(1_000)
        await full.emulator.advance(60)
        assert [made.attempt.status for made in full.store.journal.invocations("charge", 9)] == ["success"]
        await full.emulator.stop(0)

    asyncio.run(scenario())
    assert "could not be written" in caplog.text
