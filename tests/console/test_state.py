"""Reset and snapshots over HTTP, and what they do to everything that was derived from the state before."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.app import Emulator
from emulator.config import parse
from emulator.console.api import application
from emulator.delivery.faults import Fault

CONFIG = "rules: {all: {bus: orders, pattern: {source: [shop]}, targets: [count]}}"
HANDLER = """
import threading
begun, end, seen = threading.Event(), threading.Event(), []

def handler(event, context):
    seen.append(event["id"])
    begun.set()
    if event["detail"].get("wait"):
        end.wait(20)
    return len(seen)
"""


class World:
    """A running emulator with one rule of its configuration, and its own paths over HTTP."""

    def __init__(self, folder: Path) -> None:
        (folder / "functions").mkdir()
        (folder / "functions" / "count.py").write_text(HANDLER)
        self.emulator = Emulator(snapshots=folder / "snapshots")
        self.emulator.apply(parse(CONFIG, folder / "config.yaml", {}))
        transport = httpx.ASGITransport(application(self.emulator))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    async def post(self, path: str, status: int = 200) -> Any:
        answer = await self.http.post(path)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def put(self, bus: str = "orders", **detail: Any) -> str:
        entry = {"Source": "shop", "DetailType": "T", "EventBusName": bus, "Detail": json.dumps(detail)}
        answer = await self.emulator.api("events", "PutEvents", {"Entries": [entry]})
        event_id: str = answer["Entries"][0]["EventId"]
        return event_id

    async def rules(self, bus: str = "orders") -> list[str]:
        answer = await self.emulator.api("events", "ListRules", {"EventBusName": bus})
        return [rule["Name"] for rule in answer["Rules"]]

    async def add_rule(self, name: str) -> None:
        members = {"Name": name, "EventBusName": "orders", "EventPattern": '{"source": ["shop"]}'}
        await self.emulator.api("events", "PutRule", members)

    def events(self) -> list[tuple[str, list[str]]]:
        """Ids and the state of the deliveries, newest first."""
        return [(way.event_id, [d.state for d in way.deliveries]) for way in self.emulator.store.journal.recent(10)]

    async def running(self) -> None:
        """Until a handler runs."""
        while not self.emulator.worker.running():
            await asyncio.sleep(0)


def run(folder: Path, scenario: Callable[[World], Awaitable[None]]) -> None:
    async def main() -> None:
        world = World(folder)
        await world.emulator.start()
        try:
            await scenario(world)
        finally:
            await world.http.aclose()
            await world.emulator.stop()

    asyncio.run(main())


def test_a_reset_leaves_what_the_configuration_says(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.add_rule("mine")
        await world.put()
        await world.emulator.settle()
        said = await world.post("/_ebl/reset")
        assert said["forgotten"] == {"events": 1, "unfinished_deliveries": 0}
        assert said["kept_rules"] is False
        assert await world.rules() == ["all"]
        assert world.events() == []
        event_id = await world.put()  # through an index that was built anew
        await world.emulator.settle()
        assert world.events() == [(event_id, ["delivered"])]

    run(tmp_path, scenario)


def test_a_reset_may_keep_the_rules(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.add_rule("mine")
        await world.put()
        await world.emulator.settle()
        assert (await world.post("/_ebl/reset?keep_rules=true"))["kept_rules"] is True
        assert await world.rules() == ["all", "mine"]
        assert world.events() == []

    run(tmp_path, scenario)


def test_what_runs_is_abandoned_and_its_end_is_not_taken_for_another(tmp_path: Path) -> None:
    """The emulator is still after the reset, and when the abandoned handler ends, nothing of it is written down."""

    async def scenario(world: World) -> None:
        await world.put(wait=True)
        await world.running()
        assert (await world.post("/_ebl/reset"))["abandoned"] == 1
        assert (await world.emulator.settle(1)).settled
        again = await world.put(wait=True)
        assert [states for _, states in world.events()] == [["pending"]]
        await world.post("/_ebl/reset?keep_rules=true")
        last = await world.put()
        assert (await world.emulator.settle(5)).settled
        assert again != last
        assert world.events() == [(last, ["delivered"])]

    run(tmp_path, scenario)


def test_a_snapshot_is_saved_listed_loaded_and_deleted(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        event_id = await world.put()
        await world.emulator.settle()
        await world.add_rule("mine")
        saved = await world.post("/_ebl/snapshots/seeded")
        assert (saved["name"], Path(saved["file"]).name) == ("seeded", "seeded.db")
        await world.post("/_ebl/reset")
        assert (await world.post(saved["links"]["load"]))["name"] == "seeded"
        assert await world.rules() == ["all", "mine"]
        assert world.events() == [(event_id, ["delivered"])]
        await world.put()
        await world.emulator.settle()
        assert [states for _, states in world.events()] == [["delivered"], ["delivered"]]
        listed = (await world.http.get("/_ebl/snapshots")).json()["snapshots"]
        assert [snapshot["name"] for snapshot in listed] == ["seeded"]
        await world.post(saved["links"]["delete"])
        assert (await world.http.get("/_ebl/snapshots")).json()["snapshots"] == []

    run(tmp_path, scenario)


def test_what_was_pending_in_a_snapshot_is_delivered_also_while_it_still_runs_from_before(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.emulator.worker.stop()
        event_id = await world.put()
        world.emulator.snapshot("pending")
        world.emulator.worker.start()
        await world.emulator.settle()
        world.emulator.restore("pending")
        assert world.events() == [(event_id, ["pending"])]
        assert (await world.emulator.settle()).settled
        assert world.events() == [(event_id, ["delivered"])]

    run(tmp_path, scenario)


def test_the_configuration_of_today_is_applied_to_an_older_snapshot(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.emulator.snapshot("old")
        changed = "rules: {new: {bus: orders, pattern: {source: [shop]}, targets: [count]}}"
        world.emulator.apply(parse(changed, tmp_path / "config.yaml", {}))
        world.emulator.restore("old")
        assert await world.rules() == ["new"]

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/_ebl/snapshots/.hidden", 400, "'.hidden' is no name for a snapshot"),
        ("/_ebl/snapshots/..%2F..%2Fx", 404, "Not Found"),
        ("/_ebl/snapshots/none/load", 404, "no snapshot 'none' in"),
        ("/_ebl/snapshots/none/delete", 404, "there is: broken."),
        ("/_ebl/snapshots/broken/load", 409, "broken.db: not a SQLite database"),
    ],
)
def test_what_cannot_be_done_is_said(path: str, status: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "broken.db").write_text("not one, and too long to be empty")

    async def scenario(world: World) -> None:
        before = await world.rules()
        assert said in (await world.post(path, status))["detail"]
        assert await world.rules() == before

    run(tmp_path, scenario)


def test_a_configuration_that_is_refused_leaves_everything_as_it_was(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        event_id = await world.put()
        await world.emulator.settle()
        config = parse(CONFIG, tmp_path / "config.yaml", {})
        refused = replace(config, rules=(replace(config.rules[0], pattern="[]"),))
        world.emulator._config = refused  # such as another version of this program would have let pass
        assert "Nothing was forgotten: " in (await world.post("/_ebl/reset", 409))["detail"]
        assert world.events() == [(event_id, ["delivered"])]
        await world.put()
        await world.emulator.settle()
        assert [states for _, states in world.events()] == [["delivered"], ["delivered"]]

    run(tmp_path, scenario)


def test_a_reset_takes_back_the_faults_but_not_when_it_keeps_the_rules(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.emulator.faults.add(Fault(function="count", error="TimeoutError"))
        await world.post("/_ebl/reset?keep_rules=true")
        assert world.emulator.faults.active
        await world.post("/_ebl/reset")
        assert not world.emulator.faults.active

    run(tmp_path, scenario)


def test_a_snapshot_that_is_loaded_has_no_faults(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.post("/_ebl/snapshots/s1")
        world.emulator.faults.add(Fault(function="count", error="TimeoutError"))
        await world.post("/_ebl/snapshots/s1/load")
        assert not world.emulator.faults.active

    run(tmp_path, scenario)
