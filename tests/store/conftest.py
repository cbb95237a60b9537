from collections.abc import Iterator

import pytest

from emulator.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()
