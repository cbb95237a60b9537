import json
from typing import Any

import pytest

from tests.services.events.api import Api

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "1",
    "account": "111111111111",
    "source": "shop",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail-type": "Paid",
    "detail": {},
}


@pytest.mark.parametrize(("source", "result"), [("shop", True), ("other", False)])
def test_a_pattern_is_tried_on_an_event(api: Api, source: str, result: bool) -> None:
    event = json.dumps(EVENT | {"source": source})
    assert api("TestEventPattern", EventPattern='{"source": ["shop"]}', Event=event) == {"Result": result}


def without(member: str) -> str:
    return json.dumps({name: value for name, value in EVENT.items() if name != member})


@pytest.mark.parametrize("member", ["resources", "version", "detail"])
def test_some_of_the_envelope_may_be_missing(api: Api, member: str) -> None:
    assert api("TestEventPattern", EventPattern='{"source": ["shop"]}', Event=without(member)) == {"Result": True}


NOT_VALID = "Parameter Event is not valid."


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("{", NOT_VALID),
        ("[]", NOT_VALID),
        ('"x"', NOT_VALID),
        ("null", NOT_VALID),
        *((without(member), NOT_VALID) for member in EVENT if member not in ("resources", "version", "detail")),
        (json.dumps(EVENT | {"time": "yesterday"}), f"{NOT_VALID} Reason: Invalid time."),
        (json.dumps(EVENT | {"time": 1}), f"{NOT_VALID} Reason: Invalid time."),
    ],
)
def test_an_event_needs_its_envelope(api: Api, event: str, message: str) -> None:
    refusal = api.refused("TestEventPattern", EventPattern='{"source": ["shop"]}', Event=event)
    assert refusal == ("ValidationException", message)


def test_a_pattern_that_is_none(api: Api) -> None:
    code, message = api.refused("TestEventPattern", EventPattern='{"source": "shop"}', Event=json.dumps(EVENT))
    assert code == "InvalidEventPatternException"
    assert message.startswith('Event pattern is not valid. Reason: "source" must be an object or an array')
