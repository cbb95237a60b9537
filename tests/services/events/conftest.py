from collections.abc import Iterator

import pytest

from tests.services.events.api import PATTERN, Api


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.store.close()


@pytest.fixture
def shop(api: Api) -> Api:
    """With a bus `shop`, and on it a rule `paid`."""
    api("CreateEventBus", Name="shop")
    api("PutRule", Name="paid", EventBusName="shop", EventPattern=PATTERN)
    return api
