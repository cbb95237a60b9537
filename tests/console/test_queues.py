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


@pytest.mark.parametrize("name", ["a" * 81, "a b", "a.b", "a%0Ab", "%C3%A9", "..%2fa"])
def test_a_name_that_sqs_refuses_makes_no_queue(tmp_path: Path, name: str) -> None:
    async def scenario(look: Looking) -> None:
        answer = await look.client.post(f"/_ebl/queues/{name}")
        assert answer.status_code in (404, 422), answer.text
        assert (await look.get("/_ebl/queues"))["queues"] == []
        await look.post("/_ebl/queues/ok?account=1", {}, status=422)
        await look.post("/_ebl/queues/ok?region=nowhere", {}, status=422)
        assert (await look.post("/_ebl/queues/" + "a" * 80, {}))["made"]

    looking(tmp_path, scenario)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("function=chagre", "There is no function 'chagre'. Did you mean charge? If it is still to be made,"),
        ("function=Charge", "Did you mean charge?"),
        ("function=arn:aws:lambda:us-east-1:000000000000:function:chagre", "Did you mean charge?"),
        ("function=zzz", "There is no function 'zzz'. There is: broken, charge."),
        ("rule=onee", "There is no rule 'onee'. Did you mean one?"),
        ("target=2", "There is no target '2'. There is: 1, arn:aws:lambda:us-east-1:000000000000:function:charge."),
    ],
)
def test_a_fault_for_somebody_who_is_not_there_is_refused(tmp_path: Path, query: str, said: str) -> None:
    async def scenario(look: Looking) -> None:
        await look.rule("one", {"source": ["shop"]}, "charge")
        answer = await look.post(f"/_ebl/fail?{query}", {}, status=404)
        assert said in answer["detail"]
        assert look.emulator.faults.all() == []
        await look.post(f"/_ebl/fail?{query}&not_there_yet=true", {})
        arn = "arn:aws:lambda:us-east-1:000000000000:function:charge"
        for known in (f"function={arn}", "rule=one", "target=1", f"target={arn}"):
            await look.post(f"/_ebl/fail?{known}", {})

    looking(tmp_path, scenario)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"invocation": "chagre"}, "There is no function 'chagre'. Did you mean charge?"),
        ({"event": {"source": ["shop"]}, "bus": "order"}, "There is no event bus 'order'. Did you mean orders?"),
    ],
)
def test_nobody_waits_for_what_is_misspelt(tmp_path: Path, wanted: dict[str, object], said: str) -> None:
    async def scenario(look: Looking) -> None:
        assert said in (await look.post("/_ebl/wait?timeout=0", wanted, status=404))["detail"]
        await look.post("/_ebl/wait?timeout=0", {**wanted, "not_there_yet": True}, status=408)
        await look.post("/_ebl/wait?timeout=0", {"event": {"source": ["shop"]}, "bus": "default"}, status=408)

    looking(tmp_path, scenario)


def test_a_function_may_be_waited_for_by_its_arn(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.emulator.api("lambda", "Invoke", {"FunctionName": "charge"})
        arn = "arn:aws:lambda:us-east-1:000000000000:function:charge"
        assert (await look.post("/_ebl/wait?timeout=0&after=0", {"invocation": arn}))["found"]

    looking(tmp_path, scenario)


def test_the_backlog_says_who_waits_for_whom(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.bus("more")
        await look.rule("one", {"source": ["shop"]}, "broken")
        await look.put()
        [waiting] = (await look.get("/_ebl/backlog"))["targets"]
        assert (waiting["target"].rsplit(":")[-1], waiting["running"], waiting["unfinished"]) == ("broken", 0, 1)
        assert (waiting["waiting"], waiting["oldest"], waiting["behind"]) == (0, 0, False)
        look.emulator.worker.stop()  # nothing is begun any more
        entry = {"Source": "shop", "DetailType": "T", "Detail": "{}", "EventBusName": "orders"}
        for _ in range(110):
            await look.emulator.api("events", "PutEvents", {"Entries": [entry] * 10})
        [waiting] = (await look.get("/_ebl/backlog"))["targets"]
        assert (waiting["waiting"], waiting["behind"], waiting["unfinished"]) == (1100, True, 1101)
        backlog = (await look.get("/_ebl/health"))["backlog"]
        assert (backlog["waiting"], [each["waiting"] for each in backlog["behind"]]) == (1100, [1100])

    looking(tmp_path, scenario)
