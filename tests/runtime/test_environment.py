import os
import subprocess
import sys

import pytest

from tests.runtime.running import Running

READ = "import os\ndef handler(event, context): return "


@pytest.mark.parametrize(
    "expression",
    [
        "os.environ['TABLE']",
        "os.getenv('TABLE')",
        "os.environ.get('TABLE')",
        "os.environ.copy()['TABLE']",
        "dict(os.environ)['TABLE']",
        "{**os.environ}['TABLE']",
        "dict(os.environ.items())['TABLE']",
        "(os.environ | {})['TABLE']",
        "os.path.expandvars('$TABLE')",
        "'TABLE' in os.environ and os.environ.setdefault('TABLE', 'x')",
        "[os.environ[name] for name in os.environ if name == 'TABLE'][0]",
    ],
)
def test_functions_read_their_own_variables(running: Running, monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    monkeypatch.setenv("TABLE", "of the host")
    one = running.function(READ + expression, name="one", environment={"TABLE": "orders"})
    two = running.function(READ + expression, name="two", environment={"TABLE": "charges"})
    assert [running.result(function) for function in (one, two, one)] == ["orders", "charges", "orders"]
    assert os.environ["TABLE"] == "of the host"


def test_variables_of_the_host_are_not_seen(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    function = running.function(
        READ + "[os.getenv('AWS_PROFILE'), 'AWS_PROFILE' in os.environ, os.environ.get('PATH')]"
    )
    assert running.result(function) == [None, False, os.environ["PATH"]]


def test_lambdas_own_variables(running: Running) -> None:
    function = running.function(
        READ + "dict(os.environ)", handler="charge.handler", memory_mb=512, environment={"A": "1"}
    )
    found = running.result(function, trace="Root=1-2-3")
    stream = found.pop("AWS_LAMBDA_LOG_STREAM_NAME")
    assert "/[$LATEST]" in stream
    assert found.pop("PATH") == os.environ["PATH"]
    assert found | {"LD_LIBRARY_PATH": "", "TMPDIR": ""} == {
        "A": "1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": "charge",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/charge",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(running.folder),
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": "",
        "PWD": str(running.folder),
        "SHLVL": "0",
        "TMPDIR": "",
        "TZ": ":UTC",
        "_HANDLER": "charge.handler",
        "_X_AMZN_TRACE_ID": "Root=1-2-3",
    }


def test_the_handler_that_was_found_is_named_as_aws_names_it(running: Running) -> None:
    running.write("orders/app.py", "import os\ndef lambda_handler(event, context): return os.environ['_HANDLER']")
    found = running.result(running.function(name="orders", code=running.folder / "orders"))
    assert found == "app.lambda_handler"


def test_the_trace_is_that_of_the_invocation(running: Running) -> None:
    function = running.function(READ + "os.getenv('_X_AMZN_TRACE_ID')")
    assert running.result(function, trace="Root=1") == "Root=1"
    assert running.result(function, trace="Root=2") == "Root=2"
    assert running.result(function) is None


def test_what_a_function_writes_stays_its_own_and_while_warm(running: Running) -> None:
    source = """
        import os
        def handler(event, context):
            for name, value in event.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
            return [os.getenv("SEEN"), len(os.environ) == len(list(os.environ))]
        """
    one, two = (running.function(source, name=name) for name in ("one", "two"))
    assert running.result(one, {"SEEN": "yes"}) == ["yes", True]
    assert running.result(one) == ["yes", True]
    assert running.result(two) == [None, True]
    assert running.result(one, {"SEEN": None}) == [None, True]
    assert "SEEN" not in os.environ


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("os.environ['A'] = 1", "str expected, not int"),
        ("os.environ[1]", "str expected, not int"),
        ("os.environ['NOTHING']", "'NOTHING'"),
        ("del os.environ['NOTHING']", "'NOTHING'"),
    ],
)
def test_mistakes_are_python_s_own(running: Running, statement: str, message: str) -> None:
    error = running.error(running.function(f"import os\ndef handler(event, context): {statement}"))
    assert error["errorMessage"] == message


def test_subprocesses_inherit_the_functions_variables(running: Running) -> None:
    source = """
        import os, subprocess, sys
        SHOW = [sys.executable, "-c", "import os; print(os.getenv('TABLE'), os.getenv('NEW'))"]
        def handler(event, context):
            os.environ["NEW"] = "added"
            given = subprocess.run(SHOW, capture_output=True, text=True, env={"TABLE": "given"}).stdout
            return [subprocess.run(SHOW, capture_output=True, text=True).stdout, given]
        """
    found = running.result(running.function(source, environment={"TABLE": "orders"}, timeout=30.0))
    assert found == ["orders added\n", "given None\n"]


def test_a_command_inherits_them_too(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_HOST", "secret")
    command = "exit $(( ${#TABLE} + ${#OF_THE_HOST} ))"
    function = running.function(
        READ + f"os.waitstatus_to_exitcode(os.system({command!r}))", environment={"TABLE": "abc"}
    )
    assert running.result(function) == 3


def test_threads_and_pools_inherit_them(running: Running) -> None:
    source = """
        import os, threading
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        def handler(event, context):
            found = []
            thread = threading.Thread(target=lambda: found.append(os.getenv("TABLE")))
            thread.start()
            thread.join()
            return [*found, pool.submit(os.getenv, "TABLE").result(), *pool.map(os.getenv, ["TABLE"])]
        """
    assert running.result(running.function(source, environment={"TABLE": "orders"})) == ["orders"] * 3


def test_the_hosts_environment_works_as_ever(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = os.environ
    monkeypatch.setenv("EBL_TEST", "1")
    assert os.getenv("EBL_TEST") == "1"
    assert subprocess.run(["printenv", "EBL_TEST"], capture_output=True, text=True, check=True).stdout == "1\n"
    monkeypatch.delenv("EBL_TEST")
    assert "EBL_TEST" not in os.environ
    running.executor.close()
    assert os.environ is kept
    assert type(os.environ) is os._Environ
