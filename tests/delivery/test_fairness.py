"""A function that hangs, with many events waiting, keeps neither PutEvents nor another function from their own."""

import asyncio
import threading
from pathlib import Path

from emulator.delivery.lanes import MAX_OF_A_FUNCTION
from tests.delivery.running import Running, running

HANGING = "import builtins\ndef handler(event, context):\n    builtins.ebl_test_gate.wait(20)\n"


def test_many_that_hang_keep_no_other_waiting(tmp_path: Path) -> None:
    """Each with more events than it may run at once; two of them had all threads of the executor once."""
    import builtins

    gate = threading.Event()
    vars(builtins)["ebl_test_gate"] = gate

    async def scenario(app: Running) -> None:
        for number in range(5):
            await app.rule(f"slow-{number}", {"Arn": app.function(f"slow-{number}", HANGING, timeout=30)})
        for _ in range(6):
            await app.put(times=10)
        await asyncio.sleep(0)
        await app.rule("fast", {"Arn": app.function("fast", on_success=app.queue("done"))})
        await app.put()
        while not app.messages("done"):
            await app.emulator.worker.next_settlement()
        assert sum(lane.running for lane in app.emulator.worker.lanes()) > 64
        gate.set()
        await app.emulator.worker.idle()
        assert app.store.deliveries.unfinished() == 0

    try:
        running(tmp_path, scenario)
    finally:
        gate.set()
        del vars(builtins)["ebl_test_gate"]


def test_one_that_hangs_keeps_no_other_waiting(tmp_path: Path) -> None:
    import builtins

    gate = threading.Event()
    vars(builtins)["ebl_test_gate"] = gate

    async def scenario(app: Running) -> None:
        await app.rule("slow", {"Arn": app.function("slow", HANGING, timeout=30)})
        for _ in range(50):
            await app.put(times=10)
        await asyncio.sleep(0)
        await app.rule("fast", {"Arn": app.function("fast", on_success=app.queue("done"))})
        event_id = await app.put()
        while not app.messages("done"):
            await app.emulator.worker.next_settlement()
        [slow] = [lane for lane in app.emulator.worker.lanes() if lane.target.endswith("slow")]
        assert slow.running == MAX_OF_A_FUNCTION
        assert len(slow.held) == 501 - MAX_OF_A_FUNCTION
        states = {d.rule: d.state for d in app.store.journal.ways(event_id)[0].deliveries}
        assert states == {"fast": "delivered", "slow": "pending"}
        gate.set()
        await app.emulator.worker.idle()
        assert app.store.deliveries.unfinished() == 0

    try:
        running(tmp_path, scenario)
    finally:
        gate.set()
        del vars(builtins)["ebl_test_gate"]
