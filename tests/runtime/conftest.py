from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.running import Running


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    functions = tmp_path / "functions"
    functions.mkdir()
    running = Running(functions)
    yield running
    running.close()
