"""Layers: publish, look at, delete; and who else may use one."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from emulator.errors import AwsError
from emulator.ids import new_id
from emulator.services.call import Call
from emulator.services.lambda_ import code as codes
from emulator.services.lambda_.configuration import base64_of, moment
from emulator.services.lambda_.names import conflict, invalid, not_found
from emulator.services.lambda_.pages import paged, version_key
from emulator.services.lambda_.runtimes import check_runtimes
from emulator.services.lambda_.service import lambda_api
from emulator.store.functions import Layer
from emulator.store.layers import LayerRow
from emulator.wire.service import Members

_ARN = re.compile(
    r"arn:[^:]+:lambda:(?P<region>[^:]*):(?P<account>[^:]*):layer:(?P<name>[^:]+)(?::(?P<version>[0-9]+))?"
)
_STALE = (
    "The Revision Id provided does not match the latest Revision Id."
    " Call the GetLayerPolicy API to retrieve the latest Revision Id"
)


@lambda_api.operation("PublishLayerVersion")
async def publish_layer_version(
    call: Call,
    *,
    layer_name: str,
    content: Members,
    description: str = "",
    compatible_architectures: list[str] | None = None,
    compatible_runtimes: list[str] | None = None,
    license_info: str | None = None,
) -> Members:
    check_runtimes(compatible_runtimes or [])
    layer = _named(call, layer_name)
    told = {
        "CompatibleArchitectures": compatible_architectures,
        "CompatibleRuntimes": compatible_runtimes,
        "LicenseInfo": license_info,
    }
    async with codes.source_of(call, "PublishLayerVersion", content) as source:
        if source.path:
            raise invalid("A layer cannot be a folder of this machine: send its zip.")
        with call.store.transaction():
            codes.keep(call, source)
            row = LayerRow(
                *layer, call.store.layers.next_version(*layer), source.digest, len(source.content), description,
                call.clock.now(), {name: value for name, value in told.items() if value is not None},
            )  # fmt: skip
            call.store.layers.put(row)
    return _with_content(call, row)


@lambda_api.operation("GetLayerVersion")
def get_layer_version(call: Call, *, layer_name: str, version_number: int) -> Members:
    row = _find(call, _named(call, layer_name), version_number)
    if row is None:
        raise not_found("The resource you requested does not exist.")
    return _with_content(call, row)


@lambda_api.operation("GetLayerVersionByArn")
def get_layer_version_by_arn(call: Call, *, arn: str) -> Members:
    match = _ARN.fullmatch(arn)
    if match is None or match["version"] is None:  # layers of AWS's own, which the pattern allows
        raise not_found("The resource you requested does not exist.")
    return get_layer_version(call, layer_name=arn.rpartition(":")[0], version_number=int(match["version"]))


@lambda_api.operation("ListLayerVersions")
def list_layer_versions(
    call: Call,
    *,
    layer_name: str,
    compatible_architecture: str | None = None,
    compatible_runtime: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Members:
    """The newest first; a layer that is not there has none (recorded on AWS)."""
    layer = _named(call, layer_name)
    rows = _fitting(call.store.layers.versions(*layer), compatible_architecture, compatible_runtime)
    query = ("ListLayerVersions", layer, compatible_architecture, compatible_runtime)
    page, more = paged(call, query, list(rows), lambda row: _downwards(row.version), max_items, marker)
    return {"LayerVersions": [_described(row) for row in page], **more}


@lambda_api.operation("ListLayers")
def list_layers(
    call: Call,
    *,
    compatible_architecture: str | None = None,
    compatible_runtime: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Members:
    every = call.store.layers.every(call.account, call.region)
    fitting = _fitting(every, compatible_architecture, compatible_runtime)
    newest = [next(rows) for _, rows in groupby(fitting, lambda row: row.layer)]
    query = ("ListLayers", compatible_architecture, compatible_runtime)
    page, more = paged(call, query, newest, lambda row: row.layer, max_items, marker)
    shown = [
        {"LayerName": row.layer, "LayerArn": row.layer_arn, "LatestMatchingVersion": _described(row)} for row in page
    ]
    return {"Layers": shown, **more}


@lambda_api.operation("DeleteLayerVersion")
def delete_layer_version(call: Call, *, layer_name: str, version_number: int) -> None:
    """One that is not there is no mistake; functions keep the one that they have (recorded on AWS)."""
    _check_number(version_number)
    with call.store.transaction():
        call.store.layers.remove(*_named(call, layer_name), version_number)
        codes.collect(call)


@lambda_api.operation("AddLayerVersionPermission")
def add_layer_version_permission(
    call: Call,
    *,
    layer_name: str,
    version_number: int,
    statement_id: str,
    action: str,
    principal: str,
    organization_id: str | None = None,
    revision_id: str | None = None,
) -> Members:
    row = _existing(call, layer_name, version_number)
    if any(statement["Sid"] == statement_id for statement in row.policy):
        raise conflict(
            f"The statement id ({statement_id}) provided already exists."
            " Please provide a new statement id, or remove the existing statement."
        )
    _check_revision(revision_id, row)
    account = re.fullmatch(r"\d{12}", principal)
    statement: dict[str, Any] = {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root" if account else principal},
        "Action": action,
        "Resource": row.arn,
    }
    if organization_id is not None:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
    changed = _put_policy(call, row, [*row.policy, statement])
    return {"Statement": _compact(statement), "RevisionId": changed.policy_revision}


@lambda_api.operation("RemoveLayerVersionPermission")
def remove_layer_version_permission(
    call: Call, *, layer_name: str, version_number: int, statement_id: str, revision_id: str | None = None
) -> None:
    row = _existing(call, layer_name, version_number)
    left = [statement for statement in row.policy if statement["Sid"] != statement_id]
    if len(left) == len(row.policy):
        raise not_found(f"Statement {statement_id} is not found in resource policy.")
    _check_revision(revision_id, row)
    _put_policy(call, row, left)


@lambda_api.operation("GetLayerVersionPolicy")
def get_layer_version_policy(call: Call, *, layer_name: str, version_number: int) -> Members:
    row = _existing(call, layer_name, version_number)
    if not row.policy:
        raise not_found("No policy is associated with the given resource.")
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": list(row.policy)}
    return {"Policy": _compact(policy), "RevisionId": row.policy_revision}


def for_function(call: Call, arn: str) -> Layer:
    """A layer's version that a function of this account and region may have.  Texts recorded on AWS."""
    match = _ARN.fullmatch(arn)
    if match is None or match["version"] is None:
        raise invalid(f"Layer version {arn} does not exist.")
    if match["region"] != call.region:
        raise invalid(
            f"Layers are not in the same region as the function. Layers are expected to be in region {call.region}."
        )
    row = call.store.layers.find(match["account"], match["region"], match["name"], int(match["version"]))
    if row is None:
        raise invalid(f"Layer version {arn} does not exist.")
    _check_access(call, row)
    return Layer(arn, row.archive, row.code_size)


class _Name(NamedTuple):
    account: str
    region: str
    layer: str


def _named(call: Call, text: str) -> _Name:
    match = _ARN.fullmatch(text)
    return _Name(call.account, call.region, text) if match is None else _Name(*match.group("account", "region", "name"))


def _find(call: Call, layer: _Name, version: int) -> LayerRow | None:
    _check_number(version)
    row = call.store.layers.find(*layer, version)
    if row is not None:
        _check_access(call, row)
    return row


def _existing(call: Call, layer_name: str, version: int) -> LayerRow:
    layer = _named(call, layer_name)
    row = _find(call, layer, version)
    if row is None:
        arn = f"arn:aws:lambda:{layer.region}:{layer.account}:layer:{layer.layer}:{version}"
        raise not_found(f"Layer version {arn} does not exist.")
    return row


def _check_number(version: int) -> None:
    if version < 1:
        raise invalid("Layer Version Cannot be less than 1")


def _check_access(call: Call, row: LayerRow) -> None:
    """Another account needs a statement that names it, or everybody; whose organization it is in is not known."""
    if row.account == call.account:
        return
    root = f"arn:aws:iam::{call.account}:root"
    if not any(statement["Principal"] in ("*", {"AWS": root}) for statement in row.policy):
        raise AwsError(
            "AccessDeniedException",
            f"User: {root} is not authorized to perform: lambda:GetLayerVersion on resource: {row.arn}"
            " because no resource-based policy allows the lambda:GetLayerVersion action",
            status=403,
        )


def _check_revision(given: str | None, row: LayerRow) -> None:
    if given is not None and given != row.policy_revision:
        raise AwsError("PreconditionFailedException", _STALE, {"Type": "User"})


def _put_policy(call: Call, row: LayerRow, policy: Sequence[Mapping[str, Any]]) -> LayerRow:
    changed = replace(row, policy=policy, policy_revision=new_id())
    with call.store.transaction():
        call.store.layers.put(changed)
    return changed


def _fitting(rows: Iterable[LayerRow], architecture: str | None, runtime: str | None) -> Iterable[LayerRow]:
    """Those that are said to fit."""
    asked = {"CompatibleArchitectures": architecture, "CompatibleRuntimes": runtime}
    wanted = [(member, value) for member, value in asked.items() if value is not None]
    return (row for row in rows if all(value in row.members.get(member, ()) for member, value in wanted))


def _downwards(version: int) -> str:
    """Sorts the greatest number first."""
    return version_key(str(10**18 - version))


def _described(row: LayerRow) -> Members:
    return {
        "LayerVersionArn": row.arn,
        "Version": row.version,
        "Description": row.description,
        "CreatedDate": moment(row.created),
        **row.members,
    }


def _with_content(call: Call, row: LayerRow) -> Members:
    content = {
        "Location": codes.location(call, row.archive),
        "CodeSha256": base64_of(row.archive),
        "CodeSize": row.code_size,
    }
    return {"Content": content, "LayerArn": row.layer_arn, **_described(row)}


def _compact(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))
