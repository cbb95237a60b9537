"""Runtimes of one's own, wrappers, layers and extensions: programs in shell that speak the APIs by themselves."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.runtime.languages import python, unavailable
from tests.runtime.processes import RunningProcesses
from tests.runtime.running import REQUEST_ID

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on the PATH")

BOOTSTRAP = """\
#!/bin/sh
echo "loading $_HANDLER"
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  event=$(curl -sS -D /tmp/headers "$api/invocation/next")
  id=$(grep -i lambda-runtime-aws-request-id /tmp/headers | tr -d '\\r' | cut -d' ' -f2)
  echo "got $event"
  case $event in
    *fail*) curl -sS "$api/invocation/$id/error" -H 'Lambda-Runtime-Function-Error-Type: Function.Refused' \\
              -d '{"errorMessage": "refused", "errorType": "Refused"}' ;;
    *exit*) exit 9 ;;
    *) curl -sS "$api/invocation/$id/response" -d "[$event, \\"$(pwd)\\"]" ;;
  esac
done
"""


@pytest.mark.parametrize("runtime", ["provided.al2023", "provided.al2", "custom"])
def test_a_bootstrap_in_shell(both_paths: RunningProcesses, runtime: str) -> None:
    function = both_paths.folder_function("charge", {"bootstrap": BOOTSTRAP}, runtime=runtime, handler="some.handler",
                                          timeout=20)  # fmt: skip
    first = both_paths.run(function, {"id": 1})
    assert json.loads(first.payload)[0] == {"id": 1}
    assert "loading some.handler\nSTART" in first.log
    assert 'got {"id": 1}\n' in first.log
    assert both_paths.result(function, 2)[0] == 2
    failed = both_paths.run(function, "fail")
    assert json.loads(failed.payload) == {"errorMessage": "refused", "errorType": "Refused"}
    assert both_paths.error(function, "exit")["errorMessage"].endswith("Runtime exited with error: exit status 9")
    assert both_paths.result(function, 3)[0] == 3


def test_a_bootstrap_in_a_layer(both_paths: RunningProcesses) -> None:
    layer = both_paths.layer("runtime", {"bootstrap": BOOTSTRAP})
    function = both_paths.folder_function("charge", {"data.txt": ""}, runtime="provided.al2023", layers=(layer,),
                                          timeout=20)  # fmt: skip
    assert both_paths.result(function, 1)[0] == 1


def entrypoint(reason: str) -> dict[str, str]:
    return {
        "errorType": "Runtime.InvalidEntrypoint", "errorMessage": f"RequestId: {REQUEST_ID.format(1)} Error: {reason}",
    }  # fmt: skip


def test_no_bootstrap(processes: RunningProcesses) -> None:
    function = processes.folder_function("charge", {"data.txt": ""}, runtime="provided.al2023")
    reason = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    assert processes.error(function) == entrypoint(reason)


@pytest.mark.parametrize(("text", "mode", "reason"), [
    ("#!/bin/sh\n", 0o644, "permission denied"),
    ("no program\n", 0o755, "exec format error"),
    ("#!/no/such/shell\n", 0o755, "no such file or directory"),
])  # fmt: skip
def test_a_bootstrap_that_cannot_be_executed(both_paths: RunningProcesses, text: str, mode: int, reason: str) -> None:
    function = both_paths.folder_function("charge", {"bootstrap": text}, runtime="provided.al2023")
    (function.code / "bootstrap").chmod(mode)
    assert both_paths.error(function) == entrypoint(f"fork/exec /var/task/bootstrap: {reason}")


@pytest.mark.parametrize("runtime", ["java21", "dotnet8", "ruby3.3", "nodejs22.x"])
def test_a_runtime_that_is_not_there(
    processes: RunningProcesses, runtime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(processes.folder))
    sentence = unavailable(runtime)
    assert sentence is not None
    assert runtime in sentence
    function = processes.folder_function("charge", {"index.js": ""}, runtime=runtime)
    assert sentence in processes.error(function)["errorMessage"]


def test_the_runtimes_that_are_always_there() -> None:
    for runtime in ("", "python3.8", "python3.13", "provided", "provided.al2", "provided.al2023", "custom"):
        assert unavailable(runtime) is None


def test_the_python_of_the_version_that_is_asked_for(
    processes: RunningProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = processes.write("bin/python3.99", "#!/bin/sh\necho $0")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(other.parent))
    assert python("python3.99") == str(other)
    assert python("python3.98") == python("") == sys.executable
    processes.write("bin/python3.8", "#!/bin/sh\necho $0").chmod(0o755)
    assert python("python3.8") == sys.executable  # too old for our own side of it
    processes.write("bin/python3.97", "#!/bin/sh\nexit 127").chmod(0o755)  # a shim of a version that is not active
    assert python("python3.97") == sys.executable


@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13", "3.14"])
def test_another_python_runs_the_function(
    both_paths: RunningProcesses, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _python_of(version)
    if found is None:
        pytest.skip(f"there is no Python {version}")
    monkeypatch.setenv("PATH", f"{found.parent}:{os.environ['PATH']}")
    function = both_paths.function(
        """
        import decimal, logging, os, sys
        def handler(event, context):
            logging.warning("said")
            if event:
                raise KeyError("x")
            return [sys.version_info[:2], os.environ["AWS_EXECUTION_ENV"], decimal.Decimal("1.5")]
        """,
        runtime=f"python{version}", timeout=20,
    )  # fmt: skip
    expected = [[int(part) for part in version.split(".")], f"AWS_Lambda_python{version}", 1.5]
    assert both_paths.result(function, 0) == expected
    assert both_paths.error(function, 1)["stackTrace"] == [
        '  File "/var/task/charge.py", line 6, in handler\n    raise KeyError("x")\n'
    ]


def _python_of(version: str) -> Path | None:
    """One that works, on the PATH or where pyenv keeps them."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return Path(sys.executable)
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}"))
    named = shutil.which(f"python{version}")
    candidates = [*kept, *([Path(named)] if named else [])]
    return next((path for path in candidates if subprocess.run([path, "-c", ""], check=False).returncode == 0), None)


def test_a_wrapper(both_paths: RunningProcesses) -> None:
    wrapper = '#!/bin/sh\nexport WRAPPED="$#"\necho wrapping\nexec "$@"\n'
    layer = both_paths.layer("wrapper", {"bin/wrap": wrapper})
    source = "import os\ndef handler(event, context): return os.environ['WRAPPED']"
    function = both_paths.folder_function(
        "charge", {"app.py": source}, layers=(layer,), environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bin/wrap"},
    )  # fmt: skip
    outcome = both_paths.run(function)
    assert int(json.loads(outcome.payload)) >= 3
    assert outcome.log.startswith("wrapping\nSTART")


def test_a_wrapper_that_is_not_there(processes: RunningProcesses) -> None:
    source = "def handler(event, context): pass"
    function = processes.function(source, environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/none"})
    assert processes.error(function)["errorMessage"].endswith("Runtime exited with error: exit status 127")


def test_layers_lie_over_one_another(both_paths: RunningProcesses) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    first = both_paths.layer("first", {"python/dep.py": "value = 1", "python/one.py": "value = 'one'", "data/a": "a"})
    second = both_paths.layer("second", {
        "python/dep.py": "value = 2", f"python/lib/{version}/site-packages/deep.py": "value = 'deep'", "data/b": "b",
        "bin/tool": "#!/bin/sh\necho tool",
    })  # fmt: skip
    function = both_paths.function(
        """
        import deep, dep, one, os, subprocess
        def handler(event, context):
            tool = subprocess.run(["tool"], capture_output=True, text=True).stdout
            root = os.path.dirname(os.path.dirname(dep.__file__))
            return [dep.value, one.value, deep.value, tool, sorted(os.listdir(root + "/data")), root]
        """,
        layers=(first, second),
    )
    *found, root = both_paths.result(function)
    assert found == [2, "one", "deep", "tool\n", ["a", "b"]]
    if both_paths.executor._map_paths:
        assert root == "/opt"


EXTENSION = """\
#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension"
curl -sS -D /tmp/registered -o /tmp/answer -X POST "$api/register" -H "Lambda-Extension-Name: ${0##*/}" \\
  -H 'Lambda-Extension-Accept-Feature: accountId' -d '{"events": ["INVOKE", "SHUTDOWN"]}'
id=$(grep -i lambda-extension-identifier /tmp/registered | tr -d '\\r' | cut -d' ' -f2)
cat /tmp/answer; echo
while true; do
  event=$(curl -sS "$api/event/next" -H "Lambda-Extension-Identifier: $id")
  echo "event $event"
  case $event in *SHUTDOWN*) exit 0 ;; esac
done
"""


def test_an_extension_hears_of_invocations_and_of_the_end(both_paths: RunningProcesses) -> None:
    layer = both_paths.layer("extension", {"extensions/listener": EXTENSION})
    function = both_paths.function("def handler(event, context): return event", layers=(layer,), timeout=20)
    assert both_paths.result(function, 1) == 1
    assert both_paths.result(function, 2) == 2
    both_paths.settle()
    both_paths.runner.run(both_paths.executor.stop())
    lines = [line for _, line in both_paths.lines]
    assert json.loads(lines[0]) == {
        "functionName": "charge", "functionVersion": "$LATEST", "handler": "charge.handler",
        "accountId": "000000000000",
    }  # fmt: skip
    events = [json.loads(line.removeprefix("event ")) for line in lines[1:]]
    assert [event["eventType"] for event in events] == ["INVOKE", "INVOKE", "SHUTDOWN"]
    assert events[0].keys() == {"eventType", "deadlineMs", "requestId", "invokedFunctionArn", "tracing"}
    assert events[1]["requestId"] == REQUEST_ID.format(2)
    assert events[2]["shutdownReason"] == "spindown"


def test_an_extension_is_told_of_a_timeout(processes: RunningProcesses) -> None:
    layer = processes.layer("extension", {"extensions/listener": EXTENSION})
    source = "import time\ndef handler(event, context): time.sleep(event); return event"
    function = processes.function(source, layers=(layer,), timeout=1)
    assert processes.error(function, 30)["errorType"] == "Sandbox.Timedout"
    assert processes.result(function, 0) == 0
    assert any('"shutdownReason":"timeout"' in line for _, line in processes.lines)


def test_an_extension_that_fails_to_start(processes: RunningProcesses) -> None:
    layer = processes.layer("extension", {"extensions/broken": "#!/bin/sh\nexit 3"})
    function = processes.function("def handler(event, context): return event", layers=(layer,))
    error = processes.error(function)
    assert error["errorType"] == "Extension.Crash"
    assert "extension broken exited with error: exit status 3" in error["errorMessage"]


SUBSCRIBER = """
import json, os, sys, threading, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}"

def ask(method, path, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.urlopen(urllib.request.Request(api + path, data, headers, method=method))

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        for record in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
            with open("/tmp/records", "a") as file:
                print(json.dumps(record), file=file)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args): pass

server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
answer = ask("POST", "/2020-01-01/extension/register", {"events": ["INVOKE"]},
             **{"Lambda-Extension-Name": os.path.basename(sys.argv[0])})
key = {"Lambda-Extension-Identifier": answer.headers["Lambda-Extension-Identifier"]}
wish = {"schemaVersion": "2022-12-13", "types": ["platform", "function"], "buffering": {"timeoutMs": 25},
        "destination": {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{server.server_port}/"}}
assert ask("PUT", "/2022-07-01/telemetry", wish, **key).status == 200
while True:
    ask("GET", "/2020-01-01/extension/event/next", **key).read()
"""


def test_an_extension_that_subscribes_to_telemetry(processes: RunningProcesses) -> None:
    program = f"#!{sys.executable}\n{SUBSCRIBER}"
    layer = processes.layer("extension", {"extensions/subscriber": program})
    function = processes.function(
        """
        import json, os
        def handler(event, context):
            print("printed", event)
            if os.path.exists("/tmp/records"):
                return [json.loads(line) for line in open("/tmp/records")]
        """,
        layers=(layer,), timeout=30,
    )  # fmt: skip

    async def records() -> Any:
        while True:
            outcome = await processes.executor.run(processes.invocation(function, 1))
            found = json.loads(outcome.payload) or []
            if any(record["type"] == "platform.report" for record in found):
                return found

    found = processes.runner.run(asyncio.wait_for(records(), 60))
    kinds = [record["type"] for record in found]
    assert kinds[:3] == ["platform.telemetrySubscription", "platform.initRuntimeDone", "platform.initReport"]
    assert kinds[3:5] == ["platform.start", "function"]
    assert found[3]["record"] == {"requestId": REQUEST_ID.format(1), "version": "$LATEST"}
    assert found[4]["record"] == "printed 1\n"
    report = next(record for record in found if record["type"] == "platform.report")
    assert report["record"]["status"] == "success"
    assert report["record"]["metrics"].keys() >= {"durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB"}
