"""Real functions in real processes: what the tests of that executor need."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.runtime import memory
from emulator.runtime.execution import State
from emulator.runtime.function import FunctionSpec
from emulator.runtime.outcome import Outcome
from emulator.runtime.process import Processes
from tests.runtime.running import ARN, RunningOn

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on the PATH")
needs_proc = pytest.mark.skipif(not memory.KNOWN, reason="this system has no /proc")


class RunningProcesses(RunningOn[Processes]):
    """An executor of processes and the folder that its functions lie in."""

    def _executor(self, **options: Any) -> Processes:
        return Processes(**options)

    def folder_function(self, name: str, files: dict[str, str], **options: Any) -> FunctionSpec:
        """A function that is a folder with these files; those that begin with `#!` can be executed."""
        for path, text in files.items():
            file = self.write(f"{name}/{path}", text)
            if file.read_text().lstrip().startswith("#!"):
                file.write_text(file.read_text().lstrip())
                file.chmod(0o755)
        return FunctionSpec(name=name, arn=ARN + name, code=self.folder / name, **options)

    def layer(self, name: str, files: dict[str, str]) -> Path:
        """An unpacked layer."""
        self.folder_function(f"../layers/{name}", files)
        return self.folder.parent / "layers" / name

    def run_streaming(self, function: FunctionSpec, event: Any, stream: "Taken") -> Outcome:
        return self.runner.run(self.executor.run(self.invocation(function, event, stream=stream)))

    def settle(self) -> None:
        """Wait until every process waits for its next invocation."""

        async def wait() -> None:
            while any(environment.state is not State.IDLE for environment in self.executor._environments):
                await asyncio.sleep(0.005)

        self.runner.run(asyncio.wait_for(wait(), 20))

    def temporary_folder(self) -> Path:
        """Where the executor keeps everything of its on disk."""
        assert self.executor._world is not None
        return self.executor._world.folder

    def nursery(self) -> int:
        """The process that starts all others."""
        assert self.executor._world is not None
        assert self.executor._world.spawner._nursery is not None
        return self.executor._world.spawner._nursery.pid


class Taken:
    """A stream that keeps what it was given."""

    def __init__(self) -> None:
        self.content_type = ""
        self.chunks: list[bytes] = []

    def open(self, content_type: str) -> None:
        self.content_type = content_type

    def write(self, chunk: bytes) -> None:
        self.chunks.append(chunk)


def is_alive(pid: int) -> bool:
    """Does it run (and is no zombie)?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


@contextmanager
def running_processes(folder: Path, **options: Any) -> Iterator[RunningProcesses]:
    folder.mkdir(exist_ok=True)
    running = RunningProcesses(folder, **options)
    yield running
    running.close()
