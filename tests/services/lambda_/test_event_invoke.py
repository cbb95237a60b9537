"""FunctionEventInvokeConfig beyond what was recorded in order (see tests/conformance/test_lambda_policy.py)."""

import json
from typing import Any

import pytest

from emulator.store.queues import QueueKey
from tests.services.lambda_.api import ACCOUNT, ARN, REGION, START, Api

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
PATH = "/2019-09-25/functions/f/event-invoke-config"
EMPTY: dict[str, dict[str, str]] = {"OnSuccess": {}, "OnFailure": {}}


@pytest.fixture
def api(api: Api) -> Api:
    api.create()
    with api.store.transaction():
        api.store.queues.put(QueueKey(ACCOUNT, REGION, "q"), START)
    return api


def put(api: Api, **members: Any) -> Any:
    return api("PutFunctionEventInvokeConfig", FunctionName="f", **members)


def destinations(success: str | None = None, failure: str | None = None) -> dict[str, Any]:
    sides = {"OnSuccess": success, "OnFailure": failure}
    return {"DestinationConfig": {side: {"Destination": arn} for side, arn in sides.items() if arn is not None}}


def test_put_replaces_and_update_merges(api: Api) -> None:
    put(api, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60, **destinations(failure=QUEUE))
    updated = api("UpdateFunctionEventInvokeConfig", FunctionName="f", MaximumRetryAttempts=0)
    assert updated == {
        "LastModified": START, "FunctionArn": f"{ARN}:$LATEST", "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 60, "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}},
    }  # fmt: skip
    both = api("UpdateFunctionEventInvokeConfig", FunctionName="f", **destinations(success=QUEUE))
    assert both["DestinationConfig"] == {"OnSuccess": {"Destination": QUEUE}, "OnFailure": {"Destination": QUEUE}}
    cleared = api("UpdateFunctionEventInvokeConfig", FunctionName="f", **destinations(success="", failure=""))
    assert cleared["DestinationConfig"] == EMPTY
    replaced = put(api, MaximumRetryAttempts=2)
    assert "MaximumEventAgeInSeconds" not in replaced
    assert replaced["DestinationConfig"] == EMPTY


def test_as_it_is_on_the_wire(api: Api) -> None:
    answer = json.loads(api.http("PUT", PATH, {"MaximumRetryAttempts": 0}).body)
    assert answer == {
        "LastModified": START, "FunctionArn": f"{ARN}:$LATEST", "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": None,
        "DestinationConfig": {"OnSuccess": {"Destination": None}, "OnFailure": {"Destination": None}},
    }  # fmt: skip
    refused = api.http("PUT", PATH, {"DestinationConfig": {}})
    assert (refused.status, refused.body) == (
        400, b'{"Type":"User","message":"You must specify at least one of error handling or destination setting."}',
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (destinations(failure=f"{ARN[:-1]}nobody"), f"The destination ARN {ARN[:-1]}nobody is invalid."),
        (destinations(failure=QUEUE + "x"), f"The destination ARN {QUEUE}x is invalid."),
        (destinations(success=ARN), "You can't specify the function as a destination for itself."),
        (destinations(success=f"{ARN}:live"), "You can't specify the function as a destination for itself."),
        (
            destinations(success="arn:aws:kinesis:us-east-1:000000000000:stream/s"),
            "The provided destination config DestinationConfig(onSuccess=OnSuccess("
            "destination=arn:aws:kinesis:us-east-1:000000000000:stream/s), onFailure=null) is invalid.",
        ),
        (
            destinations(success="arn:aws:s3:::b", failure=QUEUE),
            "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:s3:::b),"
            f" onFailure=OnFailure(destination={QUEUE})) is invalid.",
        ),
        (
            destinations(failure="arn:aws:events:us-east-1:000000000000:event-bus/none"),
            "The destination ARN arn:aws:events:us-east-1:000000000000:event-bus/none is invalid.",
        ),
    ],
)
def test_destinations_that_are_refused_change_nothing(api: Api, given: dict[str, Any], text: str) -> None:
    before = put(api, MaximumRetryAttempts=1)
    api.clock.advance(seconds=1)
    for operation in ("PutFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig"):
        assert api.refused(operation, FunctionName="f", **given) == ("InvalidParameterValueException", text)
    assert api("GetFunctionEventInvokeConfig", FunctionName="f") == before


@pytest.mark.parametrize("arn", ["arn:aws:sns:us-east-1:000000000000:t", "arn:aws:s3:::b"])
def test_destinations_that_are_not_there_yet_say_so(api: Api, arn: str) -> None:
    code, text = api.refused("PutFunctionEventInvokeConfig", FunctionName="f", **destinations(failure=arn))
    assert code == "NotImplementedException"
    assert arn in text


def test_each_version_and_alias_has_its_own(api: Api) -> None:
    api("PublishVersion", FunctionName="f")
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    for qualifier, retries in (("live", 0), ("1", 1), ("$LATEST", 2)):
        api("PutFunctionEventInvokeConfig", FunctionName="f", Qualifier=qualifier, MaximumRetryAttempts=retries)
    found = api("ListFunctionEventInvokeConfigs", FunctionName="f")["FunctionEventInvokeConfigs"]
    assert {each["FunctionArn"]: each["MaximumRetryAttempts"] for each in found} == {
        f"{ARN}:live": 0, f"{ARN}:1": 1, f"{ARN}:$LATEST": 2,
    }  # fmt: skip
    first = api("ListFunctionEventInvokeConfigs", FunctionName="f", MaxItems=2)
    rest = api("ListFunctionEventInvokeConfigs", FunctionName="f", MaxItems=2, Marker=first["NextMarker"])
    assert first["FunctionEventInvokeConfigs"] + rest["FunctionEventInvokeConfigs"] == found
    assert "NextMarker" not in rest


@pytest.mark.parametrize("operation", ["PutFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig"])
def test_a_function_that_is_not_there(api: Api, operation: str) -> None:
    expected = ("ResourceNotFoundException", "The function doesn't exist.")
    assert api.refused(operation, FunctionName="g", MaximumRetryAttempts=1) == expected
    assert api.refused(operation, FunctionName="f", Qualifier="none", MaximumRetryAttempts=1) == expected
    assert api.refused("ListFunctionEventInvokeConfigs", FunctionName="g") == expected
    arn = ARN[:-1] + "g:$LATEST"
    assert api.refused("GetFunctionEventInvokeConfig", FunctionName="g")[1] == (
        f"The function {arn} doesn't have an EventInvokeConfig"
    )
