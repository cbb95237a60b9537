"""A real server in a process of its own, as a user starts it."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
# Nothing of the machine's own AWS configuration may reach a test, and nothing may leave it.
CLEAN = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PYTHONUNBUFFERED": "1",
}


class Server:
    """`url` is where it listens; `screen` what it printed until it was ready."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.screen: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            self.screen.append(line.rstrip("\n"))
            if line.strip() == "Ready.":
                break
        found = re.search(r"http://localhost:\d+", "\n".join(self.screen))
        assert found, f"the server did not start: {self.screen}"
        self.url = found[0]

    def lines_until(self, text: str) -> list[str]:
        """What it prints from here on, up to and including the first line that holds `text`."""
        lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if text in line:
                return lines
        raise AssertionError(f"{text!r} was never printed: {lines}")

    def client(self, service: str, region: str = "us-east-1", key: str = "test") -> Any:
        # A session of its own: boto3's default one is shared by the whole process.
        session = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key="test", region_name=region)
        return session.client(service, endpoint_url=self.url)  # type: ignore[call-overload]

    def aws(self, *words: str, **environment: str) -> Any:
        """Run the AWS CLI against this server: its JSON output, or None when it printed nothing."""
        done = subprocess.run(
            [BIN / "aws", *words], env=CLEAN | {"AWS_ENDPOINT_URL": self.url} | environment,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def event(self, event_id: str) -> Any:
        """What became of an event, once nothing of it is running any more."""
        with urllib.request.urlopen(f"{self.url}/_ebl/events/{event_id}?wait=20") as answer:
            return json.load(answer)["received"][0]

    def put(self, source: str, detail_type: str, detail: Mapping[str, Any], bus: str = "default") -> Any:
        """Put one event with boto3 and wait; what became of it."""
        entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "EventBusName": bus}
        answer = self.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0
        return self.event(answer["Entries"][0]["EventId"])


# `ebl` as it is without the extra.
WITHOUT_MOTO = "import sys; sys.modules['moto'] = None; from emulator.__main__ import main; main()"


@contextmanager
def running(folder: Path, *words: str, without_moto: bool = False, **environment: str) -> Iterator[Server]:
    """`ebl start` in this folder, on a free port, until the block ends."""
    ebl = [sys.executable, "-c", WITHOUT_MOTO] if without_moto else [str(BIN / "ebl")]
    process = subprocess.Popen(
        [*ebl, "start", "--port", "0", *words], cwd=folder, env=CLEAN | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield Server(process)
    finally:
        process.terminate()
        process.communicate(timeout=20)
