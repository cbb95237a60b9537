"""AWS's own Python client (awslambdaric) on our Runtime API, and as an oracle for the program that takes its place."""

import importlib.util
import json
import re
import sys
from typing import Any

import pytest

from emulator.runtime.outcome import Outcome
from tests.runtime.processes import RunningProcesses

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("awslambdaric") is None, reason="awslambdaric is not installed"
)

BOOTSTRAP = f"""\
#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_python3.13
exec {sys.executable} -m awslambdaric "$_HANDLER"
"""
SOURCES = {
    "echo": "def handler(e, c): return e",
    "nothing": "def handler(e, c): pass",
    "numbers_": "from decimal import Decimal\ndef handler(e, c): return [Decimal('1.50'), float('nan'), 1e300, True]",
    "names": "def handler(e, c): return {'ü': 'é\\u2028', 1: None, None: 2}",
    "bytes_": "def handler(e, c): return b'\\xff{'",
    "a_set": "def handler(e, c): return {1}",
    "raises": "class Own(Exception): pass\ndef handler(e, c): raise Own('wrong: ü')",
    "deep": "def handler(e, c): inner()\ndef inner(): raise KeyError('a')",
    "empty_error": "def handler(e, c): raise ValueError",
    "no_module": "import nothing_of_that_name\ndef handler(e, c): pass",
    "no_handler": "x = 1",
    "syntax": "def handler(e, c) return 1",
    "exits": "import sys\ndef handler(e, c): sys.exit(3)",
    "exits_at_import": "import sys\nsys.exit(4)",
    "context": """\
def handler(e, c):
    return [c.aws_request_id, c.function_name, c.memory_limit_in_mb, c.client_context.custom, str(c.identity),
            c.invoked_function_arn, c.tenant_id, c.get_remaining_time_in_millis() > 5000]
""",
    "logs": """\
import logging
def handler(e, c):
    print("printed")
    logging.warning("warned %s", e)
    logging.getLogger("mine").error("failed")
    logging.info("not shown")
""",
}


@pytest.mark.parametrize("name", SOURCES)
def test_the_same_source_with_aws_client_and_with_ours(processes: RunningProcesses, name: str) -> None:
    files = {f"{name}.py": SOURCES[name], "bootstrap": BOOTSTRAP}
    options: dict[str, Any] = {"handler": f"{name}.handler", "timeout": 20}
    theirs = processes.folder_function("theirs", files, runtime="provided.al2023", **options)
    ours = processes.folder_function("ours", files, runtime="python3.13", **options)
    for event in ({"id": 1, "name": "ü"}, [1]):
        given = {"client_context": '{"custom": {"a": 1}}'}
        assert _seen(processes.run(ours, event, **given)) == _seen(processes.run(theirs, event, **given))


def _seen(outcome: Outcome) -> tuple[Any, ...]:
    """What the caller sees, and the function's own lines of the log."""
    payload = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}\d*", "", outcome.payload.decode("latin-1"))
    payload = payload.replace(":function:theirs", "").replace(":function:ours", "").replace('"theirs"', '"ours"')
    return payload, outcome.function_error, outcome.error_type, outcome.content_type, _lines(outcome)


def _lines(outcome: Outcome) -> list[str]:
    """Of the invocation; an error's frames are told apart by a carriage return in AWS's client."""
    inside = outcome.log.partition("START RequestId")[2].partition("END RequestId")[0]
    plain = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}\d*|\d{4}-\d\d-\d\dT[\d:.]+Z", "", inside.replace("\r", "\n"))
    return plain.splitlines()[1:]


def test_their_answers_are_what_they_seem(processes: RunningProcesses) -> None:
    """The comparison compares something."""
    files = {"app.py": SOURCES["raises"], "bootstrap": BOOTSTRAP}
    function = processes.folder_function("charge", files, runtime="provided.al2023", handler="app.handler", timeout=20)
    error = json.loads(processes.run(function).payload)
    assert error["stackTrace"] == [
        "  File \"/var/task/app.py\", line 2, in handler\n    def handler(e, c): raise Own('wrong: ü')\n"
    ]
