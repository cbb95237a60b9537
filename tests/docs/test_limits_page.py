"""docs/limits.md has the numbers that the code has."""

import pytest

from emulator.backends import moto_queues, neighbours
from emulator.cli import screen
from emulator.config import rules, yaml_source
from emulator.console import stream
from emulator.delivery import lanes, publish, worker
from emulator.delivery.limits import Limits
from emulator.matching import complexity, event, pattern
from emulator.runtime import (
    capture,
    extensions,
    fault,
    in_process,
    process,
    reload,
    response,
    run,
    streaming,
    unzip,
    watched,
)
from emulator.server import application
from emulator.services.events import policy, put_events, targets
from emulator.services.lambda_ import code, invocation, invoke, policies, settings, tags, url_front
from emulator.store import queues
from tests.docs.page import ROOT

LIMITS = Limits()
ROWS = [line for line in (ROOT / "docs" / "limits.md").read_text().splitlines() if line.startswith("| ")]


@pytest.mark.parametrize(
    ("what", "limit"),
    [
        ("all entries of one PutEvents", f"less than {put_events.MAXIMUM_SIZE:,} bytes"),
        ("targets of a rule", f"{targets.TARGETS_PER_RULE}"),
        ("length of an event pattern", f"{rules.MAX_PATTERN:,} characters"),
        ("complexity", f"{complexity.MAX_SCORE}"),
        ("combinations", f"{pattern.MAX_COMBINATIONS:,}"),
        ("length of a schedule", f"{rules.MAX_SCHEDULE} characters"),
        ("policy", f"{policy.MAXIMUM_SIZE:,} bytes"),
        ("permissions of a function", f"{policies.MAXIMUM_SIZE:,} bytes"),
        ("a streamed answer", f"{streaming.MAX_BYTES:,} bytes"),
        ("request to a function URL", f"{url_front.MAX_REQUEST:,} bytes"),
        ("executions of an account", f"{LIMITS.concurrency:,}, of which {LIMITS.minimum_unreserved} cannot"),
        ("payload of a synchronous", f"{invocation.MAX_SYNC:,} bytes"),
        ("payload of an asynchronous", f"{invocation.MAX_ASYNC:,} bytes"),
        ("result of a function", f"{fault.MAX_RESPONSE_BYTES:,} bytes"),
        (
            "a request, whatever",
            f"{application.MAX_BODY:,} bytes; of EventBridge {application.MAX_JSON_BODY:,}; of S3"
            f" {application.MAX_OBJECT:,}",
        ),
        ("memory of a function", f"{settings._MOST_STORAGE_MB:,} MB"),
        ("zip of a function", f"{code.MAX_ZIPPED:,} bytes"),
        ("what is in it", f"{unzip.MAX_UNZIPPED:,} bytes"),
        ("layers of a function", f"{settings._MAX_LAYERS}"),
        ("environment variables", f"{settings._MAX_VARIABLES:,} bytes"),
        ("payload of InvokeAsync", f"{invoke._MAX_INVOKE_ASYNC:,} bytes"),
        ("tags of a function", f"{tags._MOST}"),
        ("entries of a zip", f"{unzip.MAX_ENTRIES:,}, in {unzip._DEEPEST} folders"),
        ("imports of a function", f"{run.INIT_SECONDS:.0f} seconds"),
        ("handlers that run", f"{in_process.MAX_WORKERS};"),
        ("environments in processes", f"{process.MAX_ENVIRONMENTS},"),
        ("an environment that", f"after {process.IDLE_SECONDS:.0f} seconds"),
        ("a streamed response", f"{response.MAX_STREAM_BYTES:,} bytes"),
        ("extensions of", f"{extensions.MOST}"),
        ("files of a function", f"{watched.MOST},"),
        ("deliveries held", f"{lanes.MAX_HELD:,};"),
        ("deliveries that run", f"{worker.MAX_RUNNING:,}; of one function {lanes.MAX_OF_A_FUNCTION}"),
        ("messages in a queue", f"{queues.MAX_MESSAGES:,};"),
        ("functions that cause", f"{worker.MAX_DEPTH};"),
        ("output of one invocation", f"the last {capture.MAX_CHARACTERS:,} characters"),
        ("log tail", f"{invocation._LOG_TAIL:,} bytes"),
        ("steps that wait to be drawn", f"{screen.MAX_WAITING:,};"),
        ("steps that wait for a reader", f"{stream.MAX_WAITING:,};"),
        ("steps kept for readers", f"{stream.KEPT:,};"),
        ("rules on a bus, for an unmatched", f"{publish._EXPLAINED_RULES}"),
        ("depth of an event", f"{event.MAX_DEPTH} levels"),
        (
            "`config.yaml`",
            f"{yaml_source.MAX_CHARACTERS:,} characters, {yaml_source.MAX_DEPTH} levels,"
            f" {yaml_source.MAX_VALUES:,} values",
        ),
        ("data files", f"{reload.MAX_DATA_FILES}"),
        ("consumers of a service", f"{neighbours.CONSUMERS};"),
        ("requests to another endpoint", f"{neighbours.CONNECTIONS};"),
        ("a call of the emulator's own", f"{neighbours.SECONDS:g} seconds"),
        ("handles of deleted messages", f"{moto_queues.MAX_DELETED:,};"),
    ],
)
def test_the_number_is_that_of_the_code(what: str, limit: str) -> None:
    [row] = [row for row in ROWS if row.startswith(f"| {what}")]
    assert row.split(" | ")[1].startswith(limit)
