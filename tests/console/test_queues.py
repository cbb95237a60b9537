"""/_ebl/queues, /_ebl/backlog and /_ebl/fail as a client sees them."""

from pathlib import Path

import pytest

from emulator.store.database import Store
from emulator.store.queues import MAX_MESSAGES, Message, QueueKey
from tests.console.looking import Looking, looking

KEY = QueueKey("000000000000", "us-east-1", "dlq")


def test_a_queue_is_made_read_and_emptied(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        assert (await look.post("/_ebl/queues/dlq", {}))["made"]
        assert not (await look.post("/_ebl/queues/dlq", {}))["made"]
        look.emulator.store.queues.send(KEY, Message(id="m", body="{}", sent=1.0, system={"SenderId": "x"}))
        [listed] = (await look.get("/_ebl/queues"))["queues"]
        assert (listed["name"], listed["count"], listed["arn"]) == ("dlq", 1, KEY.arn)
        for _ in range(2):  # reading takes nothing away
            [message] = (await look.get("/_ebl/queues/dlq"))["messages"]
            assert (message["message_id"], message["body"], message["system"]) == ("m", "{}", {"SenderId": "x"})
        assert (await look.post("/_ebl/queues/dlq/purge", {}))["purged"] == 1
        assert (await look.get("/_ebl/queues/dlq"))["messages"] == []
        assert "There is: dlq." in (await look.get("/_ebl/queues/other", status=404))["detail"]

    looking(tmp_path, scenario)


def test_a_full_queue_drops_the_oldest_and_counts_them() -> None:
    store = Store()
    store.queues.put(KEY, 0)
    with store.transaction():
        for number in range(MAX_MESSAGES + 2):
            store.queues.send(KEY, Message(id=str(number), body="", sent=0))
    queue = store.queues.find(KEY)
    assert queue is not None
    assert (queue.messages, queue.sent, queue.dropped) == (MAX_MESSAGES, MAX_MESSAGES + 2, 2)
    assert store.queues.messages(KEY, 1)[0].id == "2"


def test_faults_are_set_listed_and_cleared(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        made = await look.post("/_ebl/fail?function=charge&times=2&latency=3s", {})
        assert (made["function"], made["latency"], made["left"]) == ("charge", 3, 2)
        assert [fault["id"] for fault in (await look.get("/_ebl/fail"))["faults"]] == [made["id"]]
        assert (await look.post(f"/_ebl/fail/clear?id={made['id']}", {}))["cleared"] == 1
        assert (await look.get("/_ebl/fail"))["faults"] == []

    looking(tmp_path, scenario)


@pytest.mark.parametrize("query", ["", "function=a&rule=b", "times=1"])
def test_a_fault_is_for_somebody(tmp_path: Path, query: str) -> None:
    async def scenario(look: Looking) -> None:
        await look.post(f"/_ebl/fail?{query}", {}, status=400)

    looking(tmp_path, scenario)


def test_the_backlog_says_who_waits_for_whom(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.bus("more")
        await look.rule("one", {"source": ["shop"]}, "broken")
        await look.put()
        [waiting] = (await look.get("/_ebl/backlog"))["targets"]
        assert (waiting["target"].rsplit(":")[-1], waiting["running"], waiting["unfinished"]) == ("broken", 0, 1)

    looking(tmp_path, scenario)
