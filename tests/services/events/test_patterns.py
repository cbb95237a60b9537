import json
from typing import Any

import pytest

from tests.services.events.api import Api

EVENT: dict[str, Any] = {
    "id": "1",
    "account": "111111111111",
    "source": "shop",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail-type": "Paid",
}


@pytest.mark.parametrize(("source", "result"), [("shop", True), ("other", False)])
def test_a_pattern_is_tried_on_an_event(api: Api, source: str, result: bool) -> None:
    event = json.dumps(EVENT | {"source": source})
    assert api("TestEventPattern", EventPattern='{"source": ["shop"]}', Event=event) == {"Result": result}


@pytest.mark.parametrize(
    "event", ["{", "[]", '"x"', "null", *(json.dumps({k: v for k, v in EVENT.items() if k != key}) for key in EVENT)]
)
def test_an_event_needs_its_envelope(api: Api, event: str) -> None:
    refusal = api.refused("TestEventPattern", EventPattern='{"source": ["shop"]}', Event=event)
    assert refusal == ("ValidationException", "Parameter Event is not valid.")


def test_a_pattern_that_is_none(api: Api) -> None:
    code, message = api.refused("TestEventPattern", EventPattern='{"source": "shop"}', Event=json.dumps(EVENT))
    assert code == "InvalidEventPatternException"
    assert message.startswith('Event pattern is not valid. Reason: "source" must be an object or an array')
