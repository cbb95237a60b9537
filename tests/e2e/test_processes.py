"""Functions in processes of their own, on a server as a user starts it."""

import asyncio
import base64
import io
import json
import os
import re
import signal
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import BIN, CLEAN, Server, running
from tests.runtime.processes import is_alive, needs_node, needs_proc

PYTHON = """\
import os


def handler(event, context):
    print("hello from", os.getpid())
    if "fail" in event:
        raise KeyError("amount")
    return {"pid": os.getpid(), "root": os.environ["LAMBDA_TASK_ROOT"], "left": context.get_remaining_time_in_millis()}
"""


def invoke(server: Server, name: str, event: Any = None) -> tuple[Any, str]:
    """The payload and the tail of the log."""
    answer = server.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}), LogType="Tail")
    return json.load(answer["Payload"]), base64.b64decode(answer["LogResult"]).decode()


def write(project: Path, **files: str) -> None:
    for name, text in files.items():
        (project / "functions" / name.replace("__", ".")).write_text(text)


@pytest.mark.parametrize("words", [["--executor", "process"], []])
def test_python_runs_in_a_process_when_it_is_asked_to(project: Path, words: list[str]) -> None:
    write(project, charge__py=PYTHON, here__py="import os\ndef handler(event, context): return os.getpid()")
    settings = "functions: {here: {executor: in-process}}" if words else "functions: {charge: {executor: process}}"
    (project / "config.yaml").write_text(settings)
    with running(project, *words) as server:
        screen = "\n".join(server.screen)
        assert re.search(r"charge +functions/charge\.py:handler +process\n", screen)
        assert re.search(r"here +functions/here\.py:handler +in-process\n", screen)
        found, log = invoke(server, "charge")
        assert found["pid"] != server.process.pid
        assert f"hello from {found['pid']}\nEND" in log
        again, _ = invoke(server, "charge")
        assert again["pid"] == found["pid"]
        assert invoke(server, "here")[0] == server.process.pid
        error, _ = invoke(server, "charge", {"fail": 1})
        assert error["stackTrace"][0].startswith('  File "/var/task/charge.py", line 7, in handler')
        shown = server.lines_until("✗ charge")
        assert "charge        │ hello from" in "\n".join(shown)
        assert "functions/charge.py:7" in shown[-1]


def test_the_variable_and_the_file_say_it_too(project: Path) -> None:
    write(project, charge__py=PYTHON)
    with running(project, EBL_EXECUTOR="process") as server:
        assert invoke(server, "charge")[0]["pid"] != server.process.pid
    (project / "config.yaml").write_text("executor: process")
    with running(project) as server:
        assert invoke(server, "charge")[0]["pid"] != server.process.pid
    with running(project, "--executor", "in-process") as server:
        assert invoke(server, "charge")[0]["pid"] == server.process.pid


@needs_node
def test_an_event_reaches_a_function_in_javascript_which_puts_another(project: Path) -> None:
    write(project, hello__mjs="""\
export const handler = async (event) => {
  console.log("got", event.detail.id)
  const answer = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: "POST", body: "{}",
    headers: {"X-Amz-Target": "AWSEvents.DescribeEventBus", "Content-Type": "application/x-amz-json-1.1"},
  })
  return {id: event.detail.id, bus: (await answer.json()).Name}
}
""")  # fmt: skip
    (project / "config.yaml").write_text("rules: {all: {pattern: {source: [shop]}, targets: [hello]}}")
    with running(project) as server:
        delivery = server.put("shop", "OrderPlaced", {"id": 7})["deliveries"][0]
        assert delivery["state"] == "delivered"
        assert "\tINFO\tgot 7\n" in delivery["attempts"][0]["log"]
        assert delivery["attempts"][0]["result"] == '{"id":7,"bus":"default"}'


def test_a_zip_runs_in_a_process(project: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", PYTHON)
    with running(project) as server:
        client = server.client("lambda")
        client.create_function(
            FunctionName="zipped", Runtime="python3.13", Role="arn:aws:iam::000000000000:role/r", Handler="app.handler",
            Code={"ZipFile": archive.getvalue()},
        )  # fmt: skip
        client.get_waiter("function_active_v2").wait(FunctionName="zipped", WaiterConfig={"Delay": 1})
        found, log = invoke(server, "zipped")
        assert found["pid"] != server.process.pid
        assert "Init Duration" in log


@needs_proc
def test_nothing_outlives_a_server_that_is_killed(project: Path) -> None:
    write(project, charge__py=PYTHON)
    process = subprocess.Popen(
        [BIN / "ebl", "start", "--port", "0", "--executor", "process"], cwd=project, env=CLEAN,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    server = Server(process)
    pid = invoke(server, "charge")[0]["pid"]
    assert is_alive(pid)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=20)

    async def gone() -> None:
        while is_alive(pid):
            await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(gone(), 20))
