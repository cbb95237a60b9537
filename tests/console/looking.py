"""An emulator without a port, and the paths under /_ebl asked in process."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from emulator.app import ACCOUNT, REGION, Emulator
from emulator.console.api import application
from emulator.store.functions import FunctionRow

HANDLERS = {
    "charge": 'def handler(event, context):\n    print("charging")\n    return {"ok": True}\n',
    "broken": 'def handler(event, context):\n    return event["detail"]["amount"]\n',
}


class Looking:
    """`get` and `post` answer JSON, and fail on anything but `status`."""

    def __init__(self, emulator: Emulator, client: httpx.AsyncClient, folder: Path) -> None:
        self.emulator = emulator
        self.client = client
        for name, source in HANDLERS.items():
            file = folder / f"{name}.py"
            file.write_text(source)
            emulator.store.functions.put(FunctionRow(ACCOUNT, REGION, name, str(file), revision_id="1"))

    async def get(self, path: str, status: int = 200) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, body: Mapping[str, Any], status: int = 200) -> Any:
        answer = await self.client.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def bus(self, name: str, **members: Any) -> None:
        await self.emulator.api("events", "CreateEventBus", {"Name": name, **members})

    async def rule(self, name: str, pattern: Mapping[str, Any], target: str = "", **members: Any) -> None:
        """On the bus `orders`; `target` is the name of a function."""
        put = {"Name": name, "EventBusName": "orders", "EventPattern": json.dumps(pattern), **members}
        await self.emulator.api("events", "PutRule", put)
        if target:
            targets = [{"Id": "1", "Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{target}"}]
            await self.emulator.api(
                "events", "PutTargets", {"Rule": name, "EventBusName": "orders", "Targets": targets}
            )

    async def put(self, source: str = "shop", bus: str = "orders", detail: Mapping[str, Any] | None = None) -> str:
        """Put an event and wait until nothing is running; its id."""
        entry = {"Source": source, "DetailType": "T", "Detail": json.dumps(detail or {}), "EventBusName": bus}
        answer = await self.emulator.api("events", "PutEvents", {"Entries": [entry]})
        await self.emulator.worker.idle()
        event_id: str = answer["Entries"][0]["EventId"]
        return event_id


def looking(folder: Path, scenario: Callable[[Looking], Awaitable[None]]) -> None:
    async def main() -> None:
        emulator = Emulator()
        await emulator.start()
        emulator.ready = True
        transport = httpx.ASGITransport(application(emulator))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                ready = Looking(emulator, client, folder)
                await ready.bus("orders")
                await scenario(ready)
        finally:
            await emulator.stop(0)

    asyncio.run(main())
