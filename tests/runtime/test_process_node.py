"""Node.js functions: AWS's semantics of handlers, errors, logs and streams."""

import json
import re
from typing import Any

import pytest

from emulator.runtime.function import FunctionSpec
from tests.runtime.processes import RunningProcesses, Taken, needs_node
from tests.runtime.running import REQUEST_ID

pytestmark = needs_node


def node(processes: RunningProcesses, source: str, file: str = "index.js", **options: Any) -> FunctionSpec:
    settings = {"runtime": "nodejs22.x", "handler": "index.handler", "timeout": 10, **options}
    return processes.folder_function("charge", {file: source}, **settings)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("exports.handler = async (event) => event.id", 7),
        ("exports.handler = async () => {}", None),
        ("exports.handler = async () => undefined", None),
        ("exports.handler = (event, context, callback) => callback(null, event.id)", 7),
        ("exports.handler = (event, context, callback) => { setTimeout(() => callback(null, event.id), 20) }", 7),
        ("exports.handler = (event, context) => { context.succeed(event.id) }", 7),
        ("exports.handler = (event, context) => { context.done(null, event.id) }", 7),
        ("exports.handler = () => {}", None),  # nothing is left that could call back
        ("exports.handler = () => new Promise(() => {})", None),
        ("exports.handler = () => ({then: (done) => done(5)})", 5),
    ],
)
def test_a_handler_answers_by_promise_or_callback(processes: RunningProcesses, source: str, expected: Any) -> None:
    function = node(processes, source)
    for _ in range(2):
        assert processes.result(function, {"id": 7}) == expected


@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"index.js": "exports.handler = async () => require('./lib.js')", "lib.js": "module.exports = 1"}, "index"),
        ({"index.cjs": "exports.handler = async () => 1"}, "index"),
        ({"index.mjs": "import lib from './lib.mjs'; export const handler = async () => lib",
          "lib.mjs": "export default 1"}, "index"),
        ({"index.js": "export const handler = async () => 1", "package.json": '{"type": "module"}'}, "index"),
        ({"src/app.js": "exports.handler = async () => 1"}, "src/app"),
        ({"src/app.js": "exports.handler = async () => 1", "package.json": '{"type": "commonjs"}'}, "src/app"),
        ({"index.mjs": "export default {handler: async () => 1}"}, "index"),
        ({"index.mjs": "const one = await Promise.resolve(1); export const handler = async () => one"}, "index"),
    ],
)  # fmt: skip
def test_modules_of_both_kinds(processes: RunningProcesses, files: dict[str, str], handler: str) -> None:
    function = processes.folder_function(
        "charge", files, runtime="nodejs20.x", handler=f"{handler}.handler", timeout=10
    )
    assert processes.result(function) == 1


def test_state_stays_and_a_callback_waits_for_what_is_left_unless_told_not_to(processes: RunningProcesses) -> None:
    function = node(
        processes,
        """
        let late = 0
        exports.handler = (event, context, callback) => {
          context.callbackWaitsForEmptyEventLoop = event.waits
          setTimeout(() => { late++ }, 200)
          callback(null, late)
        }
        """,
    )
    first = processes.run(function, {"waits": True})
    assert first.duration_ms >= 190
    assert processes.result(function, {"waits": True}) == 1
    quick = processes.run(function, {"waits": False})
    assert json.loads(quick.payload) == 2
    assert quick.duration_ms < 190


def test_errors_are_those_of_aws(both_paths: RunningProcesses) -> None:
    function = node(
        both_paths,
        """
        class CustomError extends Error { constructor(text) { super(text); this.name = "CustomError"; this.table = 1 } }
        exports.handler = async () => {
          throw new CustomError("wrong")
        }
        """,
    )
    outcome = both_paths.run(function)
    found = json.loads(outcome.payload)
    assert list(found) == ["errorType", "errorMessage", "trace"]
    assert (found["errorType"], found["errorMessage"]) == ("CustomError", "wrong")
    assert found["trace"][:2] == ["CustomError: wrong", "    at exports.handler (/var/task/index.js:4:9)"]
    assert not [line for line in found["trace"] if "/node.mjs" in line or "/functions/" in line], found
    assert outcome.where is not None
    assert outcome.where.endswith("functions/charge/index.js:4")
    line = re.search(rf"^\S+Z\t{REQUEST_ID.format(1)}\tERROR\tInvoke Error \t(.*)$", outcome.log, re.MULTILINE)
    assert line
    logged = json.loads(line[1])
    assert {name: logged[name] for name in ("errorType", "errorMessage", "table")} == {
        "errorType": "CustomError", "errorMessage": "wrong", "table": 1,
    }  # fmt: skip
    assert logged["stack"] == found["trace"]


@pytest.mark.parametrize(
    ("source", "error_type", "message"),
    [
        ("exports.handler = (e, c, callback) => callback(new Error('a'))", "Error", "a"),
        ("exports.handler = (e, c, callback) => callback('text')", "string", "text"),
        ("exports.handler = (e, context) => context.fail(new TypeError('b'))", "TypeError", "b"),
        ("exports.handler = async () => { throw 'text' }", "string", "text"),
        ("exports.handler = () => { throw new RangeError('c') }", "RangeError", "c"),
        ("exports.handler = async () => { throw null }", "handled", "callback called with Error argument, but"),
        ("exports.handler = async () => { const a = {}; a.a = a; return a }", "Runtime.UnableToSerialize", "Unable to"),
        ("exports.other = 1", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
        ("exports.handler = 1", "Runtime.HandlerNotFound", "index.handler is not a function"),
        ("exports.handler = ", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected"),
        ("require('nothing-of-that-name')", "Runtime.ImportModuleError", "Error: Cannot find module 'nothing-of-that-"),
        ("throw new Error('at import')", "Error", "at import"),
    ],
)
def test_what_can_go_wrong(processes: RunningProcesses, source: str, error_type: str, message: str) -> None:
    error = processes.error(node(processes, source))
    assert error["errorType"] == error_type
    assert error["errorMessage"].startswith(message)


def test_a_module_that_is_not_there(processes: RunningProcesses) -> None:
    error = processes.error(node(processes, "", file="other.js"))
    assert error["errorMessage"] == "Error: Cannot find module 'index'\nRequire stack:\n- /var/runtime/index.mjs"
    assert error["errorType"] == "Runtime.ImportModuleError"


@pytest.mark.parametrize(
    ("statement", "error_type", "message"),
    [
        ("setTimeout(() => { throw new Error('later') }, 5)", "Error", "later"),
        ("Promise.reject(new Error('lost'))", "Runtime.UnhandledPromiseRejection", "Error: lost"),
    ],
)
def test_an_error_that_nobody_caught_ends_the_process(
    processes: RunningProcesses, statement: str, error_type: str, message: str
) -> None:
    function = node(
        processes,
        f"""
        exports.handler = (event, context, callback) => {{
          if (event) {{ {statement} }} else callback(null, process.pid)
        }}
        """,
    )
    pid = processes.result(function, 0)
    error = processes.error(function, 1)
    assert (error["errorType"], error["errorMessage"]) == (error_type, message)
    assert processes.result(function, 0) != pid


def test_a_process_that_exits(processes: RunningProcesses) -> None:
    error = processes.error(node(processes, "exports.handler = async () => process.exit(3)"))
    assert error["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


def test_the_console_writes_as_on_aws(processes: RunningProcesses) -> None:
    function = node(
        processes,
        """
        console.log("loading")
        exports.handler = async () => {
          console.log("hello %s", "you", {a: 1})
          console.info("info"); console.warn("warn"); console.error("error"); console.debug("debug")
          process.stdout.write("as it is\\n")
        }
        """,
    )
    log = processes.run(function).log
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    texts = [
        ("INFO", r"hello you \{ a: 1 \}"),
        ("INFO", "info"),
        ("WARN", "warn"),
        ("ERROR", "error"),
        ("DEBUG", "debug"),
    ]
    lines = "".join(rf"{stamp}\t{REQUEST_ID.format(1)}\t{level}\t{text}\n" for level, text in texts)
    assert re.match(rf"{stamp}\tundefined\tINFO\tloading\nSTART .*\n{lines}as it is\nEND", log), log


def test_a_log_of_records(processes: RunningProcesses) -> None:
    source = "exports.handler = async () => { console.debug('no'); console.warn('wide', {a: 1}); throw new Error('x') }"
    records = [json.loads(line) for line in processes.run(node(processes, source, log_format="JSON")).log.splitlines()]
    assert [record.get("type", record.get("level")) for record in records] == [
        "platform.start", "WARN", "ERROR", "platform.report",
    ]  # fmt: skip
    assert records[1]["message"] == "wide { a: 1 }"
    assert records[1]["requestId"] == REQUEST_ID.format(1)
    assert (records[2]["errorType"], records[2]["errorMessage"]) == ("Error", "x")


def test_the_context(processes: RunningProcesses) -> None:
    source = """
        exports.handler = async (event, context) => [
          context.awsRequestId, context.functionName, context.functionVersion, context.memoryLimitInMB,
          context.clientContext, process.env.AWS_EXECUTION_ENV,
          context.getRemainingTimeInMillis() > 5000, process.cwd(),
        ]
        """
    assert processes.result(node(processes, source, memory_mb=256), client_context='{"custom": 1}') == [
        REQUEST_ID.format(1), "charge", "$LATEST", "256", {"custom": 1}, "AWS_Lambda_nodejs22.x", True, "/var/task",
    ]  # fmt: skip


STREAMED = """
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  stream.setContentType("text/plain")
  for (const word of event.words) {
    stream.write(word)
    await new Promise((done) => setTimeout(done, 30))
  }
  if (event.fails) throw new Error("half way")
  stream.end()
})
"""


def test_a_streamed_response_is_handed_on_as_it_comes(processes: RunningProcesses) -> None:
    taken = Taken()
    outcome = processes.run_streaming(node(processes, STREAMED), {"words": ["one", "two", "three"]}, taken)
    assert taken.content_type == "text/plain"
    assert taken.chunks == [b"one", b"two", b"three"]
    assert (outcome.payload, outcome.function_error, outcome.streamed) == (b"", None, True)
    assert outcome.duration_ms >= 80


def test_a_streamed_response_that_nobody_streams_is_the_payload(processes: RunningProcesses) -> None:
    outcome = processes.run(node(processes, STREAMED), {"words": ["one", "two"]})
    assert (outcome.payload, outcome.content_type, outcome.streamed) == (b"onetwo", "text/plain", False)
    assert processes.run(node(processes, STREAMED), {"words": []}).payload == b""


def test_a_stream_that_fails_half_way(processes: RunningProcesses) -> None:
    taken = Taken()
    outcome = processes.run_streaming(node(processes, STREAMED), {"words": ["one"], "fails": True}, taken)
    assert taken.chunks == [b"one"]
    assert (outcome.function_error, outcome.error_type, outcome.error_message) == ("Unhandled", "Error", "half way")
    assert json.loads(outcome.payload)["errorMessage"] == "half way"


def test_a_stream_with_a_prelude_for_http(processes: RunningProcesses) -> None:
    source = """
        exports.handler = awslambda.streamifyResponse(async (event, stream) => {
          const http = awslambda.HttpResponseStream.from(stream, {statusCode: 201, headers: {a: "b"}})
          http.write("body")
          http.end()
        })
        """
    taken = Taken()
    processes.run_streaming(node(processes, source), {}, taken)
    assert taken.content_type == "application/vnd.awslambda.http-integration-response"
    assert b"".join(taken.chunks) == b'{"statusCode":201,"headers":{"a":"b"}}' + bytes(8) + b"body"


def test_a_whole_response_is_no_stream(processes: RunningProcesses) -> None:
    taken = Taken()
    outcome = processes.run_streaming(node(processes, "exports.handler = async () => [1]"), {}, taken)
    assert (taken.content_type, taken.chunks, outcome.payload, outcome.streamed) == ("", [], b"[1]", False)


def test_a_process_that_ends_in_the_middle_of_a_stream(processes: RunningProcesses) -> None:
    source = """
        exports.handler = awslambda.streamifyResponse(async (event, stream) => {
          stream.write("one")
          await new Promise((done) => setTimeout(done, 50))
          process.exit(4)
        })
        """
    taken = Taken()
    outcome = processes.run_streaming(node(processes, source), {}, taken)
    assert taken.chunks == [b"one"]
    assert outcome.error_message is not None
    assert outcome.error_message.endswith("exit status 4")


def test_layers_are_on_the_path_of_modules(both_paths: RunningProcesses) -> None:
    package = {"nodejs/node_modules/dep/index.js": "module.exports = 'of a layer'"}
    layer = both_paths.layer("dep", package)
    function = node(both_paths, "exports.handler = async () => require('dep')", layers=(layer,))
    assert both_paths.result(function) == "of a layer"


def test_a_change_of_a_file_is_seen(processes: RunningProcesses) -> None:
    function = node(processes, "exports.handler = async () => 1")
    assert processes.result(function) == 1
    assert processes.result(node(processes, "exports.handler = async () => 22")) == 22
