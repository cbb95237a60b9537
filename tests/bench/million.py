"""Does the memory stay flat?  A million events through the whole emulator, in this process, without HTTP."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from emulator.app import ACCOUNT, REGION, Emulator
from emulator.store.functions import FunctionRow
from emulator.wire.http import HttpRequest

ENTRIES = 10
# The load waits for the handlers now and then: what is accepted and not delivered yet lies in memory, on purpose.
DRAIN_EVERY = 200


def rows(events: int = 1_000_000) -> Iterator[tuple[str, str]]:
    """Megabytes in use after a tenth of the events, and after all of them."""
    early, late = asyncio.run(_run(events // ENTRIES))
    yield f"memory after {events // 10:,} events", f"{early:.0f} MB"
    yield f"memory after {events:,} events", f"{late:.0f} MB"


async def _run(requests: int) -> tuple[float, float]:
    emulator = Emulator()
    await emulator.start()
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "count.py"
        code.write_text("def handler(event, context):\n    return 1\n")
        function = FunctionRow(ACCOUNT, REGION, "count", str(code), revision_id="1")
        emulator.store.functions.put(function)
        await emulator.api("events", "PutRule", {"Name": "all", "EventPattern": '{"source": ["bench"]}'})
        await emulator.api("events", "PutTargets", {"Rule": "all", "Targets": [{"Id": "1", "Arn": function.arn}]})
        early = 0.0
        for number in range(requests):
            await emulator.handle(_REQUEST)
            if number % DRAIN_EVERY == 0:
                await emulator.worker.idle()
            if number == requests // 10:
                early = _megabytes()
        await emulator.worker.idle()
        late = _megabytes()
    await emulator.stop()
    return early, late


def _megabytes() -> float:
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


_ENTRY = {"Source": "bench", "DetailType": "T", "Detail": json.dumps({"id": 1, "items": [1, 2], "who": "me"})}
_REQUEST = HttpRequest(
    "POST", "/", "", {"x-amz-target": "AWSEvents.PutEvents"}, json.dumps({"Entries": [_ENTRY] * ENTRIES}).encode()
)
