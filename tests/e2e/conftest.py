"""One server with the example project for the whole run of a worker."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import ROOT, Server, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The example config.yaml and functions/, in a folder of their own."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copy(ROOT / "config.yaml", folder)
    shutil.copytree(ROOT / "functions", folder / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    with running(folder) as server:
        yield server


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project folder."""
    (tmp_path / "functions").mkdir()
    return tmp_path
