"""Recursion, runtimes, scaling, capacity providers and durable executions: what is recorded, and what answers so."""

from dataclasses import replace
from typing import Any

import pytest

from emulator.services.lambda_ import lambda_api
from tests.services.lambda_.api import ACCOUNT, ARN, REGION, Api

EXECUTION = f"{ARN}:1/durable-execution/name/id"
PROVIDER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:capacity-provider:fleet"
FLEET: dict[str, Any] = {
    "CapacityProviderName": "fleet",
    "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    "PermissionsConfig": {"CapacityProviderOperatorRoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"},
}


@pytest.fixture
def api(api: Api) -> Api:
    api.create()
    return api


def test_recursion(api: Api) -> None:
    assert api("GetFunctionRecursionConfig", FunctionName="f") == {"RecursiveLoop": "Terminate"}
    assert api("PutFunctionRecursionConfig", FunctionName="f", RecursiveLoop="Allow") == {"RecursiveLoop": "Allow"}
    assert api("GetFunctionRecursionConfig", FunctionName=ARN) == {"RecursiveLoop": "Allow"}
    assert api.refused("PutFunctionRecursionConfig", FunctionName="f", RecursiveLoop="Maybe")[1].endswith(
        "failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]"  # recorded
    )
    assert api.refused("GetFunctionRecursionConfig", FunctionName="g")[1] == f"Function not found: {ARN[:-1]}g"


def test_runtime_management(api: Api) -> None:
    api("PublishVersion", FunctionName="f")
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    assert api("GetRuntimeManagementConfig", FunctionName="f") == {"UpdateRuntimeOn": "Auto", "FunctionArn": ARN}
    runtime = f"arn:aws:lambda:{REGION}::runtime:{'a' * 64}"
    given = {"FunctionName": "f", "Qualifier": "1", "UpdateRuntimeOn": "Manual", "RuntimeVersionArn": runtime}
    kept = {"UpdateRuntimeOn": "Manual", "FunctionArn": f"{ARN}:1", "RuntimeVersionArn": runtime}
    assert api("PutRuntimeManagementConfig", **given) == kept
    assert api("GetRuntimeManagementConfig", FunctionName="f:1") == kept
    assert api("GetRuntimeManagementConfig", FunctionName="f")["UpdateRuntimeOn"] == "Auto"
    for wrong in ({"UpdateRuntimeOn": "Manual"}, {"UpdateRuntimeOn": "Auto", "RuntimeVersionArn": runtime}):
        assert (
            api.refused("PutRuntimeManagementConfig", FunctionName="f", **wrong)[0] == "InvalidParameterValueException"
        )
    assert api.refused("GetRuntimeManagementConfig", FunctionName="f:live")[0] == "InvalidParameterValueException"


def test_scaling_is_for_functions_with_a_capacity_provider(api: Api) -> None:
    api("PublishVersion", FunctionName="f")
    given = {"FunctionName": "f", "Qualifier": "1"}
    config = {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 3}
    text = f"{ARN}:1 has no capacity provider: its scaling cannot be configured."
    assert api.refused("PutFunctionScalingConfig", **given, FunctionScalingConfig=config)[1] == text
    row = api.store.functions.find(ACCOUNT, REGION, "f", "1")
    assert row is not None
    api.store.functions.put(replace(row, settings={"CapacityProviderConfig": {}}))
    assert api("GetFunctionScalingConfig", **given) == {"FunctionArn": f"{ARN}:1"}
    assert api("PutFunctionScalingConfig", **given, FunctionScalingConfig=config) == {"FunctionState": "Active"}
    assert api("GetFunctionScalingConfig", **given) == {
        "FunctionArn": f"{ARN}:1", "AppliedFunctionScalingConfig": config, "RequestedFunctionScalingConfig": config,
    }  # fmt: skip
    wrong = {"MinExecutionEnvironments": 4, "MaxExecutionEnvironments": 3}
    assert api.refused("PutFunctionScalingConfig", **given, FunctionScalingConfig=wrong)[0] == (
        "InvalidParameterValueException"
    )
    api("PutFunctionScalingConfig", **given)
    assert api("GetFunctionScalingConfig", **given) == {"FunctionArn": f"{ARN}:1"}


def test_capacity_providers(api: Api) -> None:
    made = api("CreateCapacityProvider", **FLEET, Tags={"team": "a"})["CapacityProvider"]
    assert (made["State"], made["CapacityProviderArn"]) == ("Pending", PROVIDER)
    found = api("GetCapacityProvider", CapacityProviderName=PROVIDER)["CapacityProvider"]
    assert found == {**made, "State": "Active"}
    assert api.refused("CreateCapacityProvider", **FLEET)[0] == "ResourceConflictException"
    scaled = {"MaxVCpuCount": 8}
    updated = api("UpdateCapacityProvider", CapacityProviderName="fleet", CapacityProviderScalingConfig=scaled)
    assert updated["CapacityProvider"]["CapacityProviderScalingConfig"] == scaled
    assert updated["CapacityProvider"]["VpcConfig"] == FLEET["VpcConfig"]
    assert [p["State"] for p in api("ListCapacityProviders")["CapacityProviders"]] == ["Active"]
    assert api("ListCapacityProviders", State="Failed") == {"CapacityProviders": []}
    versions = api("ListFunctionVersionsByCapacityProvider", CapacityProviderName="fleet")
    assert versions == {"CapacityProviderArn": PROVIDER, "FunctionVersions": []}
    assert api("DeleteCapacityProvider", CapacityProviderName="fleet")["CapacityProvider"]["State"] == "Deleting"
    gone = api.refused("GetCapacityProvider", CapacityProviderName="fleet")
    assert gone == ("ResourceNotFoundException", f"Capacity provider not found: {PROVIDER}")


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        *[
            (operation, {"DurableExecutionArn": EXECUTION}, "ResourceNotFoundException")
            for operation in (
                "GetDurableExecution", "GetDurableExecutionHistory", "PauseDurableExecution",
                "ResumeDurableExecution", "DeleteDurableExecution",
            )
        ],
        ("StopDurableExecution", {"DurableExecutionArn": EXECUTION}, "InvalidParameterValueException"),
        *[
            (operation, {"DurableExecutionArn": EXECUTION, "CheckpointToken": "AAAA"}, "InvalidParameterValueException")
            for operation in ("CheckpointDurableExecution", "GetDurableExecutionState")
        ],
        *[
            (f"SendDurableExecutionCallback{outcome}", {"CallbackId": "AAAA"}, "ResourceNotFoundException")
            for outcome in ("Success", "Failure", "Heartbeat")
        ],
    ],
)  # fmt: skip
def test_there_are_no_durable_executions(api: Api, operation: str, members: dict[str, Any], code: str) -> None:
    assert api("ListDurableExecutionsByFunction", FunctionName="f") == {"DurableExecutions": []}
    assert api.refused(operation, **members)[0] == code
    modelled = {error.name for error in lambda_api.model.operations[operation].errors}
    assert code in modelled


def test_a_durable_execution_cannot_be_started(api: Api) -> None:
    assert api.refused("Invoke", FunctionName="f", DurableExecutionName="n") == (
        "NotImplementedException", "lambda:Invoke: DurableExecutionName is not emulated.",
    )  # fmt: skip


def test_every_operation_answers_or_names_itself() -> None:
    """What is left are event source mappings."""
    missing = sorted(lambda_api.model.operations.keys() - lambda_api.emulated.keys())
    assert [name for name in missing if "EventSourceMapping" not in name] == []
