"""Python functions in processes: what they get, what comes back, and which process runs what."""

import asyncio
import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from emulator.runtime.outcome import Outcome
from tests.runtime.processes import RunningProcesses, is_alive, kill, needs_proc, running_processes
from tests.runtime.running import ARN, REQUEST_ID

ECHO = "def handler(event, context): return event"
COUNT = """
import os
print("loading")
count = 0
def handler(event, context):
    global count
    count += 1
    return [os.getpid(), count]
"""
SLEEPY = """
import os, time
def handler(event, context):
    time.sleep(event)
    return os.getpid()
"""

MEETING = """
import os, socket
def handler(event, context):
    if event:
        with socket.create_connection(("127.0.0.1", event)) as connection:
            connection.recv(1)
    return os.getpid()
"""


@contextmanager
def meeting_place(count: int) -> Iterator[int]:
    """A port whose callers are let go when there are so many of them."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            callers = [server.accept()[0] for _ in range(count)]
            for caller in callers:
                caller.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(20)


@pytest.mark.parametrize("event", [{"id": 1}, [1, "ü", None], "text", 1.5, True, None, {"big": "x" * 5_000_000}])
def test_an_event_goes_in_and_a_result_comes_out(processes: RunningProcesses, event: Any) -> None:
    assert processes.result(processes.function(ECHO), event if event is not None else b"null") == event


def test_no_payload_is_an_empty_object(processes: RunningProcesses) -> None:
    assert processes.result(processes.function(ECHO), b"") == {}


def test_a_process_stays_warm_and_its_log_is_that_of_aws(processes: RunningProcesses) -> None:
    function = processes.function(COUNT)
    cold, warm = processes.run(function), processes.run(function)
    (pid, first), (same, second) = json.loads(cold.payload), json.loads(warm.payload)
    assert (first, second, same) == (1, 2, pid)
    assert re.fullmatch(
        rf"loading\nSTART RequestId: {REQUEST_ID.format(1)} Version: \$LATEST\nEND RequestId: {REQUEST_ID.format(1)}\n"
        rf"REPORT RequestId: {REQUEST_ID.format(1)}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n",
        cold.log,
    )
    assert "Init Duration" not in warm.log
    assert warm.log.startswith("START")
    assert cold.init_ms is not None
    assert warm.init_ms is None
    assert processes.lines == [("charge", "loading")]


def test_what_is_printed_comes_as_lines_and_an_unfinished_one_belongs_to_the_next_log(
    processes: RunningProcesses,
) -> None:
    function = processes.function(
        """
        import os, subprocess, sys
        def handler(event, context):
            print("ü", event)
            sys.stderr.write("to stderr\\n")
            os.write(1, b"by its number\\n")
            subprocess.run(["echo", "by a child"])
            print("half", end="")
        """
    )
    first, second = processes.run(function, 1), processes.run(function, 2)
    printed = "ü {}\nto stderr\nby its number\nby a child\nEND"
    assert printed.format(1) in first.log
    assert "half" not in first.log
    assert "half" + printed.format(2) in second.log
    assert [line for _, line in processes.lines][:4] == ["ü 1", "to stderr", "by its number", "by a child"]


def test_errors_are_those_of_aws(both_paths: RunningProcesses) -> None:
    function = both_paths.function(
        """
        class CustomError(Exception): pass
        def handler(event, context):
            raise CustomError("wrong")
        """
    )
    outcome = both_paths.run(function)
    assert outcome.function_error == "Unhandled"
    assert list(json.loads(outcome.payload).items()) == [
        ("errorMessage", "wrong"),
        ("errorType", "CustomError"),
        ("requestId", REQUEST_ID.format(1)),
        ("stackTrace", ['  File "/var/task/charge.py", line 4, in handler\n    raise CustomError("wrong")\n']),
    ]
    assert (
        '[ERROR] CustomError: wrong\nTraceback (most recent call last):\n\u00a0\u00a0File "/var/task/charge.py", '
        'line 4, in handler\n\u00a0\u00a0\u00a0\u00a0raise CustomError("wrong")\nEND'
    ) in outcome.log
    assert outcome.where is not None
    assert outcome.where.endswith("functions/charge.py:4")
    assert (outcome.error_type, outcome.error_message) == ("CustomError", "wrong")


def test_variables_and_folders_are_those_of_aws(both_paths: RunningProcesses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SHELL_HAS", "this")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    function = both_paths.function(
        """
        import os, sys, tempfile
        def handler(event, context):
            open(os.environ["LAMBDA_TASK_ROOT"] + "/charge.py").close()
            with tempfile.NamedTemporaryFile() as file:
                return dict(os.environ), os.getcwd(), sys.argv, os.path.dirname(file.name)
        """,
        environment={"TABLE": "orders"}, memory_mb=256,
    )  # fmt: skip
    found, cwd, argv, temporary = both_paths.result(function, trace="Root=1-2-3")
    assert not {"MY_SHELL_HAS", "HTTPS_PROXY", "HOME"} & found.keys()
    mapped = both_paths.executor._map_paths
    root = "/var/task" if mapped else str(both_paths.folder.resolve())
    assert cwd == found["LAMBDA_TASK_ROOT"] == found["PWD"] == root
    assert temporary == ("/tmp" if mapped else found["TMPDIR"])
    assert argv == ["/var/runtime/bootstrap.py"]
    assert found["PATH"].startswith("/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin:")
    assert re.fullmatch(r"127\.0\.0\.1:\d+", found["AWS_LAMBDA_RUNTIME_API"])
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", found["AWS_LAMBDA_LOG_STREAM_NAME"])
    expected = {
        "TABLE": "orders", "_HANDLER": "charge.handler", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "TZ": ":UTC",
        "_X_AMZN_TRACE_ID": "Root=1-2-3", "LANG": "en_US.UTF-8", "LC_CTYPE": "C.UTF-8", "SHLVL": "0",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/charge",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR", "LAMBDA_RUNTIME_DIR": "/var/runtime",
    }  # fmt: skip
    assert {name: found.get(name) for name in expected} == expected


def test_the_context_is_lambdas(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        def handler(event, context):
            return {
                "id": context.aws_request_id, "arn": context.invoked_function_arn, "name": context.function_name,
                "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis(),
                "client": context.client_context.custom, "tenant": context.tenant_id, "group": context.log_group_name,
            }
        """,
        timeout=10,
    )
    found = processes.result(function, client_context='{"custom":\n {"a": "ü"}}', tenant_id="blue")
    assert 8000 < found.pop("left") <= 10_000
    assert found == {
        "id": REQUEST_ID.format(1), "arn": ARN + "charge", "name": "charge", "memory": "128", "client": {"a": "ü"},
        "tenant": "blue", "group": "/aws/lambda/charge",
    }  # fmt: skip


def test_logging_is_set_up_as_on_aws(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import logging
        logging.getLogger().setLevel("INFO")
        def handler(event, context):
            logging.info("counted %d", 3)
        """
    )
    log = processes.run(function).log
    assert re.search(rf"\n\[INFO\]\t\d{{4}}-\d\d-\d\dT[\d:.]+Z\t{REQUEST_ID.format(1)}\tcounted 3\n", log)


def test_a_log_of_records(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import logging
        def handler(event, context):
            logging.info("counted %d", 3, extra={"table": "orders"})
            raise ValueError("wrong")
        """,
        log_format="JSON",
    )
    start, info, error, report = map(json.loads, processes.run(function).log.splitlines())
    assert start["type"] == "platform.start"
    assert start["record"] == {"requestId": REQUEST_ID.format(1), "version": "$LATEST"}
    assert info | {"timestamp": ""} == {
        "timestamp": "", "level": "INFO", "message": "counted 3", "logger": "root", "requestId": REQUEST_ID.format(1),
        "table": "orders",
    }  # fmt: skip
    assert (error["level"], error["errorType"], error["errorMessage"]) == ("ERROR", "ValueError", "wrong")
    assert report["type"] == "platform.report"
    assert report["record"]["metrics"].keys() >= {"durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB"}


def test_handlers_run_side_by_side_and_the_last_used_process_runs_the_next(processes: RunningProcesses) -> None:
    function = processes.function(MEETING, timeout=20)
    with meeting_place(4) as port:
        outcomes = processes.run_all(processes.invocation(function, port) for _ in range(4))
    pids = [json.loads(outcome.payload) for outcome in outcomes]
    assert len(set(pids)) == 4
    processes.settle()
    first = processes.result(function, 0)
    processes.settle()
    assert processes.result(function, 0) == first
    assert len(processes.executor._environments) == 4


def test_a_burst_of_short_invocations_needs_few_processes(processes: RunningProcesses) -> None:
    function = processes.function(COUNT)
    outcomes = processes.run_all(processes.invocation(function) for _ in range(200))
    assert len({json.loads(outcome.payload)[0] for outcome in outcomes}) < 20


def test_no_more_than_the_bound_run_at_once_and_who_has_nothing_is_not_forgotten(tmp_path: Any) -> None:
    with running_processes(tmp_path / "functions", max_environments=2) as bounded:
        greedy, other = bounded.function(SLEEPY, name="greedy"), bounded.function(SLEEPY, name="other")
        order: list[str] = []

        async def all_of_them() -> None:
            async def one(function: Any) -> None:
                await bounded.executor.run(bounded.invocation(function, 0.05))
                order.append(function.name)
                assert len(bounded.executor._environments) <= 2

            functions = [greedy] * 4 + [other] + [greedy] * 20
            await asyncio.gather(*(one(function) for function in functions))

        bounded.runner.run(all_of_them())
        assert order.index("other") < len(order) - 5


def test_an_idle_process_ends(tmp_path: Any) -> None:
    with running_processes(tmp_path / "functions", idle_seconds=0.2) as brief:
        pid, _ = brief.result(brief.function(COUNT))

        async def wait() -> None:
            while brief.executor._environments or is_alive(pid):
                await asyncio.sleep(0.02)

        brief.runner.run(asyncio.wait_for(wait(), 20))


def test_a_change_of_its_files_makes_a_new_process(processes: RunningProcesses) -> None:
    app = "from helper import value\ndef handler(e, c): return value"
    function = processes.folder_function("charge", {"app.py": app, "helper.py": "value = 1"})
    assert processes.result(function) == 1
    processes.write("charge/helper.py", "value = 22")
    assert processes.result(function) == 22
    assert [(name, [os.path.basename(file) for file in files]) for name, files in processes.reloads] == [
        ("charge", ["helper.py"])
    ]
    processes.write("charge/app.py", "def handler(e, c) return 3")
    assert processes.error(function)["errorType"] == "Runtime.UserCodeSyntaxError"
    processes.write("charge/app.py", "def handler(e, c): return 3")
    assert processes.result(function) == 3


def test_a_change_of_configuration_makes_a_new_process(processes: RunningProcesses) -> None:
    source = "import os\ndef handler(e, c): return os.environ['A']"
    assert processes.result(processes.function(source, environment={"A": "1"})) == "1"
    assert processes.result(processes.function("", environment={"A": "2"})) == "2"
    assert len(processes.executor._environments) == 1


def test_a_function_of_one_file_is_not_started_anew_for_another_one(processes: RunningProcesses) -> None:
    function = processes.function(COUNT)
    processes.function(ECHO, name="other")
    before = processes.result(function)
    processes.write("other.py", "def handler(event, context): return 2")
    assert processes.result(function) == [before[0], 2]
    processes.write("_shared.py", "value = 1")
    assert processes.result(function) == [before[0], 3]


def test_modules_that_begin_with_an_underscore_are_shared(both_paths: RunningProcesses) -> None:
    both_paths.write("_shared.py", "value = 'shared'")
    function = both_paths.folder_function(
        "charge", {"app.py": "import _shared\ndef handler(e, c): return _shared.value"}
    )
    assert both_paths.result(function) == "shared"


@pytest.mark.parametrize(
    "handler", ["app.handler", "app:handler", "functions/charge/app.py:handler", "sub/deep.handler"]
)
def test_a_handler_is_found_however_it_is_named(processes: RunningProcesses, handler: str) -> None:
    text = "def handler(e, c): return __name__"
    function = processes.folder_function("charge", {"app.py": text, "sub/deep.py": text}, handler=handler)
    assert processes.result(function) in ("app", "sub.deep")


def test_the_real_aws_is_not_called(processes: RunningProcesses) -> None:
    function = processes.function(
        """
        import socket
        def handler(event, context):
            socket.getaddrinfo("sts.us-east-1.amazonaws.com", 443, flags=socket.AI_NUMERICHOST)  # asks nobody
        """
    )
    error = processes.error(function)
    assert error["errorType"] == "RealAwsRefused"
    assert error["errorMessage"].startswith(
        "/var/task/charge.py:4 (function charge) calls the real AWS (sts.us-east-1."
    )
    allowed = processes.function("", real_aws=frozenset({"sts"}))
    assert processes.error(allowed)["errorType"] == "gaierror"


def test_outcomes_are_those_of_a_thread(processes: RunningProcesses) -> None:
    """The same source, on a thread and in a process: the same error objects, but for the paths."""
    from tests.runtime.running import Running

    running = Running(processes.folder)
    sources = {
        "a_set": "def handler(e, c): return {1}",
        "no_module": "import nothing_of_that_name\ndef handler(e, c): pass",
        "no_handler": "x = 1",
        "raises": "def handler(e, c): raise KeyError('a')",
        "at_import": "raise ValueError('at import')",
        "numbers_": "from decimal import Decimal\ndef handler(e, c): return [Decimal('1.50'), float('nan'), 'ü', b'x']",
        "bytes": "def handler(e, c): return b'\\xff'",
        "large": "def handler(e, c): return 'x' * 7_000_000",
        "coroutine": "async def handler(e, c): return 1",
    }
    for name, source in sources.items():
        function = processes.function(source, name=name, handler=f"{name}.handler")
        here, there = running.run(function), processes.run(function)
        assert _without_paths(there) == _without_paths(here), name
    running.close()


def _without_paths(outcome: Outcome) -> Any:
    text = re.sub(r'File \\"[^"]*/', 'File \\"', outcome.payload.decode(errors="replace"))
    return re.sub(r"[0-9a-f-]{36}", "", text), outcome.function_error, outcome.error_type, outcome.error_message


@needs_proc
def test_closing_ends_every_process_and_leaves_nothing_on_disk(processes: RunningProcesses) -> None:
    pid, _ = processes.result(processes.function(COUNT))
    nursery, folder = processes.nursery(), processes.temporary_folder()
    assert is_alive(pid)
    assert folder.is_dir()
    processes.executor.close()
    assert not is_alive(pid)
    assert not is_alive(nursery)
    assert not folder.exists()
    with pytest.raises(RuntimeError, match="closed"):
        processes.run(processes.function(""))


@needs_proc
def test_a_nursery_that_was_killed_is_replaced(processes: RunningProcesses) -> None:
    function = processes.function(COUNT)
    pid, _ = processes.result(function)
    kill(processes.nursery())

    async def gone() -> None:
        world = processes.executor._world
        while world is not None and world.spawner.alive:
            await asyncio.sleep(0.01)

    processes.runner.run(asyncio.wait_for(gone(), 10))
    other, count = processes.result(function)
    assert (other != pid, count) == (True, 1)
    assert not is_alive(pid)
