"""Whatever a function does to its process: an outcome comes in AWS's words, and nothing of it is left."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from emulator.runtime import endings, execution, run
from tests.runtime.processes import RunningProcesses, is_alive, kill, needs_proc
from tests.runtime.running import REQUEST_ID

pytestmark = needs_proc


def exited(how: str, number: int = 1) -> dict[str, str]:
    message = f"RequestId: {REQUEST_ID.format(number)} Error: Runtime exited {how}"
    return {"errorType": "Runtime.ExitError", "errorMessage": message}


@pytest.mark.parametrize(
    ("statement", "how"),
    [
        ("os._exit(0)", "without providing a reason"),
        ("os._exit(7)", "with error: exit status 7"),
        ("sys.exit(3)", "with error: exit status 3"),
        ("sys.exit()", "without providing a reason"),
        ("raise KeyboardInterrupt", "with error: signal: interrupt"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "with error: signal: killed"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "with error: signal: terminated"),
        ("os.abort()", "with error: signal: aborted"),
        ("ctypes.string_at(0)", "with error: signal: segmentation fault"),
    ],
)
def test_a_process_that_ends(processes: RunningProcesses, statement: str, how: str) -> None:
    function = processes.function(
        f"""
        import ctypes, os, signal, sys
        def handler(event, context):
            if event == "end":
                print("before")
                {statement}
            return os.getpid()
        """
    )
    pid = processes.result(function)
    outcome = processes.run(function, "end")
    assert json.loads(outcome.payload) == exited(how, 2)
    assert "before\n" in outcome.log
    ending = f"RequestId: {REQUEST_ID.format(2)} Error: Runtime exited {how}\nRuntime.ExitError\nEND"
    assert ending in outcome.log
    assert outcome.log.endswith("Status: error\tError Type: Runtime.ExitError\n")
    after = processes.run(function)
    assert json.loads(after.payload) != pid
    assert after.init_ms is None  # a cold start within the invocation is not told of by itself
    assert not is_alive(pid)


def test_a_handler_that_runs_out_of_time_is_killed_and_tmp_survives(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import os, signal, subprocess, time
        def handler(event, context):
            if not event:
                return sorted(os.listdir("/tmp")), open("/tmp/pids").read().split()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            child = subprocess.Popen(["sleep", "1000"])
            with open("/tmp/pids", "w") as file:
                print(os.getpid(), child.pid, file=file)
            print("still here")
            while True:
                try:
                    time.sleep(100)
                except BaseException:
                    pass
        """,
        timeout=1,
    )
    outcome = processes.run(function, 1)
    assert json.loads(outcome.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {REQUEST_ID.format(1)} Error: Task timed out after 1.00 seconds",
    }
    assert re.search(rf"still here\n\S+Z {REQUEST_ID.format(1)} Task timed out after 1\.00 seconds\n\nEND", outcome.log)
    assert "\tDuration: 1000.00 ms\t" in outcome.log
    assert outcome.log.endswith("Status: timeout\n")
    found, pids = processes.result(function, 0)
    assert found == ["pids"]
    assert not any(is_alive(int(pid)) for pid in pids)


def test_what_makes_itself_a_daemon_ends_with_its_environment(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import os, subprocess, sys, time
        def handler(event, context):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    open("/tmp/daemon", "w").write(str(os.getpid()))
                    time.sleep(1000)
                os._exit(0)
            detached = subprocess.Popen(["sleep", "1000"], start_new_session=True)
            while not os.path.exists("/tmp/daemon") or not open("/tmp/daemon").read():
                time.sleep(0.01)
            return [int(open("/tmp/daemon").read()), detached.pid, os.getpid()]
        """
    )
    pids = processes.result(function)
    assert all(is_alive(pid) for pid in pids)
    processes.executor.close()
    assert not any(is_alive(pid) for pid in pids)


@pytest.mark.parametrize("signal_name", ["SIGKILL", "SIGTERM"])
def test_nothing_outlives_the_emulator(tmp_path: Path, signal_name: str) -> None:
    """Also when that is killed without a word."""
    (tmp_path / "f.py").write_text("import os\ndef handler(event, context): return [os.getpid(), os.getppid()]")
    program = dedent(
        f"""
        import asyncio, os, signal
        from pathlib import Path
        from emulator.runtime.function import FunctionSpec
        from emulator.runtime.outcome import Invocation
        from emulator.runtime.process import Processes
        async def main():
            function = FunctionSpec("f", "arn:aws:lambda:us-east-1:000000000000:function:f", Path("f.py").absolute())
            executor = Processes()
            outcome = await executor.run(Invocation(function, b"", "id", function.arn))
            print(outcome.payload.decode(), flush=True)
            print(executor._world.folder, flush=True)
            os.kill(os.getpid(), signal.{signal_name})
        asyncio.run(main())
        """
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60,
                          check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())})  # fmt: skip
    pids, folder = done.stdout.splitlines()

    async def gone() -> None:
        while any(is_alive(pid) for pid in json.loads(pids)) or Path(folder).exists():
            await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(gone(), 20))


def test_a_killed_nursery_fails_what_runs(processes: RunningProcesses) -> None:
    function = processes.function("import time\ndef handler(e, c): time.sleep(e); return 1", timeout=60)
    assert processes.result(function, 0) == 1
    processes.settle()

    async def killed() -> Any:
        task = asyncio.create_task(processes.executor.run(processes.invocation(function, 50)))
        await asyncio.sleep(0)
        kill(processes.nursery())
        return await task

    outcome = processes.runner.run(killed())
    assert json.loads(outcome.payload) == exited("with error: signal: killed", 2)
    assert processes.result(function, 0) == 1


def test_memory_beyond_the_limit(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import os, time
        def handler(event, context):
            kept = bytearray(event << 20)
            kept[::4096] = b"x" * len(kept[::4096])
            time.sleep(1 if event > 100 else 0)
            return os.getpid()
        """,
        timeout=30,
    )
    small = processes.run(function, 60)
    assert 60 < small.memory_mb < 128
    outcome = processes.run(function, 300)
    assert json.loads(outcome.payload) == exited("with error: signal: killed", 2)
    assert re.search(r"\nebl: \d+ MB are in use, the function's memory is 128 MB\n", outcome.log)
    assert outcome.memory_mb >= 128


def test_memory_of_its_children_counts(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import subprocess, sys
        def handler(event, context):
            subprocess.run([sys.executable, "-c", "x = bytearray(300 << 20); x[::4096] = b'x' * len(x[::4096]); "
                                                  "import time; time.sleep(20)"])
        """,
        timeout=30,
    )
    assert json.loads(processes.run(function).payload) == exited("with error: signal: killed")


def test_too_much_in_tmp(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import os
        def handler(event, context):
            for number in range(event):
                with open(f"/tmp/{number}", "wb") as file:
                    file.write(os.urandom(1 << 20))
            return len(os.listdir("/tmp"))
        """,
        ephemeral_storage_mb=10,
    )
    assert processes.result(function, 5) == 5
    error = processes.error(function, 20)
    assert error["errorType"] == "Sandbox.StorageExceeded"
    assert (
        "No space left on device: /tmp holds 20 MB, the function's ephemeral storage is 10 MB" in error["errorMessage"]
    )


def test_one_file_that_grows_too_large_fails_at_once(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        def handler(event, context):
            with open("/tmp/large", "wb") as file:
                file.truncate(event << 20)
        """,
        ephemeral_storage_mb=10,
    )
    assert processes.error(function, 20)["errorType"] == "OSError"
    assert processes.run(function, 5).function_error is None


def test_gigabytes_of_output_do_not_block_anybody(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import os
        def handler(event, context):
            for _ in range(event):
                os.write(1, b"x" * 99 + b"\\n")
            print("the last line")
            return "done"
        """,
        timeout=60,
    )
    outcome = processes.run(function, 200_000)
    assert outcome.payload == b'"done"'
    assert len(outcome.log) < 1_001_000
    assert "the last line\nEND" in outcome.log
    assert re.search(r"START .*\n\[\d+,\d+,\d+ characters left out: a log keeps the last 1,000,000\]\n", outcome.log)


def test_output_in_the_background_does_not_block_anybody(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import subprocess
        def handler(event, context):
            subprocess.Popen(["yes"])
            return "done"
        """
    )
    assert processes.result(function) == "done"
    assert processes.run(function).payload == b'"done"'


def test_a_result_that_is_too_large(processes: RunningProcesses) -> None:
    function = processes.function(
        "import os\ndef handler(e, c): return 'x' * e if e else os.getpid()", memory_mb=1024, timeout=60
    )
    pid = processes.result(function, 0)
    assert len(processes.result(function, 6_291_554)) == 6_291_554
    assert processes.error(function, 6_291_555) == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert processes.error(function, 60_000_000)["errorType"] == "Function.ResponseSizeTooLarge"
    processes.settle()
    assert processes.result(function, 0) == pid


@pytest.mark.parametrize("statement", ["os.closerange(0, 3)", "os.closerange(0, 100)", "sys.stdout.close()"])
def test_a_handler_that_closes_files(processes: RunningProcesses, statement: str) -> None:
    function = processes.function(
        f"""
        import os, sys
        def handler(event, context):
            {statement}
            return "done"
        """
    )
    for _ in range(3):
        outcome = processes.run(function)
        assert outcome.payload == b'"done"' or outcome.error_type in ("ValueError", "Runtime.ExitError", "OSError")


def test_a_forked_child_that_comes_to_the_end_of_the_handler_answers_nothing(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import os
        def handler(event, context):
            pid = os.fork()
            if pid:
                os.waitpid(pid, 0)
            return "parent" if pid else "child"
        """
    )
    assert [processes.result(function) for _ in range(3)] == ["parent"] * 3


def test_a_cold_start_that_fails_is_tried_again_in_the_invocation(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        print("loading")
        raise ValueError("at import")
        """,
        handler="charge.handler",
    )
    for number in (1, 2):
        outcome = processes.run(function)
        assert json.loads(outcome.payload)["errorMessage"] == "at import"
        assert json.loads(outcome.payload)["requestId"] == ""
        assert (
            re.fullmatch(
                r"loading\n\[ERROR\] ValueError: at import\n(.*\n)+"
                r"INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: error\tError Type: ValueError\n"
                r"loading\n\[ERROR\] ValueError: at import\n(.*\n)+"
                r"INIT_REPORT Init Duration: [\d.]+ ms\tPhase: invoke\tStatus: error\tError Type: ValueError\n"
                rf"START RequestId: {REQUEST_ID.format(number)} Version: \$LATEST\n(.*\n)*END .*\n"
                r"REPORT .*\tStatus: error\tError Type: ValueError\n",
                outcome.log,
            )
            or number == 2
        ), outcome.log
    processes.write("charge.py", "def handler(event, context): return 'mended'")
    assert processes.result(function) == "mended"


def test_a_process_that_ends_in_its_cold_start(processes: RunningProcesses) -> None:
    function = processes.function("import os\nos._exit(5)", handler="charge.handler")
    assert processes.error(function) == exited("with error: exit status 5")


def test_a_cold_start_that_takes_too_long(processes: RunningProcesses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "INIT_SECONDS", 2.0)
    function = processes.function(
        """
        import os, time
        if not os.path.exists("/tmp/second"):
            open("/tmp/second", "w").close()
            time.sleep(1000)
        def handler(event, context): return "at last"
        """,
        timeout=20,
    )
    outcome = processes.run(function)
    assert outcome.payload == b'"at last"'
    assert re.match(r"INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: timeout\nSTART", outcome.log)
    assert run.INIT_SECONDS == 10.0


def test_a_cold_start_that_never_ends(processes: RunningProcesses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "INIT_SECONDS", 0.3)
    function = processes.function("import time\ntime.sleep(1000)", handler="charge.handler", timeout=0.5)
    outcome = processes.run(function)
    assert json.loads(outcome.payload)["errorType"] == "Sandbox.Timedout"
    assert "Phase: invoke\tStatus: timeout\n" in outcome.log


def test_many_that_wait_for_a_cold_start_that_fails(processes: RunningProcesses) -> None:
    function = processes.function("raise ValueError('x')", handler="charge.handler")
    outcomes = processes.run_all(processes.invocation(function) for _ in range(12))
    assert {outcome.error_type for outcome in outcomes} == {"ValueError"}


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (0, "without providing a reason"),
        (1 << 8, "with error: exit status 1"),
        (255 << 8, "with error: exit status 255"),
        (9, "with error: signal: killed"),
        (11 | 128, "with error: signal: segmentation fault"),
        (64, "with error: signal: signal 64"),
    ],
)
def test_the_words_for_how_a_process_ended(status: int, text: str) -> None:
    assert endings.ending(status) == text


def test_nothing_grows_with_the_number_of_invocations(processes: RunningProcesses) -> None:
    """Neither files that are open here, nor processes, nor zombies, nor folders."""
    function = processes.function("import os\ndef handler(e, c): os._exit(1) if e else None")

    def state() -> tuple[int, int]:
        children = Path(f"/proc/{processes.nursery()}/task/{processes.nursery()}/children").read_text().split()
        return len(os.listdir("/proc/self/fd")), len(children)

    processes.run(function)
    before = state()
    for number in range(60):
        processes.run(function, int(number % 3 == 0))
    processes.run(function)
    processes.settle()
    assert state() == before
    assert len(list(processes.temporary_folder().iterdir())) <= 2
