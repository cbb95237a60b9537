"""`ebl` as its users run it: a process of its own, on a free port."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emulator.cli.client import Server

EBL = str(Path(sys.executable).with_name("ebl"))
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "EBL_", "CI", "FORCE_"))}
# Seconds after which a server that hangs is killed, so that nobody waits for its next line for ever.
LONGEST = 120
Ended = subprocess.CompletedProcess[str]


def ebl(*args: str, cwd: Path, env: Mapping[str, str] | None = None, stdin: str = "") -> Ended:
    """Run a command to its end."""
    return subprocess.run(
        [EBL, *args], cwd=cwd, env={**CLEAN, **(env or {})}, input=stdin, capture_output=True, text=True, timeout=30
    )


class Running:
    """A server that is ready; `said` are the lines that it printed up to then."""

    def __init__(self, process: subprocess.Popen[str], said: list[str]) -> None:
        self.process = process
        self.said = said
        self.folder = Path()
        self.url = json.loads(said[-1])["url"] if said[-1].startswith("{") else said[0].split("  ·  ")[1]

    def line(self) -> str:
        """The next line; waits for it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "it has ended, or hung and was killed"
        return line.rstrip("\n")

    def json(self) -> Any:
        return json.loads(self.line())

    def lines_until(self, text: str) -> list[str]:
        """Lines up to and with the one that holds `text`."""
        lines = [self.line()]
        while text not in lines[-1]:
            lines.append(self.line())
        return lines

    def put(self, source: str, detail: Any) -> None:
        """Put an event on the bus `orders`, and wait for nothing."""
        entry = {"Source": source, "DetailType": "x", "Detail": json.dumps(detail), "EventBusName": "orders"}
        assert Server(self.url, {}).events("PutEvents", {"Entries": [entry]})["FailedEntryCount"] == 0

    def stop(self, *signals: int) -> tuple[int, str, str]:
        """Exit code, and what it still said on stdout and stderr."""
        for number in signals or (signal.SIGINT,):
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@contextmanager
def started(cwd: Path, *args: str, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A server on a free port, until the end of the block."""
    with subprocess.Popen(
        [EBL, "start", "--port", "0", *args], cwd=cwd, env={**CLEAN, **(env or {})},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        watchdog = threading.Timer(LONGEST, process.kill)
        watchdog.start()
        try:
            yield Running(process, _until_ready(process))
        finally:
            watchdog.cancel()
            process.kill()


def _until_ready(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line.rstrip("\n"))
        if said[-1] == "Ready." or '"READY"' in line:
            return said
    assert process.stderr is not None
    raise AssertionError(f"ended before it was ready: {said}\n{process.stderr.read()}")
