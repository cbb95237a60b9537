"""Layers: published, used by functions, shared with other accounts."""

import hashlib
import json
from base64 import b64encode
from typing import Any

import pytest

from emulator.wire.service import Members
from tests.runtime.zips import zipped
from tests.services.lambda_.api import GIVEN, Api

ARN = "arn:aws:lambda:us-east-1:000000000000:layer:l"
ONE = zipped({"python/greeting.py": "WORD = 'one'"})
TWO = zipped({"python/greeting.py": "WORD = 'two'", "python/other.py": "WORD = 'other'"})
USER = zipped({"app.py": "import greeting\ndef handler(event, context): return greeting.WORD"})
TOO_SMALL = ("InvalidParameterValueException", "Layer Version Cannot be less than 1")
MISSING = ("ResourceNotFoundException", "The resource you requested does not exist.")


def published(api: Api, content: bytes = ONE, name: str = "l", **members: Any) -> Members:
    return api("PublishLayerVersion", LayerName=name, Content={"ZipFile": content}, **members)


def test_a_version_is_shown_as_it_was_published(api: Api) -> None:
    layer = published(api)
    location = layer["Content"].pop("Location")
    assert location.endswith(f"/archives/{hashlib.sha256(ONE).hexdigest()}")
    assert layer == {
        "Content": {"CodeSha256": b64encode(hashlib.sha256(ONE).digest()).decode(), "CodeSize": len(ONE)},
        "LayerArn": ARN,
        "LayerVersionArn": f"{ARN}:1",
        "Description": "",
        "CreatedDate": "2023-11-14T22:13:20.357+0000",
        "Version": 1,
    }
    for found in (
        api("GetLayerVersion", LayerName="l", VersionNumber=1), api("GetLayerVersion", LayerName=ARN, VersionNumber=1),
        api("GetLayerVersionByArn", Arn=f"{ARN}:1"),
    ):  # fmt: skip
        assert found["Content"].pop("Location") == location
        assert found == layer


def test_what_it_is_said_to_fit_is_shown_when_it_was_said(api: Api) -> None:
    said: Members = {
        "CompatibleRuntimes": ["python3.12"], "CompatibleArchitectures": [], "LicenseInfo": "MIT", "Description": "d",
    }  # fmt: skip
    layer = published(api, **said)
    assert {name: layer[name] for name in said} == said


def test_lists_have_the_newest_first_and_can_be_asked_for_what_fits(api: Api) -> None:
    published(api, CompatibleRuntimes=["python3.12"])
    published(api, TWO, CompatibleRuntimes=["python3.13"], CompatibleArchitectures=["arm64"])
    published(api, TWO, "m")

    def versions(**members: Any) -> list[int]:
        return [entry["Version"] for entry in api("ListLayerVersions", LayerName="l", **members)["LayerVersions"]]

    def layers(**members: Any) -> list[tuple[str, int]]:
        found = api("ListLayers", **members)["Layers"]
        return [(entry["LayerName"], entry["LatestMatchingVersion"]["Version"]) for entry in found]

    assert (versions(), versions(CompatibleRuntime="python3.12")) == ([2, 1], [1])
    assert versions(CompatibleRuntime="python3.12", CompatibleArchitecture="arm64") == []
    assert (layers(), layers(CompatibleRuntime="python3.12")) == ([("l", 2), ("m", 1)], [("l", 1)])
    assert api("ListLayerVersions", LayerName="gone")["LayerVersions"] == []
    entry = api("ListLayers")["Layers"][0]
    assert entry["LayerArn"] == ARN
    assert "Content" not in entry["LatestMatchingVersion"]
    first = api("ListLayerVersions", LayerName="l", MaxItems=1)
    assert [entry["Version"] for entry in first["LayerVersions"]] == [2]
    second = api("ListLayerVersions", LayerName="l", MaxItems=1, Marker=first["NextMarker"])
    assert ([entry["Version"] for entry in second["LayerVersions"]], "NextMarker" in second) == ([1], False)


def test_a_function_imports_from_its_layers_and_its_own_code_comes_first(api: Api) -> None:
    one, two = (published(api, content, name)["LayerVersionArn"] for content, name in ((ONE, "l"), (TWO, "m")))
    made = api.create(code=USER, Layers=[one])
    assert made["Layers"] == [{"Arn": one, "CodeSize": len(ONE)}]
    assert api.invoked() == "one"
    api("UpdateFunctionConfiguration", FunctionName="f", Layers=[one, two])
    assert api.invoked() == "two"  # both are unpacked into /opt: the last one's file is there
    api("UpdateFunctionConfiguration", FunctionName="f", Layers=[two, one])
    assert api.invoked() == "one"
    own = zipped({"app.py": "import greeting\ndef handler(*_): return greeting.WORD", "greeting.py": "WORD = 'own'"})
    api("UpdateFunctionCode", FunctionName="f", ZipFile=own)
    assert api.invoked() == "own"
    cleared = api("UpdateFunctionConfiguration", FunctionName="f", Layers=[])
    assert "Layers" not in cleared


def test_a_function_keeps_a_layer_that_was_deleted(api: Api) -> None:
    arn = published(api)["LayerVersionArn"]
    api.create(code=USER, Layers=[arn], Publish=True)
    for _ in range(2):
        assert api("DeleteLayerVersion", LayerName="l", VersionNumber=1) == {}
    assert api.refused("GetLayerVersion", LayerName="l", VersionNumber=1) == MISSING
    assert (api.invoked(), api.invoked("f:1")) == ("one", "one")
    assert api("GetFunctionConfiguration", FunctionName="f")["Layers"][0]["Arn"] == arn
    assert published(api)["Version"] == 2  # no number is given twice
    api("DeleteLayerVersion", LayerName="l", VersionNumber=2)
    assert len(api.store.archives.collect()) == 2
    api("DeleteFunction", FunctionName="f")
    assert api.store.archives.collect() == set()


@pytest.mark.parametrize(
    ("operation", "members", "code", "text"),
    [
        ("GetLayerVersion", {"VersionNumber": 9}, *MISSING),
        ("GetLayerVersion", {"VersionNumber": 0}, *TOO_SMALL),
        ("DeleteLayerVersion", {"VersionNumber": 0}, *TOO_SMALL),
        ("GetLayerVersionPolicy", {"VersionNumber": 9}, MISSING[0], f"Layer version {ARN}:9 does not exist."),
        (
            "GetLayerVersionPolicy", {"VersionNumber": 1}, "ResourceNotFoundException",
            "No policy is associated with the given resource.",
        ),
        (
            "RemoveLayerVersionPermission", {"VersionNumber": 1, "StatementId": "s"}, "ResourceNotFoundException",
            "Statement s is not found in resource policy.",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(api: Api, operation: str, members: Members, code: str, text: str) -> None:
    published(api)
    assert api.refused(operation, LayerName="l", **members) == (code, text)


def test_content_that_cannot_be_had(api: Api) -> None:
    def refused(**content: Any) -> str:
        return api.refused("PublishLayerVersion", LayerName="l", Content=content)[1]

    assert refused(ZipFile=b"no zip").startswith("Could not unzip uploaded file.")
    assert refused(S3Bucket="hot-reload", S3Key="/") == "A layer cannot be a folder of this machine: send its zip."
    assert refused() == "Please provide a source for function code."
    told = api.refused("PublishLayerVersion", LayerName="l", Content={"ZipFile": ONE}, CompatibleRuntimes=["x"])
    assert told[1].startswith("1 validation error detected: Value '[x]' at 'compatibleRuntimes' failed to satisfy")
    assert api("ListLayers")["Layers"] == []


def test_a_policy_lets_other_accounts_use_it(api: Api) -> None:
    arn = published(api)["LayerVersionArn"]
    create = {**GIVEN, "Code": {"ZipFile": USER}, "Layers": [arn]}
    with pytest.raises(Exception, match="not authorized to perform: lambda:GetLayerVersion on resource"):
        api.of("222222222222", "CreateFunction", **create)
    asked = {"LayerName": "l", "VersionNumber": 1, "Action": "lambda:GetLayerVersion"}
    added = api("AddLayerVersionPermission", **asked, StatementId="one", Principal="222222222222")
    assert added["Statement"] == (
        '{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},'
        f'"Action":"lambda:GetLayerVersion","Resource":"{arn}"}}'
    )
    api.of("222222222222", "CreateFunction", **create)
    with pytest.raises(Exception, match="not authorized"):
        api.of("333333333333", "GetLayerVersionByArn", Arn=arn)
    taken = api.refused("AddLayerVersionPermission", **asked, StatementId="one", Principal="*")
    assert taken == (
        "ResourceConflictException",
        "The statement id (one) provided already exists. Please provide a new statement id, or remove the existing"
        " statement.",
    )
    code, text = api.refused("AddLayerVersionPermission", **asked, StatementId="two", Principal="*", RevisionId="x")
    assert (code, "Call the GetLayerPolicy API" in text) == ("PreconditionFailedException", True)
    api("AddLayerVersionPermission", **asked, StatementId="all", Principal="*", RevisionId=added["RevisionId"],
        OrganizationId="o-0000000000")  # fmt: skip
    assert api.of("333333333333", "GetLayerVersionByArn", Arn=arn)["Version"] == 1
    policy = api("GetLayerVersionPolicy", LayerName="l", VersionNumber=1)
    statements = json.loads(policy["Policy"])["Statement"]
    assert [statement["Sid"] for statement in statements] == ["one", "all"]
    assert statements[1]["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-0000000000"}}
    gone = {"LayerName": "l", "VersionNumber": 1, "StatementId": "all"}
    assert api("RemoveLayerVersionPermission", **gone, RevisionId=policy["RevisionId"]) == {}
    with pytest.raises(Exception, match="not authorized"):
        api.of("333333333333", "GetLayerVersionByArn", Arn=arn)


def test_the_uri_that_asks_by_arn_is_told_from_the_one_that_lists(api: Api) -> None:
    published(api)
    found = api.http("GET", "/2018-10-31/layers", query=f"find=LayerVersion&Arn={ARN}%3A1")
    assert json.loads(found.body)["Version"] == 1
    assert "Layers" in json.loads(api.http("GET", "/2018-10-31/layers").body)
