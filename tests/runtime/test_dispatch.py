"""Where a function runs, by what it is and by what was asked for."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from emulator.clock import SystemClock
from emulator.runtime.dispatch import Executors, executor_of
from emulator.runtime.function import FunctionSpec
from emulator.runtime.outcome import Invocation, Outcome
from tests.runtime.processes import needs_node
from tests.runtime.running import ARN, REQUEST_ID


@pytest.mark.parametrize(
    ("runtime", "executor", "default", "expected"),
    [
        ("", "", "in-process", "in-process"),
        ("", "", "process", "process"),
        ("python3.13", "", "in-process", "in-process"),
        ("python3.13", "process", "in-process", "process"),
        ("", "in-process", "process", "in-process"),
        ("nodejs22.x", "", "in-process", "process"),
        ("nodejs22.x", "in-process", "in-process", "process"),
        ("provided.al2023", "", "in-process", "process"),
    ],
)
def test_where_a_function_runs(runtime: str, executor: str, default: str, expected: str) -> None:
    assert executor_of(runtime, executor, default) == expected


@needs_node
def test_each_function_runs_where_it_belongs(tmp_path: Path) -> None:
    python = "import os\ndef handler(event, context):\n    print('hello')\n    return os.getpid()"
    (tmp_path / "here.py").write_text(python)
    (tmp_path / "there.py").write_text(python)
    (tmp_path / "node.js").write_text("exports.handler = async () => { console.log('hello'); return process.pid }")
    functions = [
        FunctionSpec("here", ARN + "here", tmp_path / "here.py"),
        FunctionSpec("there", ARN + "there", tmp_path / "there.py", executor="process"),
        FunctionSpec("node", ARN + "node", tmp_path / "node.js", runtime="nodejs22.x", handler="node.handler"),
    ]
    threads: list[str] = []
    processes: list[str] = []

    async def all_of_them() -> list[Outcome]:
        executors = Executors(
            clock=SystemClock(),
            on_line_of_thread=lambda invocation, _: threads.append(invocation.function.name),
            on_line_of_process=lambda invocation, _: processes.append(invocation.function.name),
        )
        outcomes: list[asyncio.Future[Outcome]] = []
        for function in functions:
            outcomes.append(asyncio.get_running_loop().create_future())
            invocation = Invocation(function, b"{}", REQUEST_ID.format(1), function.arn)
            executors.submit(invocation, outcomes[-1].set_result)
        assert executors.in_flight == 3
        ended = await asyncio.gather(*outcomes)
        assert executors.in_flight == 0
        await executors.stop()
        with pytest.raises(RuntimeError, match="closed"):
            executors.submit(invocation, lambda outcome: None)
        return ended

    here, there, node = (json.loads(outcome.payload) for outcome in asyncio.run(all_of_them()))
    assert here == os.getpid()
    assert len({here, there, node}) == 3
    assert (threads, sorted(processes)) == (["here"], ["node", "there"])


def test_nothing_is_started_that_nobody_needs(tmp_path: Path) -> None:
    executors = Executors(clock=SystemClock())
    executors.close()
    assert executors._processes is None
    function = FunctionSpec("f", ARN + "f", tmp_path, executor="process")
    with pytest.raises(RuntimeError, match="closed"):
        executors.submit(Invocation(function, b"", "id", function.arn), lambda outcome: None)
