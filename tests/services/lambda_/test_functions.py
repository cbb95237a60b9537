"""CreateFunction, GetFunction, UpdateFunction… and DeleteFunction: what AWS answers, and what runs then."""

import asyncio
import hashlib
import json
from base64 import b64encode
from typing import Any

import pytest

from emulator.wire.service import Members
from tests.runtime.zips import zipped
from tests.services.lambda_.api import ARN, CODE, GIVEN, NO_FUNCTION, REGION, ROLE, TWO, ZIP_ERROR, Api

BEING_MADE = "The function is being created."


def shown(code: bytes = CODE, **changes: Any) -> Members:
    """GetFunctionConfiguration of `api.create()`, as AWS answers it (recorded in 2025 and 2026)."""
    return {
        "FunctionName": "f",
        "FunctionArn": ARN,
        "Runtime": "python3.12",
        "Role": ROLE,
        "Handler": "app.handler",
        "CodeSize": len(code),
        "CodeSha256": b64encode(hashlib.sha256(code).digest()).decode(),
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "LastModified": "2023-11-14T22:13:20.357+0000",
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
        **changes,
    }


def without_ids(members: Members) -> Members:
    arn = members["RuntimeVersionConfig"]["RuntimeVersionArn"]
    assert arn.startswith(f"arn:aws:lambda:{REGION}::runtime:")
    assert len(arn.rpartition(":")[2]) == 64
    return {key: value for key, value in members.items() if key not in ("RevisionId", "RuntimeVersionConfig")}


def test_a_new_function_is_pending_in_the_answer_and_active_at_once(api: Api) -> None:
    made = api.create()
    pending = shown(State="Pending", StateReason=BEING_MADE, StateReasonCode="Creating")
    del pending["LastUpdateStatus"]
    assert without_ids(made) == pending
    found = api("GetFunctionConfiguration", FunctionName="f")
    assert without_ids(found) == shown()
    assert found["RevisionId"] != made["RevisionId"]
    assert api.invoked() == [1, "$LATEST", ARN, None]


def test_it_runs_while_it_is_pending(api: Api) -> None:
    async def at_once() -> tuple[Members, Members, Members]:
        call = api.emulator.api
        made = await call("lambda", "CreateFunction", GIVEN | {"Code": {"ZipFile": CODE}})
        found = await call("lambda", "GetFunctionConfiguration", {"FunctionName": "f"})
        changed = await call("lambda", "UpdateFunctionConfiguration", {"FunctionName": "f", "Description": "new"})
        await call("lambda", "Invoke", {"FunctionName": "f"})
        return made, found, changed

    made, found, changed = api.run(at_once())
    assert (made["State"], found["State"], changed["State"]) == ("Pending", "Pending", "Active")
    assert made["RevisionId"] == found["RevisionId"] != changed["RevisionId"]


def test_on_the_wire_what_is_not_set_is_null(api: Api) -> None:
    api.create()
    body = json.loads(api.http("GET", "/2015-03-31/functions/f/configuration").body)
    nulls = {key for key, value in body.items() if value is None}
    assert nulls >= {  # recorded on AWS, Sep 2026
        "VpcConfig", "DurableConfig", "SigningJobArn", "Layers", "TenancyConfig", "KMSKeyArn", "ImageConfigResponse",
        "LastUpdateStatusReason", "CapacityProviderConfig", "DeadLetterConfig", "ConfigSha256",
        "SigningProfileVersionArn", "MasterArn", "StateReason", "Environment", "StateReasonCode",
        "LastUpdateStatusReasonCode",
    }  # fmt: skip
    assert body["LoggingConfig"] == {
        "LogFormat": "Text", "LogGroup": "/aws/lambda/f", "ApplicationLogLevel": None, "SystemLogLevel": None,
    }  # fmt: skip
    assert body["RuntimeVersionConfig"]["Error"] is None


def test_statuses_are_awss(api: Api) -> None:
    zip_file = b64encode(CODE).decode()
    functions = "/2015-03-31/functions"
    assert api.http("POST", functions, GIVEN | {"Code": {"ZipFile": zip_file}}).status == 201
    assert api.http("PUT", f"{functions}/f/code", {"ZipFile": zip_file}).status == 200
    assert api.http("POST", f"{functions}/f/versions", {}).status == 201
    assert api.http("POST", f"{functions}/f/aliases", {"Name": "live", "FunctionVersion": "1"}).status == 201
    deleted = api.http("DELETE", f"{functions}/f/aliases/live")
    assert (deleted.status, deleted.body) == (204, b"")
    deleted = api.http("DELETE", f"{functions}/f")
    assert (deleted.status, deleted.body) == (204, b"")
    missing = api.http("GET", f"{functions}/f")
    assert (missing.status, json.loads(missing.body)) == (404, {"Type": "User", "Message": NO_FUNCTION[1]})


def test_all_that_is_only_recorded_is_shown(api: Api) -> None:
    given: Members = {
        "Description": "d", "Timeout": 900, "MemorySize": 10240, "EphemeralStorage": {"Size": 10240},
        "Environment": {"Variables": {"TABLE": "t"}}, "KMSKeyArn": "arn:aws:kms:us-east-1:0:key/k",
        "TracingConfig": {"Mode": "Active"}, "Architectures": ["arm64"],
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"},
        "FileSystemConfigs": [
            {"Arn": "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-00000000000000000",
             "LocalMountPath": "/mnt/data"}
        ],
    }  # fmt: skip
    api.create(
        **given,
        SnapStart={"ApplyOn": "PublishedVersions"},
        LoggingConfig={"LogFormat": "JSON", "LogGroup": "g"},
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    )
    found = without_ids(api("GetFunctionConfiguration", FunctionName="f"))
    assert found == shown(
        **given,
        SnapStart={"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"},
        LoggingConfig={"LogFormat": "JSON", "LogGroup": "g", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"},
        VpcConfig={
            "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "", "Ipv6AllowedForDualStack": False,
        },
    )  # fmt: skip
    assert api.invoked()[3] == "t"
    version = api("PublishVersion", FunctionName="f")
    assert version["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}


def test_an_empty_environment_is_shown_and_none_is_not(api: Api) -> None:
    assert "Environment" not in api.create()
    assert api.create("g", Environment={})["Environment"] == {"Variables": {}}


def test_tags_come_with_the_function_and_go_with_it(api: Api) -> None:
    api.create(Tags={"team": "a"})
    assert api("GetFunction", FunctionName="f")["Tags"] == {"team": "a"}
    api("DeleteFunction", FunctionName="f")
    api.create()
    assert "Tags" not in api("GetFunction", FunctionName="f")


def test_a_published_one_answers_as_version_1_under_its_own_arn(api: Api) -> None:
    made = api.create(Publish=True)
    assert (made["Version"], made["FunctionArn"], made["State"]) == ("1", ARN, "Pending")
    assert "LastUpdateStatus" not in made
    version = api("GetFunctionConfiguration", FunctionName="f", Qualifier="1")
    assert (version["State"], version["FunctionArn"]) == ("Active", f"{ARN}:1")
    assert version["RevisionId"] != made["RevisionId"]
    assert api.invoked(Qualifier="1") == [1, "1", f"{ARN}:1", None]


@pytest.mark.parametrize("name", ["f", ARN, "function:f", "000000000000:function:f", "f:$LATEST"])
def test_every_form_of_the_name_makes_it(api: Api, name: str) -> None:
    assert api.create(name)["FunctionArn"] == ARN


def test_a_name_is_taken_until_its_function_is_deleted(api: Api) -> None:
    api.create()
    with pytest.raises(Exception, match="Function already exist: f") as caught:
        api.create()
    assert caught.value.code == "ResourceConflictException"  # type: ignore[attr-defined]
    api("DeleteFunction", FunctionName="f")
    assert api.refused("GetFunction", FunctionName="f") == NO_FUNCTION
    assert api.create(code=TWO)["State"] == "Pending"
    assert api.invoked() == 2


def test_of_two_that_are_made_at_once_one_is_made(api: Api) -> None:
    async def both() -> list[Any]:
        calls = [
            api.emulator.api("lambda", "CreateFunction", GIVEN | {"Code": {"ZipFile": code}}) for code in (CODE, TWO)
        ]
        return await asyncio.gather(*calls, return_exceptions=True)

    answers = api.run(both())
    assert sorted(type(answer).__name__ for answer in answers) == ["AwsError", "dict"]


def test_new_code_runs_at_the_next_invocation(api: Api) -> None:
    api.create()
    assert api.invoked()[0] == 1
    before = api("GetFunctionConfiguration", FunctionName="f")
    answer = api("UpdateFunctionCode", FunctionName="f", ZipFile=TWO)
    assert without_ids(answer) == shown(
        TWO, LastModified="2023-11-14T22:13:20.000+0000", LastUpdateStatus="InProgress",
        LastUpdateStatusReason=BEING_MADE, LastUpdateStatusReasonCode="Creating",
    )  # fmt: skip
    after = api("GetFunctionConfiguration", FunctionName="f")
    assert without_ids(after) == shown(TWO, LastModified="2023-11-14T22:13:20.000+0000")
    assert len({before["RevisionId"], answer["RevisionId"], after["RevisionId"]}) == 3
    assert api.invoked() == 2


def test_a_dry_run_checks_and_changes_nothing(api: Api) -> None:
    api.create()
    before = api("GetFunctionConfiguration", FunctionName="f")
    answer = api("UpdateFunctionCode", FunctionName="f", ZipFile=TWO, DryRun=True)
    assert answer["CodeSize"] == len(TWO)
    assert api("GetFunctionConfiguration", FunctionName="f") == before
    assert api.refused("UpdateFunctionCode", FunctionName="f", ZipFile=b"no zip", DryRun=True)[1] == ZIP_ERROR


def test_an_update_may_publish(api: Api) -> None:
    api.create()
    answer = api("UpdateFunctionCode", FunctionName="f", ZipFile=TWO, Publish=True)
    assert (answer["FunctionArn"], answer["Version"], answer["State"]) == (f"{ARN}:1", "1", "Pending")
    assert answer["StateReason"] == BEING_MADE
    assert "LastUpdateStatus" not in answer
    assert api.invoked("f:1") == 2


STALE = (
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id."
    " Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
)


def test_a_stale_revision_is_refused_and_the_latest_is_not(api: Api) -> None:
    stale = api.create()["RevisionId"]
    for operation, members in (
        ("UpdateFunctionCode", {"ZipFile": TWO}), ("UpdateFunctionConfiguration", {"Timeout": 5}),
        ("PublishVersion", {}),
    ):  # fmt: skip
        assert api.refused(operation, FunctionName="f", RevisionId=stale, **members) == STALE
        latest = api("GetFunctionConfiguration", FunctionName="f")["RevisionId"]
        assert api(operation, FunctionName="f", RevisionId=latest, **members)


def test_what_is_not_given_stays(api: Api) -> None:
    api.create(Description="d", Timeout=5, Environment={"Variables": {"TABLE": "t"}}, TracingConfig={"Mode": "Active"})
    api("UpdateFunctionConfiguration", FunctionName="f", MemorySize=256, Role=ROLE + "2", Handler="app.other")
    found = api("GetFunctionConfiguration", FunctionName="f")
    told = {key: found[key] for key in ("Description", "Timeout", "MemorySize", "Role", "Handler", "TracingConfig")}
    assert told == {
        "Description": "d", "Timeout": 5, "MemorySize": 256, "Role": ROLE + "2", "Handler": "app.other",
        "TracingConfig": {"Mode": "Active"},
    }  # fmt: skip
    assert found["Environment"] == {"Variables": {"TABLE": "t"}}
    api("UpdateFunctionConfiguration", FunctionName="f", Handler="app.handler", Environment={"Variables": {}})
    assert api.invoked()[3] is None


def test_an_empty_dead_letter_config_changes_nothing_and_an_empty_arn_takes_it_away(api: Api) -> None:
    queue = {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"}
    api.create(DeadLetterConfig=queue)
    assert api("UpdateFunctionConfiguration", FunctionName="f", DeadLetterConfig={})["DeadLetterConfig"] == queue
    cleared = api("UpdateFunctionConfiguration", FunctionName="f", DeadLetterConfig={"TargetArn": ""})
    assert "DeadLetterConfig" not in cleared


def test_levels_of_the_log_go_with_the_format_json(api: Api) -> None:
    api.create(LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"})
    back = api("UpdateFunctionConfiguration", FunctionName="f", LoggingConfig={"LogFormat": "Text"})
    assert back["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"}


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({"FunctionName": "gone"}, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:gone"),
        (
            {"FunctionName": "gone", "Qualifier": "1"},
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:gone",
        ),
        (
            {"FunctionName": "f", "Qualifier": "$LATEST"},
            "$LATEST version cannot be deleted without deleting the function.",
        ),
        ({"FunctionName": "f", "Qualifier": "live"}, "Deletion of aliases is not currently supported."),
        (
            {"FunctionName": "f", "Qualifier": "1"},
            "Unable to delete version because the following aliases reference it: [live]",
        ),
        (
            {"FunctionName": "f:2"},
            "Unable to delete version because the following aliases reference it: [live]",
        ),
    ],
)
def test_what_cannot_be_deleted(api: Api, members: Members, refusal: str) -> None:
    api.create(Publish=True)
    api("UpdateFunctionCode", FunctionName="f", ZipFile=TWO, Publish=True)
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1", RoutingConfig=weights)
    assert api.refused("DeleteFunction", **members)[1] == refusal


def test_a_version_that_is_not_there_is_deleted_with_success(api: Api) -> None:
    api.create(Publish=True)
    for _ in range(2):
        assert api("DeleteFunction", FunctionName="f", Qualifier="1") == {}
    assert api.refused("Invoke", FunctionName="f:1") == ("ResourceNotFoundException", f"Function not found: {ARN}:1")
    assert api.invoked()[0] == 1


def test_a_list_has_no_states_and_with_all_it_has_every_version(api: Api) -> None:
    api.create("g")
    api.create(Publish=True)
    latest = api("ListFunctions")["Functions"]
    assert [entry["FunctionArn"] for entry in latest] == [ARN, ARN[:-1] + "g"]
    every = api("ListFunctions", FunctionVersion="ALL")["Functions"]
    assert [entry["FunctionArn"] for entry in every] == [f"{ARN}:$LATEST", f"{ARN}:1", f"{ARN[:-1]}g:$LATEST"]
    absent = {"State", "LastUpdateStatus", "StateReason", "StateReasonCode", "RuntimeVersionConfig"}
    assert not any(absent & entry.keys() for entry in latest + every)


def test_a_list_has_pages(api: Api) -> None:
    names = [f"f{number}" for number in range(3)]
    for name in names:
        api.create(name)
    seen, marker = [], None
    while True:
        page = api("ListFunctions", MaxItems=2, **({"Marker": marker} if marker else {}))
        seen += [entry["FunctionName"] for entry in page["Functions"]]
        marker = page.get("NextMarker")
        if marker is None:
            break
    assert seen == names


@pytest.mark.parametrize("operation", ["UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishVersion"])
def test_only_the_function_itself_can_be_changed(api: Api, operation: str) -> None:
    api.create(Publish=True)
    code, told = api.refused(operation, FunctionName="f:1")
    assert (code, told.split(".")[0]) == (
        "InvalidParameterValueException", "This operation is permitted on Lambda functions only",
    )  # fmt: skip
    assert api.refused(operation, FunctionName="gone")[0] == "ResourceNotFoundException"


def test_a_runtime_that_is_not_emulated_can_be_made_and_says_so(api: Api) -> None:
    api.create(Runtime="java21", Handler="index.handler", code=zipped({"index.class": ""}))
    answer = api("Invoke", FunctionName="f")
    assert answer["FunctionError"] == "Unhandled"
    assert "the runtime java21 is not emulated" in json.loads(answer["Payload"])["errorMessage"]
