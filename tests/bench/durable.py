"""What a state file costs: events through PutEvents to their handler, with a file and without one, in turn."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.load import request, run

ENTRIES = 10
ROUNDS = 3


def rows(share: int) -> Iterator[tuple[str, str, float]]:
    """What was measured, the figure, and its ratio to that of memory; a `share`th of the work."""
    with tempfile.TemporaryDirectory() as folder:
        _write_project(Path(folder))
        rates: dict[str, list[float]] = {"memory": [], "file": []}
        for number in range(ROUNDS):
            for where, state in (("memory", "memory"), ("file", f"{folder}/{number}.db")):
                with _server(folder, state) as port:
                    rates[where].append(_delivered(port, Path(folder), 2_000 // share))
    memory, file = (max(rates[where]) for where in ("memory", "file"))
    yield "PutEvents delivered, in memory (best of three)", f"{memory:,.0f} events/s", 1.0
    yield "PutEvents delivered, --state FILE (best of three)", f"{file:,.0f} events/s", file / memory


def _delivered(port: int, folder: Path, count: int) -> float:
    """Events a second, from the first request to the last handler's end."""
    entry = {"Source": "bench", "DetailType": "T", "Detail": json.dumps({"id": 1, "items": [1, 2], "who": "me"})}
    body = json.dumps({"Entries": [entry] * ENTRIES}).encode()
    message = request(port, body, target="AWSEvents.PutEvents")
    run(port, message, 40)
    _settle(port)
    begin = time.perf_counter()
    load = run(port, message, count)
    _settle(port)
    return load.requests * ENTRIES / (time.perf_counter() - begin)


def _settle(port: int) -> None:
    run(port, request(port, path="/_ebl/settle?timeout=60"), 1, connections=1)


def _write_project(folder: Path) -> None:
    (folder / "functions").mkdir()
    (folder / "functions" / "count.py").write_text("def handler(event, context):\n    return 1\n")
    (folder / "config.yaml").write_text("rules: {all: {pattern: {source: [bench]}, targets: [count]}}")


@contextmanager
def _server(folder: str, state: str) -> Iterator[int]:
    """The port of a server that is ready."""
    ebl = str(Path(sys.executable).parent / "ebl")
    command = [ebl, "start", "--json", "--quiet", "--port", "0", "--config", f"{folder}/config.yaml", "--state", state]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
        finally:
            process.terminate()
