"""Code signing configurations: recorded and given back.  No code here is signed, and no signature is checked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.errors import AwsError
from emulator.ids import new_hex
from emulator.services.call import Call
from emulator.services.lambda_.configuration import moment
from emulator.services.lambda_.names import conflict, named, not_found, required
from emulator.services.lambda_.pages import paged
from emulator.services.lambda_.service import lambda_api
from emulator.store.code_signing import CodeSigningRow
from emulator.wire.service import Members


@lambda_api.operation("CreateCodeSigningConfig")
def create_code_signing_config(
    call: Call,
    *,
    allowed_publishers: Members,
    description: str | None = None,
    code_signing_policies: Members | None = None,
    tags: dict[str, str] | None = None,
) -> Members:
    members = {
        "Description": description,
        "AllowedPublishers": allowed_publishers,
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"} | (code_signing_policies or {}),
    }
    row = CodeSigningRow(call.account, call.region, f"csc-{new_hex(17)}", members, call.clock.now())
    with call.store.transaction():
        call.store.code_signing.put(row)
        call.store.tags.put(row.account, row.region, row.arn, tags or {})
    return {"CodeSigningConfig": _described(row)}


@lambda_api.operation("UpdateCodeSigningConfig")
def update_code_signing_config(call: Call, *, code_signing_config_arn: str, **given: Any) -> Members:
    found = existing(call, code_signing_config_arn)
    changes: Mapping[str, Any] = {
        "Description": given.get("description"),
        "AllowedPublishers": given.get("allowed_publishers"),
        "CodeSigningPolicies": given.get("code_signing_policies"),
    }
    members = {**found.members, **{name: value for name, value in changes.items() if value is not None}}
    row = replace(found, members=members, modified=call.clock.now())
    with call.store.transaction():
        call.store.code_signing.put(row)
    return {"CodeSigningConfig": _described(row)}


@lambda_api.operation("GetCodeSigningConfig")
def get_code_signing_config(call: Call, *, code_signing_config_arn: str) -> Members:
    return {"CodeSigningConfig": _described(existing(call, code_signing_config_arn))}


@lambda_api.operation("ListCodeSigningConfigs")
def list_code_signing_configs(call: Call, *, marker: str | None = None, max_items: int | None = None) -> Members:
    rows = call.store.code_signing.all(call.account, call.region)
    page, more = paged(call, ("ListCodeSigningConfigs",), rows, lambda row: row.id, max_items, marker)
    return {"CodeSigningConfigs": [_described(row) for row in page], **more}


@lambda_api.operation("DeleteCodeSigningConfig")
def delete_code_signing_config(call: Call, *, code_signing_config_arn: str) -> Members:
    row = existing(call, code_signing_config_arn)
    users = call.store.functions.signed_with(row.account, row.region, row.arn)
    if users:
        raise conflict(f"The code signing configuration {row.arn} is in use by {', '.join(users[:5])}.")
    with call.store.transaction():
        call.store.tags.clear(row.account, row.region, row.arn)
        call.store.code_signing.remove(row.account, row.region, row.id)
    return {}


@lambda_api.operation("ListFunctionsByCodeSigningConfig")
def list_functions_by_code_signing_config(
    call: Call, *, code_signing_config_arn: str, marker: str | None = None, max_items: int | None = None
) -> Members:
    row = existing(call, code_signing_config_arn)
    names = call.store.functions.signed_with(row.account, row.region, row.arn)
    query = ("ListFunctionsByCodeSigningConfig", row.arn)
    page, more = paged(call, query, names, str, max_items, marker)
    arns = [f"arn:aws:lambda:{row.region}:{row.account}:function:{name}" for name in page]
    return {"FunctionArns": arns, **more}


@lambda_api.operation("PutFunctionCodeSigningConfig")
def put_function_code_signing_config(call: Call, *, function_name: str, code_signing_config_arn: str) -> Members:
    row = required(call, named(call, function_name))
    with call.store.transaction():
        attach(call, row.key, code_signing_config_arn)
    return {"CodeSigningConfigArn": code_signing_config_arn, "FunctionName": row.name}


@lambda_api.operation("GetFunctionCodeSigningConfig")
def get_function_code_signing_config(call: Call, *, function_name: str) -> Members:
    """Nothing when the function has none."""
    row = required(call, named(call, function_name))
    arn = call.store.functions.code_signing(*row.key)
    return {"CodeSigningConfigArn": arn, "FunctionName": row.name} if arn else {}


@lambda_api.operation("DeleteFunctionCodeSigningConfig")
def delete_function_code_signing_config(call: Call, *, function_name: str) -> None:
    row = required(call, named(call, function_name))
    with call.store.transaction():
        call.store.functions.sign_with(*row.key, "")


def existing(call: Call, arn: str) -> CodeSigningRow:
    found = _find(call, arn)
    if found is None:
        raise not_found(f"The Lambda code signing configuration {arn} can not be found.")
    return found


def attach(call: Call, function: tuple[str, str, str], arn: str) -> None:
    """Give a function this configuration; inside of a transaction."""
    if _find(call, arn) is None:
        raise AwsError(
            "CodeSigningConfigNotFoundException",
            "The code signing configuration cannot be found. Check that the provided configuration is not deleted:"
            f" {arn}.",
        )
    call.store.functions.sign_with(*function, arn)


def _find(call: Call, arn: str) -> CodeSigningRow | None:
    *_, region, account, _, id = arn.split(":")
    return call.store.code_signing.find(account, region, id)


def _described(row: CodeSigningRow) -> Members:
    return {
        "CodeSigningConfigId": row.id,
        "CodeSigningConfigArn": row.arn,
        "LastModified": moment(row.modified),
        **{name: value for name, value in row.members.items() if value is not None},
    }
