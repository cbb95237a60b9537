"""Capacity providers of Lambda Managed Instances: records.  Nothing is launched for one; a function that names one runs
like any other.

Shapes and states from the model (2026); the texts are ours, in the manner of Lambda's.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from emulator.services.call import Call
from emulator.services.lambda_.names import conflict, not_found
from emulator.services.lambda_.pages import paged
from emulator.services.lambda_.service import lambda_api
from emulator.store.capacity import CapacityProvider
from emulator.store.functions import FunctionRow
from emulator.wire.service import Members


@lambda_api.operation("CreateCapacityProvider")
def create_capacity_provider(
    call: Call,
    *,
    capacity_provider_name: str,
    vpc_config: Members,
    permissions_config: Members,
    instance_requirements: Members | None = None,
    capacity_provider_scaling_config: Members | None = None,
    kms_key_arn: str | None = None,
    tags: Mapping[str, str] | None = None,
    propagate_tags: Members | None = None,
    telemetry_config: Members | None = None,
) -> Members:
    """Pending in the answer, Active from then on."""
    name = _name(capacity_provider_name)
    if call.store.capacity.find(call.account, call.region, name) is not None:
        raise conflict(f"Capacity provider already exists: {name}")
    members = {
        "VpcConfig": vpc_config,
        "PermissionsConfig": permissions_config,
        "InstanceRequirements": instance_requirements,
        "CapacityProviderScalingConfig": capacity_provider_scaling_config,
        "KmsKeyArn": kms_key_arn,
        "PropagateTags": propagate_tags,
        "TelemetryConfig": telemetry_config,
    }
    provider = CapacityProvider(call.account, call.region, name, _given(members), call.clock.now())
    with call.store.transaction():
        call.store.capacity.put(provider)
        call.store.tags.put(call.account, call.region, provider.arn, tags or {})
    return _answer(provider, "Pending")


@lambda_api.operation("GetCapacityProvider")
def get_capacity_provider(call: Call, *, capacity_provider_name: str) -> Members:
    return _answer(_required(call, capacity_provider_name))


@lambda_api.operation("UpdateCapacityProvider")
def update_capacity_provider(
    call: Call,
    *,
    capacity_provider_name: str,
    capacity_provider_scaling_config: Members | None = None,
    propagate_tags: Members | None = None,
    telemetry_config: Members | None = None,
) -> Members:
    """What is not given stays."""
    before = _required(call, capacity_provider_name)
    changes = {
        "CapacityProviderScalingConfig": capacity_provider_scaling_config,
        "PropagateTags": propagate_tags,
        "TelemetryConfig": telemetry_config,
    }
    members = {**before.members, **_given(changes)}
    provider = CapacityProvider(before.account, before.region, before.name, members, call.clock.now())
    with call.store.transaction():
        call.store.capacity.put(provider)
    return _answer(provider)


@lambda_api.operation("DeleteCapacityProvider")
def delete_capacity_provider(call: Call, *, capacity_provider_name: str) -> Members:
    provider = _required(call, capacity_provider_name)
    if _users(call, provider):
        raise conflict(f"Capacity provider {provider.name} is used by functions, and cannot be deleted.")
    with call.store.transaction():
        call.store.capacity.remove(provider.account, provider.region, provider.name)
        call.store.tags.clear(provider.account, provider.region, provider.arn)
    return _answer(provider, "Deleting")


@lambda_api.operation("ListCapacityProviders")
def list_capacity_providers(
    call: Call, *, state: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Members:
    """All of them are Active."""
    found = call.store.capacity.all(call.account, call.region) if state in (None, "Active") else []
    query = ("ListCapacityProviders", state)
    shown, rest = paged(call, query, found, lambda provider: provider.name, max_items, marker)
    return {"CapacityProviders": [_described(provider) for provider in shown], **rest}


@lambda_api.operation("ListFunctionVersionsByCapacityProvider")
def list_function_versions_by_capacity_provider(
    call: Call, *, capacity_provider_name: str, marker: str | None = None, max_items: int | None = None
) -> Members:
    provider = _required(call, capacity_provider_name)
    query = ("ListFunctionVersionsByCapacityProvider", provider.arn)
    users = sorted(_users(call, provider), key=_qualified)
    shown, rest = paged(call, query, users, _qualified, max_items, marker)
    versions = [{"FunctionArn": _qualified(function), "State": function.state} for function in shown]
    return {"CapacityProviderArn": provider.arn, "FunctionVersions": versions, **rest}


def _name(text: str) -> str:
    """From a name or an ARN."""
    return text.rpartition(":")[2]


def _required(call: Call, text: str) -> CapacityProvider:
    name = _name(text)
    provider = call.store.capacity.find(call.account, call.region, name)
    if provider is None:
        arn = CapacityProvider(call.account, call.region, name, {}, 0).arn
        raise not_found(f"Capacity provider not found: {arn}")
    return provider


def _users(call: Call, provider: CapacityProvider) -> list[FunctionRow]:
    every = call.store.functions.every(provider.account, provider.region)
    return [function for function in every if _provider_of(function) in (provider.arn, provider.name)]


def _provider_of(function: FunctionRow) -> str | None:
    config = function.settings.get("CapacityProviderConfig") or {}
    managed = config.get("LambdaManagedInstancesCapacityProviderConfig") or {}
    found: str | None = managed.get("CapacityProviderArn")
    return found


def _qualified(function: FunctionRow) -> str:
    return f"{function.arn}:{function.version}"


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _answer(provider: CapacityProvider, state: str = "Active") -> Members:
    return {"CapacityProvider": _described(provider, state)}


def _described(provider: CapacityProvider, state: str = "Active") -> Members:
    modified = datetime.fromtimestamp(provider.modified, UTC).isoformat(timespec="milliseconds")
    return {
        "CapacityProviderArn": provider.arn,
        "State": state,
        **provider.members,
        "LastModified": modified.replace("+00:00", "+0000"),
    }
