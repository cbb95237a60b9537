"""`--state FILE`: what was accepted is kept, however the process ends.

EBL_KILLS=50 pytest tests/e2e/test_durability.py    kills it fifty times instead of a few
"""

import json
import os
import random
import signal
import socket
import subprocess
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.bench.load import answer, request
from tests.e2e.server import BIN, CLEAN, Server, running

KILLS = int(os.environ.get("EBL_KILLS", "4"))
SEED = int(os.environ.get("EBL_SEED", "1"))
CLIENTS = 3
RECORD = """
import os

def handler(event, context):
    handle = os.open("delivered", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, event["id"].encode() + b"\\n")
    os.close(handle)
"""


class Load:
    """Several clients put events as fast as they can; the server is killed at the answer of number `last`."""

    def __init__(self, server: Server, last: int) -> None:
        self.accepted: list[str] = []
        self._server = server
        self._last = last
        self._port = urlsplit(server.url).port or 0
        entries = [{"Source": "load", "DetailType": "T", "Detail": json.dumps({"text": "x" * 200})}] * 10
        self._message = request(self._port, json.dumps({"Entries": entries}).encode(), target="AWSEvents.PutEvents")

    def run(self) -> list[str]:
        """The ids of the events that were accepted, all of whose rules match."""
        if self._last == 0:
            self._server.process.kill()
        threads = [threading.Thread(target=self._put) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._server.process.wait(10)
        return self.accepted

    def _put(self) -> None:
        with suppress(OSError, IndexError), socket.create_connection(("127.0.0.1", self._port)) as connection:
            while True:
                connection.sendall(self._message)
                body = answer_or_end(connection)
                self.accepted += [entry["EventId"] for entry in json.loads(body)["Entries"]]
                if len(self.accepted) >= self._last * 10:
                    self._server.process.kill()


def answer_or_end(connection: socket.socket) -> bytes:
    """The next response's body; ConnectionResetError when the server has gone (`answer` would wait for ever)."""
    if not connection.recv(1, socket.MSG_PEEK):
        raise ConnectionResetError
    return answer(connection)


def wait_for(server: Server, accepted: list[str], file: Path) -> None:
    """Until each of them has been delivered or is found to be lost."""
    for event_id in sorted(set(accepted) - delivered(file)):
        way = server.event(event_id)
        assert [d["state"] for d in way["deliveries"]] == ["delivered"], f"{event_id} is lost: {way}"


def delivered(file: Path) -> set[str]:
    return set(file.read_text().split()) if file.exists() else set()


@pytest.mark.slow
def test_what_was_accepted_is_delivered_after_the_server_was_killed(project: Path) -> None:
    (project / "functions" / "record.py").write_text(RECORD)
    (project / "config.yaml").write_text("rules: {all: {pattern: {source: [load]}, targets: [record]}}")
    dice = random.Random(SEED)
    accepted: list[str] = []
    for _ in range(KILLS):
        with running(project, "--state", "state.db") as server:
            accepted += Load(server, dice.choice([0, 1, dice.randrange(2, 150)])).run()
    with running(project, "--state", "state.db") as server:
        wait_for(server, accepted, project / "delivered")
    assert len(accepted) > KILLS
    assert set(accepted) <= delivered(project / "delivered")


@pytest.mark.slow
def test_what_a_stop_leaves_is_said_and_delivered_after_the_next_start(project: Path) -> None:
    """Ctrl-C lets the running handler finish; a second one does not, and its delivery is taken up again."""
    (project / "functions" / "slow.py").write_text(
        "import os, time\n\n"
        "def handler(event, context):\n"
        "    print('begun', flush=True)\n"
        "    if not os.path.exists('fast'):\n        time.sleep(60)\n"
        "    return 'done'\n"
    )
    (project / "config.yaml").write_text(
        "rules: {all: {pattern: {source: [x]}, targets: [slow]}}\nfunctions: {slow: {timeout: 90s}}"
    )
    with running(project, "--state", "state.db") as server:
        entry = {"Source": "x", "DetailType": "T", "Detail": "{}"}
        event_id = server.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"]
        server.lines_until("begun")
        server.process.send_signal(signal.SIGINT)
        server.lines_until("waiting for a running handler to finish; Ctrl-C again stops now")
        server.process.send_signal(signal.SIGINT)
        server.lines_until("stopped; 1 delivery is left unfinished, kept in state.db")
        assert server.process.wait(10) == 0
    (project / "fast").touch()
    with running(project, "--state", "state.db") as server:
        delivery = server.event(event_id)["deliveries"][0]
        assert (delivery["state"], delivery["attempts"][0]["result"]) == ("delivered", '"done"')


@pytest.mark.slow
def test_a_second_server_on_the_same_file_is_refused(project: Path) -> None:
    command = [str(BIN / "ebl"), "start", "--port", "0", "--state", "state.db"]
    with running(project, "--state", "state.db") as server:
        second = subprocess.run(command, cwd=project, env=CLEAN, capture_output=True, text=True, timeout=20)
        assert second.returncode == 3
        whose = f"ebl: --state state.db: in use by process {server.process.pid}. Stop that one, or name another file."
        assert second.stderr.strip() == whose
        with urllib.request.urlopen(f"{server.url}/_ebl/ready") as ready:
            assert ready.status == 200
        server.process.kill()  # the lock dies with its process
        server.process.wait(10)
    with running(project, "--state", "state.db"):
        pass
