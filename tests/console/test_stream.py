"""The stream: live, resumed, dropped, and never in the way of delivery."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from emulator.console import stream
from emulator.console.stream import Hub, Reader
from emulator.delivery.step_json import from_json
from emulator.delivery.steps import Kind, Step
from tests.console.looking import Looking, looking

SHOP = {"source": ["shop"]}


def taken(reader: Reader) -> list[str]:
    """What waits for the reader."""
    messages, reader.waiting = list(reader.waiting), type(reader.waiting)()
    return messages


def kinds(messages: list[str]) -> list[str]:
    return [json.loads(data)["kind"] for data in (message.split("data: ")[1] for message in messages) if "kind" in data]


def last_id(messages: list[str]) -> str:
    return messages[-1].partition("\n")[0].removeprefix("id: ")


def test_every_step_comes_as_it_happens_and_again_to_who_comes_back(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        hub = Hub(look.emulator)
        reader = hub.open(None)
        await look.put("bank")
        seen = taken(reader)
        assert kinds(seen) == ["EVENT_RECEIPT", "NO_STANDARD_RULES_MATCHED"]
        await look.put("shop")
        again = hub.open(last_id(seen))
        assert taken(again) == taken(reader)
        assert taken(hub.open(None)) == []

    looking(tmp_path, scenario)


def test_what_is_not_kept_any_more_comes_from_the_journal(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", SHOP, "broken")
        reader = Hub(look.emulator).open(None)
        await look.put("bank")
        before = last_id(taken(reader))
        await look.put("shop")
        await look.put("shop", bus="nowhere")
        later = taken(Hub(look.emulator).open(before))
        assert later[0] == 'event: replayed\ndata: {"events": 2}\n\n'
        assert kinds(later) == [
            "EVENT_RECEIPT", "RULE_MATCH", "INVOCATION_ATTEMPT_START", "INVOCATION_ATTEMPT_RETRYABLE_FAILURE",
            "EVENT_RECEIPT", "EVENT_INGEST_FAILURE",
        ]  # fmt: skip
        failed = from_json(later[4].split("data: ")[1])
        assert failed.details["result"].error_message == "'amount'"

    looking(tmp_path, scenario)


@pytest.mark.parametrize("garbage", ["", "x", "a-b-c", "1-2"])
def test_an_id_that_is_none_begins_now(tmp_path: Path, garbage: str) -> None:
    async def scenario(look: Looking) -> None:
        await look.put()
        assert taken(Hub(look.emulator).open(garbage)) == []

    looking(tmp_path, scenario)


def test_a_slow_reader_is_told_so_and_dropped_and_others_go_on(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        hub = Hub(look.emulator)
        slow, quick = hub.open(None), hub.open(None)
        for _ in range(stream.MAX_WAITING + 10):
            look.emulator.steps.tell(Step(Kind.FUNCTION_OUTPUT, 0.0, details={"line": "x"}))
            taken(quick)
        assert len(slow.waiting) == stream.MAX_WAITING
        said = [text async for text in hub.messages(slow)]
        assert said[-1].startswith("event: dropped\n")
        look.emulator.steps.tell(Step(Kind.FUNCTION_OUTPUT, 0.0, details={"line": "x"}))
        assert len(quick.waiting) == 1

    looking(tmp_path, scenario)


def test_it_ends_when_the_server_stops(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        async def end() -> None:
            look.emulator.steps.tell(Step(Kind.STOPPING, 0.0))

        asyncio.get_running_loop().call_later(0.01, lambda: asyncio.ensure_future(end()))
        answer: Any = await look.client.get("/_ebl/stream")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "event: hello" in answer.text
        assert '"STOPPING"' in answer.text

    looking(tmp_path, scenario)
