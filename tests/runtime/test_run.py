"""What a run gives back: result or error object, and the log, in AWS's words."""

import json
import re
import sys

import pytest

from emulator.runtime.fault import MAX_RESPONSE_BYTES
from tests.runtime.running import REQUEST_ID, Running

ID = REQUEST_ID.format(1)


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        ("return {'ok': True}", b'{"ok": true}'),
        ("return None", b"null"),
        ("return 'text'", b'"text"'),
        ("return b'\\xff raw'", b"\xff raw"),
        ("return event", '{"a": [1, "\u00e4"]}'.encode()),
        ("event.clear(); return event", b"{}"),
        ("import decimal; return [decimal.Decimal('1.50'), float('nan')]", b"[1.50, NaN]"),
    ],
)
def test_results(running: Running, body: str, payload: bytes) -> None:
    outcome = running.run(running.function(f"def handler(event, context): {body}"), {"a": [1, "\u00e4"]})
    assert (outcome.payload, outcome.function_error, outcome.error_type, outcome.where) == (payload, None, None, None)
    assert outcome.request_id == ID


def test_no_payload_is_an_empty_object(running: Running) -> None:
    assert running.result(running.function("def handler(event, context): return event"), b"") == {}


def test_the_log_of_a_cold_and_of_a_warm_run(running: Running) -> None:
    function = running.function(
        """
        import logging
        print("loading")
        def handler(event, context):
            print("charging order", event["id"])
            logging.getLogger().warning("late")
        """
    )
    cold, warm = running.run(function, {"id": 1}), running.run(function, {"id": 2})
    assert _masked(cold.log) == (
        "loading\n"
        "START RequestId: <id> Version: $LATEST\n"
        "charging order 1\n"
        "[WARNING]\t<when>\t<id>\tlate\n"
        "END RequestId: <id>\n"
        "REPORT RequestId: <id>\tDuration: <n> ms\tBilled Duration: <n> ms\tMemory Size: 128 MB\t"
        "Max Memory Used: <n> MB\tInit Duration: <n> ms\t\n"
    )
    assert _masked(warm.log) == (
        "START RequestId: <id> Version: $LATEST\n"
        "charging order 2\n"
        "[WARNING]\t<when>\t<id>\tlate\n"
        "END RequestId: <id>\n"
        "REPORT RequestId: <id>\tDuration: <n> ms\tBilled Duration: <n> ms\tMemory Size: 128 MB\t"
        "Max Memory Used: <n> MB\t\n"
    )
    assert cold.init_ms is not None
    assert warm.init_ms is None
    billed = re.search(r"Billed Duration: (\d+)", cold.log)
    assert billed is not None
    assert int(billed[1]) - 1 < cold.duration_ms + cold.init_ms <= int(billed[1])


def _masked(log: str) -> str:
    log = re.sub(r"8f31c2aa-[-0-9a-f]+", "<id>", log)
    log = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<when>", log)
    return re.sub(r"(Duration: |Used: )[\d.]+", r"\1<n>", log)


def test_an_exception(running: Running) -> None:
    outcome = running.run(
        running.function(
            """
            def handler(event, context):
                return amount(event)

            def amount(event):
                return event["amount"]
            """
        )
    )
    file = f"{running.folder}/charge.py"
    assert outcome.payload.decode() == json.dumps(
        {
            "errorMessage": "'amount'",
            "errorType": "KeyError",
            "requestId": ID,
            "stackTrace": [
                f'  File "{file}", line 3, in handler\n    return amount(event)\n',
                f'  File "{file}", line 6, in amount\n    return event["amount"]\n',
            ],
        }
    )
    assert (outcome.function_error, outcome.error_type, outcome.error_message) == ("Unhandled", "KeyError", "'amount'")
    assert outcome.where == f"{file}:6"
    assert (
        f"START RequestId: {ID} Version: $LATEST\n"
        "[ERROR] KeyError: 'amount'\n"
        "Traceback (most recent call last):\n"
        f'\u00a0\u00a0File "{file}", line 3, in handler\n'
        "\u00a0\u00a0\u00a0\u00a0return amount(event)\n"
        f'\u00a0\u00a0File "{file}", line 6, in amount\n'
        '\u00a0\u00a0\u00a0\u00a0return event["amount"]\n'
        f"END RequestId: {ID}\n"
    ) in outcome.log


def test_files_are_named_as_seen_from_where_the_server_runs(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(running.folder.parent)
    outcome = running.run(running.function("def handler(event, context): return 1 / 0"))
    assert outcome.where == "functions/charge.py:1"
    assert '\\"functions/charge.py\\", line 1, in handler' in outcome.payload.decode()


def test_the_line_that_failed_is_the_users_own(running: Running) -> None:
    outcome = running.run(running.function("import json\ndef handler(event, context):\n    json.loads('{')"))
    assert outcome.error_type == "JSONDecodeError"
    assert outcome.where == f"{running.folder}/charge.py:3"
    assert len(json.loads(outcome.payload)["stackTrace"]) > 2


@pytest.mark.parametrize(
    ("body", "error_type", "message"),
    [
        (
            "return {1, 2}",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
        (
            "return (x for x in [])",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type generator is not JSON serializable",
        ),
        (
            "return {(1,): 2}",
            "Runtime.MarshalError",
            "Unable to marshal response: keys must be str, int, float, bool or None, not tuple",
        ),
        ("raise Exception", "Exception", ""),
        ("raise Exception('h\u00e4\u2028')", "Exception", "h\u00e4\u2028"),
        ("raise ValueError('a', 1)", "ValueError", "('a', 1)"),
        ("handler(event, context)", "RecursionError", "maximum recursion depth exceeded"),
        ("raise TimeoutError('slow')", "TimeoutError", "slow"),
        ("import asyncio; asyncio.run(asyncio.wait_for(asyncio.sleep(9), 0))", "TimeoutError", ""),
        ("context.nothing", "AttributeError", "'LambdaContext' object has no attribute 'nothing'"),
    ],
)
def test_errors(running: Running, body: str, error_type: str, message: str) -> None:
    error = running.error(running.function(f"def handler(event, context): {body}"))
    assert (error["errorType"], error["errorMessage"].partition(" while")[0]) == (error_type, message)
    assert list(error) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert error["requestId"] == ID


def test_a_file_that_aws_would_find_in_the_working_directory(running: Running) -> None:
    running.write("greeting.txt", "hello")
    function = running.function("import os\ndef handler(event, context): os.stat(event)")
    hint = f"ebl: greeting.txt lies in {running.folder}, which is not the working directory here; use Path(__file__)"
    outcome = running.run(function, "greeting.txt")
    assert hint in outcome.log
    assert b"ebl:" not in outcome.payload
    assert [text.partition(";")[0] in hint for _, text in running.lines] == [True]
    assert "ebl:" not in running.run(function, "nothing.txt").log
    assert "ebl:" not in running.run(function, "/nothing.txt").log


@pytest.mark.parametrize("place", ["module", "handler"])
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("import nobody_wrote_this.part", f"to install it there: {sys.executable} -m pip install nobody_wrote_this ("),
        ("import utils", "utils lies beside the function's folder, where it sees only what begins with '_'"),
        ("import orders.nothing", ""),
        ("import json.nothing", ""),
    ],
)
def test_a_module_that_is_missing(running: Running, place: str, statement: str, said: str) -> None:
    running.write("utils.py", "")
    body = f"{statement}\ndef handler(event, context): ..."
    running.write("orders/app.py", body if place == "module" else f"def handler(event, context):\n    {statement}")
    outcome = running.run(running.function(name="orders", code=running.folder / "orders"))
    assert "No module named" in str(outcome.error_message)
    hints = [line for line in outcome.log.splitlines() if line.startswith("ebl:")]
    assert [said in line for line in hints] == [True] * bool(said)
    assert [text for _, text in running.lines] == hints
    assert b"ebl:" not in outcome.payload


def test_a_handler_that_is_named_and_missing_is_nothing_to_install(running: Running) -> None:
    running.write("orders/app.py", "")
    outcome = running.run(running.function(name="orders", code=running.folder / "orders", handler="apq.handler"))
    assert outcome.error_message == "Unable to import module 'apq': No module named 'apq'"
    assert "ebl:" not in outcome.log


def test_a_coroutine_is_not_awaited(running: Running) -> None:
    outcome = running.run(running.function("async def handler(event, context): ..."))
    assert outcome.error_message == "Unable to marshal response: Object of type coroutine is not JSON serializable"
    assert outcome.where == f"{running.folder}/charge.py:1"


def test_a_payload_that_is_no_json(running: Running) -> None:
    error = running.error(running.function("def handler(event, context): ..."), b"{")
    assert error["errorType"] == "Runtime.UnmarshalError"
    assert error["errorMessage"].startswith("Unable to unmarshal input: Expecting property name enclosed")


@pytest.mark.parametrize(
    ("body", "reason", "printed"),
    [
        ("sys.exit()", "without providing a reason", ""),
        ("sys.exit(0)", "without providing a reason", ""),
        ("sys.exit(3)", "with error: exit status 3", ""),
        ("sys.exit(-1)", "with error: exit status 255", ""),
        ("sys.exit('bye')", "with error: exit status 1", "bye\n"),
        ("quit()", "without providing a reason", ""),
        ("raise KeyboardInterrupt", "with error: signal: interrupt", "KeyboardInterrupt\n"),
        ("raise GeneratorExit('x')", "with error: exit status 1", "GeneratorExit: x\n"),
        ("raise Silent", "with error: exit status 1", "TypeError: no text\n"),
        ("return '\\ud800'", "with error: exit status 1", "UnicodeEncodeError: 'utf-8' codec"),
    ],
)
def test_what_ends_the_process_on_aws(running: Running, body: str, reason: str, printed: str) -> None:
    function = running.function(
        f"""
        import sys
        class Silent(Exception):
            def __str__(self):
                raise TypeError("no text")
        count = 0
        def handler(event, context):
            global count
            count += 1
            if event:
                {body}
            return count
        """
    )
    assert running.result(function) == 1
    outcome = running.run(function, {"fail": True})
    request_id = REQUEST_ID.format(2)
    message = f"RequestId: {request_id} Error: Runtime exited {reason}"
    assert outcome.payload.decode() == json.dumps(
        {"errorType": "Runtime.ExitError", "errorMessage": message}, separators=(",", ":")
    )
    assert printed in outcome.log
    assert f"{message}\nRuntime.ExitError\nEND" in outcome.log
    assert outcome.log.endswith("Status: error\tError Type: Runtime.ExitError\n")
    assert running.result(function) == 1  # starts anew


def test_an_unfinished_line_before_the_end(running: Running) -> None:
    outcome = running.run(running.function("import sys\ndef handler(event, context): print('.', end=''); sys.exit(1)"))
    assert "$LATEST\n.\nRequestId:" in outcome.log


def test_exit_while_importing(running: Running) -> None:
    error = running.error(running.function("import sys\nsys.exit(1)"))
    assert error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {ID} Error: Runtime exited with error: exit status 1",
    }


def test_a_result_that_is_too_large(running: Running) -> None:
    function = running.function(
        """
        seen = []
        def handler(event, context):
            seen.append(event)
            return "x" * event if event else len(seen)
        """
    )
    assert len(running.result(function, MAX_RESPONSE_BYTES - 2)) == MAX_RESPONSE_BYTES - 2
    outcome = running.run(function, MAX_RESPONSE_BYTES - 1)
    assert outcome.payload == (
        b'{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).",'
        b'"errorType":"Function.ResponseSizeTooLarge"}'
    )
    assert running.result(function, 0) == 3


def test_globals_stay_while_warm(running: Running) -> None:
    function = running.function(
        "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return count"
    )
    assert [running.result(function) for _ in range(3)] == [1, 2, 3]
