"""GetAccountSettings, tags, and code signing configurations."""

import json
from typing import Any

import pytest

from emulator.wire.service import Members
from tests.runtime.zips import zipped
from tests.services.lambda_.api import ARN, CODE, TWO, Api

INVALID, MISSING = "InvalidParameterValueException", "ResourceNotFoundException"
MAPPING = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:00000000-0000-0000-0000-000000000000"
LAYER = zipped({"python/a.py": ""})
PUBLISHER = {"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/0"]}


def test_the_size_of_every_version_and_layer_counts(api: Api) -> None:
    api.create(Publish=True)
    api("UpdateFunctionCode", FunctionName="f", ZipFile=TWO)
    api.create("g")
    api("PublishLayerVersion", LayerName="l", Content={"ZipFile": LAYER})
    usage = api("GetAccountSettings")["AccountUsage"]
    assert usage == {"FunctionCount": 2, "TotalCodeSize": 2 * len(CODE) + len(TWO) + len(LAYER)}
    assert api.of("222222222222", "GetAccountSettings")["AccountUsage"] == {"FunctionCount": 0, "TotalCodeSize": 0}


def test_the_wire_has_awss_undeclared_members(api: Api) -> None:
    """Recorded on AWS, Sep 2026."""
    assert json.loads(api.http("GET", "/2016-08-19/account-settings").body) == {
        "AccountLimit": {
            "CodeSizeUnzipped": 262144000, "CodeSizeZipped": 52428800, "ConcurrentExecutions": 1000,
            "TotalCodeSize": 322122547200, "UnreservedConcurrentExecutions": 1000,
            "UnreservedConcurrentExecutionsMinimum": None,
        },
        "AccountRuntimeConfig": None, "AccountUsage": {"FunctionCount": 0, "TotalCodeSize": 0},
        "BlacklistedFeatures": None, "DeprecatedFeaturesAccess": None, "HasFunctionWithDeprecatedRuntime": False,
        "PreviewFeatures": None,
    }  # fmt: skip


def test_tags_are_put_listed_and_taken_away(api: Api) -> None:
    api.create(Tags={"b": "1"})
    before = api("GetFunctionConfiguration", FunctionName="f")
    api("TagResource", Resource=ARN, Tags={"a": "2", "b": ""})
    assert api("ListTags", Resource=ARN) == {"Tags": {"a": "2", "b": ""}}
    api("UntagResource", Resource=ARN, TagKeys=["b", "absent"])
    assert api("ListTags", Resource=ARN) == {"Tags": {"a": "2"}}
    assert api("GetFunctionConfiguration", FunctionName="f") == before
    assert api.http("POST", f"/2017-03-31/tags/{ARN}", {"Tags": {"c": "3"}}).status == 204
    assert api.http("DELETE", f"/2017-03-31/tags/{ARN}", query="tagKeys=a&tagKeys=c").status == 204
    assert api("ListTags", Resource=ARN) == {"Tags": {}}


@pytest.mark.parametrize(
    ("operation", "members", "code", "text"),
    [
        ("ListTags", {"Resource": ARN[:-1] + "gone"}, MISSING, f"Function not found: {ARN[:-1]}gone"),
        (
            "ListTags", {"Resource": f"{ARN}:1"}, INVALID,
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        ),
        (
            "TagResource", {"Resource": ARN, "Tags": {}}, INVALID,
            "An error occurred and the request cannot be processed.",
        ),
        (
            "TagResource", {"Resource": ARN, "Tags": {f"k{n}": "" for n in range(50)}}, INVALID,
            "Number of tags exceeds resource tag limit.",
        ),
        (
            "UntagResource", {"Resource": ARN}, "ValidationException",
            "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint:"
            " Member must not be null",
        ),
        (
            "ListTags",
            {"Resource": MAPPING},
            MISSING,
            f"Event source mapping not found: {MAPPING}",
        ),
    ],
)  # fmt: skip
def test_tags_that_are_refused(api: Api, operation: str, members: Members, code: str, text: str) -> None:
    api.create(Tags={"a": "1"})
    assert api.refused(operation, **members) == (code, text)
    assert api("ListTags", Resource=ARN) == {"Tags": {"a": "1"}}


def signing(api: Api, **members: Any) -> Members:
    config: Members = api("CreateCodeSigningConfig", AllowedPublishers=PUBLISHER, **members)["CodeSigningConfig"]
    return config


def test_a_code_signing_configuration_is_recorded(api: Api) -> None:
    config = signing(api, Description="d", Tags={"a": "1"})
    arn = config["CodeSigningConfigArn"]
    assert config == {
        "CodeSigningConfigId": arn.rpartition(":")[2], "CodeSigningConfigArn": arn, "Description": "d",
        "AllowedPublishers": PUBLISHER, "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"},
        "LastModified": "2023-11-14T22:13:20.357+0000",
    }  # fmt: skip
    assert api("GetCodeSigningConfig", CodeSigningConfigArn=arn)["CodeSigningConfig"] == config
    assert api("ListTags", Resource=arn) == {"Tags": {"a": "1"}}
    enforce = {"UntrustedArtifactOnDeployment": "Enforce"}
    changed = api("UpdateCodeSigningConfig", CodeSigningConfigArn=arn, CodeSigningPolicies=enforce)
    assert changed["CodeSigningConfig"] == {**config, "CodeSigningPolicies": enforce}
    assert api("ListCodeSigningConfigs")["CodeSigningConfigs"] == [changed["CodeSigningConfig"]]
    assert api("DeleteCodeSigningConfig", CodeSigningConfigArn=arn) == {}
    refusal = api.refused("GetCodeSigningConfig", CodeSigningConfigArn=arn)
    assert refusal == (MISSING, f"The Lambda code signing configuration {arn} can not be found.")


def test_a_function_may_have_one(api: Api) -> None:
    arn = signing(api)["CodeSigningConfigArn"]
    api.create()
    assert api("GetFunctionCodeSigningConfig", FunctionName="f") == {}
    assert api("PutFunctionCodeSigningConfig", FunctionName="f", CodeSigningConfigArn=arn) == {
        "CodeSigningConfigArn": arn, "FunctionName": "f",
    }  # fmt: skip
    api.create("g", CodeSigningConfigArn=arn)
    users = api("ListFunctionsByCodeSigningConfig", CodeSigningConfigArn=arn)
    assert users == {"FunctionArns": [ARN, ARN[:-1] + "g"]}
    assert api("GetFunctionCodeSigningConfig", FunctionName="g")["CodeSigningConfigArn"] == arn
    refusal = api.refused("DeleteCodeSigningConfig", CodeSigningConfigArn=arn)
    assert refusal == ("ResourceConflictException", f"The code signing configuration {arn} is in use by f, g.")
    api("DeleteFunctionCodeSigningConfig", FunctionName="f")
    api("DeleteFunction", FunctionName="g")
    assert api("GetFunctionCodeSigningConfig", FunctionName="f") == {}
    api("DeleteCodeSigningConfig", CodeSigningConfigArn=arn)
    code, _ = api.refused("PutFunctionCodeSigningConfig", FunctionName="f", CodeSigningConfigArn=arn)
    assert code == "CodeSigningConfigNotFoundException"
    for operation in ("GetFunctionCodeSigningConfig", "DeleteFunctionCodeSigningConfig"):
        assert api.refused(operation, FunctionName="gone")[0] == MISSING
