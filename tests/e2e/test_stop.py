"""Ctrl-C and SIGTERM: what runs is waited for, who waits gets an answer, and what is left is said."""

import json
import signal
import socket
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cli.servers import Running, started

WAITS = """
import os, time

def handler(event, context):
    print("begun", flush=True)
    while not os.path.exists(event["until"]):
        time.sleep(0.01)
    return {"ok": True}
"""
PUTS = """
import os, time
import boto3

def handler(event, context):
    print("begun", flush=True)
    while not os.path.exists(event["until"]):
        time.sleep(0.01)
    entry = {"Source": "inner", "DetailType": "T", "Detail": "{}"}
    answer = boto3.client("events").put_events(Entries=[entry])
    inner = boto3.client("lambda").invoke(FunctionName="quick")
    return [answer["FailedEntryCount"], inner["Payload"].read().decode()]
"""
QUICK = "def handler(event, context):\n    return 1\n"


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    functions = tmp_path / "functions"
    functions.mkdir()
    for name, code in (("waits", WAITS), ("puts", PUTS), ("quick", QUICK)):
        (functions / f"{name}.py").write_text(code)
    (tmp_path / "config.yaml").write_text("functions: {waits: {timeout: 5m}, puts: {timeout: 5m}}\n")
    return tmp_path


class Caller(threading.Thread):
    """Invokes a function and waits for it, in a thread; `status` and `answer` are what came."""

    def __init__(self, server: Running, function: str, folder: Path) -> None:
        super().__init__(daemon=True)
        self.url = f"{server.url}/2015-03-31/functions/{function}/invocations"
        self.payload = json.dumps({"until": str(folder / "go")}).encode()
        self.status, self.answer = 0, b""
        self.start()

    def run(self) -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url, self.payload)) as response:
                self.status, self.answer = response.status, response.read()
        except urllib.error.HTTPError as error:
            self.status, self.answer = error.code, error.read()

    def came(self) -> tuple[int, Any]:
        self.join(20)
        return self.status, json.loads(self.answer)


def interrupted(server: Running) -> None:
    server.process.send_signal(signal.SIGINT)
    assert server.process.stderr is not None
    assert "Ctrl-C again" in server.process.stderr.readline()


@pytest.mark.slow
def test_a_direct_invocation_is_waited_for_and_its_answer_reaches_the_caller(waiting: Path) -> None:
    with started(waiting) as server:
        caller = Caller(server, "waits", waiting)
        server.lines_until("│ begun")
        interrupted(server)
        (waiting / "go").touch()
        assert caller.came() == (200, {"ok": True})
        assert server.process.wait(10) == 0
        assert server.process.stderr is not None
        assert server.process.stderr.read() == "stopped; nothing is left unfinished\n"


@pytest.mark.slow
def test_a_handler_that_is_waited_for_is_still_answered_and_nobody_else_may_invoke(waiting: Path) -> None:
    with started(waiting) as server:
        caller = Caller(server, "puts", waiting)
        server.lines_until("│ begun")
        interrupted(server)
        status, answer = Caller(server, "quick", waiting).came()
        assert (status, answer["Message"][:29]) == (503, "The server was told to stop, ")
        (waiting / "go").touch()
        assert caller.came() == (200, [0, "1"])
        assert server.process.wait(10) == 0


@pytest.mark.slow
@pytest.mark.parametrize("last", [signal.SIGINT, signal.SIGTERM])
def test_what_is_cut_off_is_told_so_and_counted(waiting: Path, last: signal.Signals) -> None:
    with started(waiting) as server:
        caller = Caller(server, "waits", waiting)
        server.lines_until("│ begun")
        interrupted(server)
        server.process.send_signal(last)
        status, answer = caller.came()
        assert (status, answer["Message"][:29]) == (503, "The server was told to stop, ")
        assert server.process.wait(10) == 0
        assert server.process.stderr is not None
        said = server.process.stderr.read()
        assert said == "stopped; 1 direct invocation cut off, which the caller was told\n"


@pytest.mark.slow
def test_a_request_that_never_ends_is_no_reason_to_wait(waiting: Path) -> None:
    with started(waiting) as server, socket.create_connection(("localhost", urlsplit(server.url).port or 0)) as half:
        half.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
        urllib.request.urlopen(f"{server.url}/_ebl/health").close()
        code, _, err = server.stop(signal.SIGTERM)
    assert (code, err) == (0, "stopped; nothing is left unfinished\n")
