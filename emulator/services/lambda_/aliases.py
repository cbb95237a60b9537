"""Aliases: names for versions, and how they divide invocations between two."""

from collections.abc import Mapping
from dataclasses import replace

from emulator.errors import AwsError
from emulator.ids import new_id
from emulator.services.call import Call
from emulator.services.lambda_.names import (
    FunctionName,
    check_revision,
    conflict,
    invalid,
    not_found,
    required,
    unqualified,
)  # fmt: skip
from emulator.services.lambda_.pages import bound
from emulator.services.lambda_.service import lambda_api
from emulator.store.aliases import AliasRow
from emulator.store.functions import LATEST, FunctionRow
from emulator.wire.service import Members


@lambda_api.operation("CreateAlias")
def create_alias(
    call: Call,
    *,
    function_name: str,
    name: str,
    function_version: str,
    description: str = "",
    routing_config: Members | None = None,
) -> Members:
    function = unqualified(call, function_name)
    key = required(call, function).key
    row = AliasRow(*key, name, function_version, description, _weights(routing_config or {}), new_id())
    _check(call, function, row)
    if call.store.aliases.find(*key, name) is not None:
        raise conflict(f"Alias already exists: {row.arn}")
    with call.store.transaction():
        call.store.aliases.put(row)
    return _described(row)


@lambda_api.operation("UpdateAlias")
def update_alias(
    call: Call,
    *,
    function_name: str,
    name: str,
    function_version: str | None = None,
    description: str | None = None,
    routing_config: Members | None = None,
    revision_id: str | None = None,
) -> Members:
    """What is not given stays, the weights too; an empty RoutingConfig takes them away (recorded on AWS, Sep 2026)."""
    function = unqualified(call, function_name)
    found = call.store.aliases.find(*required(call, function).key, name)
    if found is None:
        raise not_found(f"Alias not found: {function.unqualified}:{name}")
    check_revision(revision_id, found.revision_id)
    row = replace(
        found,
        version=function_version or found.version,
        description=found.description if description is None else description,
        weights=found.weights if routing_config is None else _weights(routing_config),
        revision_id=new_id(),
    )
    _check(call, function, row)
    with call.store.transaction():
        call.store.aliases.put(row)
    return _described(row)


@lambda_api.operation("GetAlias")
def get_alias(call: Call, *, function_name: str, name: str) -> Members:
    function = unqualified(call, function_name)
    found = call.store.aliases.find(*required(call, function).key, name)
    if found is None:
        raise not_found(f"Cannot find alias arn: {function.unqualified}:{name}")
    return _described(found)


@lambda_api.operation("DeleteAlias")
def delete_alias(call: Call, *, function_name: str, name: str) -> None:
    """One that is not there is no mistake (recorded on AWS, Sep 2026)."""
    key = required(call, unqualified(call, function_name)).key
    with call.store.transaction():
        call.store.aliases.remove(*key, name)


@lambda_api.operation("ListAliases")
def list_aliases(
    call: Call,
    *,
    function_name: str,
    function_version: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Members:
    """A marker is the name of an alias, and any is taken; the filter looks at the primary version alone (recorded on
    AWS, Sep 2026)."""
    found = call.store.aliases.of(*required(call, unqualified(call, function_name)).key)
    left = [row for row in found if function_version in (None, row.version) and row.name > (marker or "")]
    page = left[: bound(max_items)]
    more = {"NextMarker": page[-1].name} if len(left) > len(page) else {}
    return {"Aliases": [_described(row) for row in page], **more}


def _weights(routing_config: Members) -> Mapping[str, float]:
    weights = routing_config.get("AdditionalVersionWeights") or {}
    return {version: float(share) for version, share in weights.items()}


def _check(call: Call, function: FunctionName, row: AliasRow) -> None:
    """Texts, and where a refusal has no Type, recorded on AWS in September 2026."""
    if len(row.weights) > 1:
        raise invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    if row.weights and row.version == LATEST:
        raise _untyped("$LATEST is not supported for an alias pointing to more than 1 version")
    primary = _version(call, function, row.version)
    for version in row.weights:
        if version == row.version:
            text = f"Invalid function version {version}. Function version {version} is already included in routing"
            raise invalid(f"{text} configuration.")
        other = _version(call, function, version)
        if other.role != primary.role:
            raise _untyped("Specified versions must be associated with the same execution role")
        if other.dead_letters != primary.dead_letters:
            raise _untyped("Specified versions must be configured with the same DLQ target")


def _version(call: Call, function: FunctionName, version: str) -> FunctionRow:
    found = call.store.functions.find(function.account, function.region, function.name, version)
    if found is None:
        raise not_found(f"Function not found: {function.unqualified}:{version}")
    return found


def _untyped(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message, {"Type": None})


def _described(row: AliasRow) -> Members:
    shown: Members = {
        "AliasArn": row.arn,
        "Name": row.name,
        "FunctionVersion": row.version,
        "Description": row.description,
        "RevisionId": row.revision_id,
    }
    if row.weights:
        shown["RoutingConfig"] = {"AdditionalVersionWeights": dict(row.weights)}
    return shown
