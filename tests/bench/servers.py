"""The servers that are measured, each in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.bench import neighbours


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, and what it took to start it."""

    port: int
    seconds: float
    process: subprocess.Popen[str]

    @property
    def megabytes(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=f"http://localhost:{self.port}", region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # type: ignore[call-overload]  # fmt: skip


@contextmanager
def bare() -> Iterator[Server]:
    """The application that does nothing."""
    with _started([sys.executable, "-m", "tests.bench.bare"], "Ready.") as server:
        yield server


@contextmanager
def emulator(folder: str) -> Iterator[Server]:
    """The emulator with the project in `folder`."""
    command = [str(Path(sys.executable).parent / "ebl"), "start", "-q", "--config", f"{folder}/config.yaml", "--port"]
    with _started(command, "Ready.") as server:
        yield server


@contextmanager
def moto() -> Iterator[Server]:
    """moto's own server."""
    with _started(neighbours.MOTO, neighbours.READY, stderr=subprocess.STDOUT) as server:
        yield server


@contextmanager
def _started(command: list[str], ready: str, stderr: int | None = None) -> Iterator[Server]:
    port = _free_port()
    begin = time.perf_counter()
    process = subprocess.Popen(
        [*command, str(port)], stdout=subprocess.PIPE, stderr=stderr, text=True, env=os.environ | {"CI": "1"}
    )
    assert process.stdout is not None
    for line in process.stdout:
        if ready in line:
            break
    try:
        yield Server(port, time.perf_counter() - begin, process)
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
