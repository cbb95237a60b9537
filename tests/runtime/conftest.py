from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.processes import RunningProcesses, running_processes
from tests.runtime.running import Running


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    functions = tmp_path / "functions"
    functions.mkdir()
    running = Running(functions)
    yield running
    running.close()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[RunningProcesses]:
    with running_processes(tmp_path / "functions") as running:
        yield running


@pytest.fixture(params=[True, False], ids=["mapped", "real-paths"])
def both_paths(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RunningProcesses]:
    """With /var/task and /tmp as on AWS, and with the paths of this machine."""
    with running_processes(tmp_path / "functions", map_paths=request.param) as running:
        yield running
