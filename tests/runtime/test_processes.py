"""What a handler forks or spawns ends by itself, and leaves the server alone."""

import asyncio
import json
import os
import signal
from typing import Any

import pytest

from emulator.runtime.outcome import Outcome
from tests.runtime.running import Running

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

FORK = """
import os, sys
def handler(event, context):
    pid = os.fork()
    if not pid:
        print("in the child", flush=True)
        {child}
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


@pytest.mark.parametrize(
    ("child", "status"),
    [
        ("return 'child'", 0),
        ("os._exit(3)", 3),
        ("sys.exit(4)", 4),
        ("sys.exit()", 0),
        ("raise ValueError('in the child')", 1),
    ],
)
def test_a_forked_child_ends_with_the_handler(
    running: Running, capfd: pytest.CaptureFixture[str], child: str, status: int
) -> None:
    outcome = running.run(running.function(FORK.format(child=child), timeout=5))
    assert outcome.payload == str(status).encode(), outcome.log
    assert "in the child" not in outcome.log
    said = capfd.readouterr().err
    assert said.count("in the child\n") == 1 + (status == 1)


PROCESS = """
import multiprocessing, os, sys, time
def work(pipe):
    import helper
    pipe.send([helper.X, os.environ.get("TABLE"), os.environ.get("OF_THE_HOST")])
def wait():
    time.sleep(60)
def handler(event, context):
    start = multiprocessing.get_context(event)
    if event == "fork":
        stopped = start.Process(target=wait)
        stopped.start()
        stopped.terminate()
        stopped.join()
    near, far = start.Pipe()
    process = start.Process(target=work, args=(far,))
    process.start()
    found = near.recv() if near.poll(20) else None
    process.join()
    return [*found, process.exitcode, stopped.exitcode if event == "fork" else None]
"""


@pytest.mark.parametrize(("method", "stopped"), [("fork", -signal.SIGTERM), ("spawn", None)])
def test_multiprocessing(running: Running, monkeypatch: pytest.MonkeyPatch, method: str, stopped: int | None) -> None:
    monkeypatch.setenv("OF_THE_HOST", "secret")
    running.write("orders/helper.py", "X = 'mine'")
    running.write("orders/app.py", PROCESS)
    function = running.function(
        name="orders", code=running.folder / "orders", environment={"TABLE": "orders"}, timeout=30.0
    )
    heard: list[int] = []

    async def with_the_servers_signals() -> Outcome:
        loop: Any = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, heard.append, signal.SIGTERM)
        try:
            return await running.executor.run(running.invocation(function, method))
        finally:
            loop.remove_signal_handler(signal.SIGTERM)

    outcome = running.runner.run(with_the_servers_signals())
    expected = ["mine", "orders", None, 0, None if stopped is None else int(stopped)]
    assert outcome.payload.decode() == json.dumps(expected), outcome.log
    assert heard == []
