from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.lambda_.api import Api


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    api = Api(snapshots=tmp_path / "snapshots")
    yield api
    api.close()
