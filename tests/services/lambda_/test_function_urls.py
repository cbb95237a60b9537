"""Configurations of function URLs.  Texts and shapes recorded on AWS (2025 and Sep 2026)."""

import json
import re
from typing import Any

import pytest

from tests.services.lambda_.api import ARN, Api

PATH = "/2021-10-31/functions/f/url"
NONE = ("ResourceNotFoundException", "The resource you requested does not exist.")
NO_FUNCTION = ("ResourceNotFoundException", "Function does not exist")


@pytest.fixture
def api(api: Api) -> Api:
    api.create()
    return api


def create(api: Api, **members: Any) -> Any:
    return api("CreateFunctionUrlConfig", FunctionName="f", **{"AuthType": "NONE", **members})


def test_create_and_get_as_they_are_on_the_wire(api: Api) -> None:
    created = json.loads(api.http("POST", PATH, {"AuthType": "NONE", "Cors": {}}).body)
    assert created["Cors"] is created["InvokeMode"] is None
    assert re.fullmatch(r"http://[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:4566/", created["FunctionUrl"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", created["CreationTime"])
    got = json.loads(api.http("GET", PATH).body)
    assert got == {**created, "InvokeMode": "BUFFERED", "LastModifiedTime": created["CreationTime"]}
    again = api.http("POST", PATH, {"AuthType": "NONE"})
    assert (again.status, json.loads(again.body)) == (409, {
        "Type": "User",
        "message": f"Failed to create function url config for [functionArn = {ARN}]."
        " Error message:  FunctionUrlConfig exists for this Lambda function",
    })  # fmt: skip
    assert api.http("DELETE", PATH).status == 204
    gone = api.http("GET", PATH)
    assert (gone.status, json.loads(gone.body)) == (404, {"Type": "User", "Message": NONE[1]})
    listed = api.http("GET", f"{PATH}s")
    assert listed.body == b'{"FunctionUrlConfigs":[],"NextMarker":null}'


def test_what_was_given_is_answered(api: Api) -> None:
    cors = {"AllowOrigins": ["https://a.example"], "MaxAge": 3}
    created = create(api, Cors=cors, InvokeMode="RESPONSE_STREAM")
    assert (created["Cors"], created["InvokeMode"]) == (cors, "RESPONSE_STREAM")
    assert "LastModifiedTime" not in created


def test_update_leaves_what_is_not_given(api: Api) -> None:
    created = create(api, Cors={"AllowOrigins": ["https://a.example"]})
    api.clock.advance(seconds=1)
    updated = api("UpdateFunctionUrlConfig", FunctionName="f", AuthType="AWS_IAM")
    assert (updated["AuthType"], updated["Cors"]) == ("AWS_IAM", created["Cors"])
    assert updated["FunctionUrl"] == created["FunctionUrl"]
    assert updated["CreationTime"] == created["CreationTime"] < updated["LastModifiedTime"]
    emptied = api("UpdateFunctionUrlConfig", FunctionName="f", Cors={})
    assert emptied["Cors"] == {  # recorded
        "AllowCredentials": False, "AllowHeaders": [], "AllowMethods": [], "AllowOrigins": [], "ExposeHeaders": [],
        "MaxAge": 0,
    }  # fmt: skip


def test_aliases_have_urls_and_versions_have_none(api: Api) -> None:
    api("PublishVersion", FunctionName="f")
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    own, live = create(api), create(api, Qualifier="live")
    assert live["FunctionArn"] == f"{ARN}:live"
    listed = api("ListFunctionUrlConfigs", FunctionName="f")["FunctionUrlConfigs"]
    assert [each["FunctionUrl"] for each in listed] == [live["FunctionUrl"], own["FunctionUrl"]]  # recorded
    first = api("ListFunctionUrlConfigs", FunctionName="f", MaxItems=1)
    rest = api("ListFunctionUrlConfigs", FunctionName="f", MaxItems=1, Marker=first["NextMarker"])
    assert first["FunctionUrlConfigs"] + rest["FunctionUrlConfigs"] == listed
    for operation in ("CreateFunctionUrlConfig", "GetFunctionUrlConfig", "DeleteFunctionUrlConfig"):
        auth = {"AuthType": "NONE"} if operation.startswith("Create") else {}
        refused = api.refused(operation, FunctionName="f", Qualifier="1", **auth)
        assert refused == (
            "ValidationException",
            "1 validation error detected: Value '1' at 'qualifier' failed to satisfy constraint: Member must satisfy"
            r" regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)",
        )
    api("DeleteAlias", FunctionName="f", Name="live")
    assert api("GetFunctionUrlConfig", FunctionName="f", Qualifier="live")["FunctionUrl"] == live["FunctionUrl"]
    assert api.refused("UpdateFunctionUrlConfig", FunctionName="f", Qualifier="live", AuthType="NONE") == NO_FUNCTION
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    assert api.refused("CreateFunctionUrlConfig", FunctionName="f", Qualifier="live", AuthType="NONE")[0] == (
        "ResourceConflictException"
    )


def test_what_is_not_there(api: Api) -> None:
    for operation in ("GetFunctionUrlConfig", "UpdateFunctionUrlConfig", "DeleteFunctionUrlConfig"):
        assert api.refused(operation, FunctionName="f") == NONE
    assert api.refused("CreateFunctionUrlConfig", FunctionName="g", AuthType="NONE") == NO_FUNCTION
    assert api.refused("CreateFunctionUrlConfig", FunctionName="f", Qualifier="x", AuthType="NONE") == NO_FUNCTION
    assert api.refused("UpdateFunctionUrlConfig", FunctionName="f", Qualifier="x", AuthType="NONE") == NO_FUNCTION
    assert api.refused("ListFunctionUrlConfigs", FunctionName="g") == NO_FUNCTION
    assert api.refused("GetFunctionUrlConfig", FunctionName="f", Qualifier="x") == NONE
    marker = api.refused("ListFunctionUrlConfigs", FunctionName="f", Marker="nonsense")
    assert marker == ("InvalidParameterValueException", "Invalid marker value from user.")
    assert api.refused("CreateFunctionUrlConfig", FunctionName="f", AuthType="NONE", InvokeMode="X")[1].endswith(
        "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]"
    )


def test_a_deleted_function_takes_its_url_with_it(api: Api) -> None:
    create(api)
    api("DeleteFunction", FunctionName="f")
    api.create()
    assert api.refused("GetFunctionUrlConfig", FunctionName="f") == NONE


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:4566", r"http://[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:4566/"),
        ("127.0.0.1:80", r"http://[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:80/"),
        ("[::1]:4566", r"http://[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:4566/"),
        ("lambda.localhost", r"http://[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost/"),
        ("", r"http://[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost/"),
        ("aws:4566", r"http://aws:4566/_ebl/url/[a-z0-9]{32}/"),
    ],
)
def test_the_address_is_one_that_the_client_can_reach(host: str, expected: str) -> None:
    from emulator.services.lambda_.url_address import address_of, id_in

    url = address_of("a" * 32, "us-east-1", host)
    assert re.fullmatch(expected, url)
    name, _, path = url.removeprefix("http://").partition("/")
    assert id_in(name, f"/{path}x") == ("a" * 32, "/x")
