"""Functions: make, look at, change and delete them."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulator.ids import new_id
from emulator.runtime.zipping import handler_in_zip
from emulator.services.call import Call
from emulator.services.lambda_ import code as codes
from emulator.services.lambda_ import signing
from emulator.services.lambda_.code import Source
from emulator.services.lambda_.configuration import arn_of, described, listed
from emulator.services.lambda_.names import (
    FunctionName,
    check_revision,
    conflict,
    invalid,
    named,
    not_found,
    qualified,
    required,
    unqualified,
    unsupported,
)  # fmt: skip
from emulator.services.lambda_.pages import paged, version_key
from emulator.services.lambda_.service import lambda_api
from emulator.services.lambda_.settings import check_size, configured
from emulator.services.lambda_.states import changeable, check_unchanged, settle_soon
from emulator.services.lambda_.tags import check_tags
from emulator.services.lambda_.versions import frozen
from emulator.store.functions import LATEST, FunctionRow
from emulator.wire.service import Members


@lambda_api.operation("CreateFunction")
async def create_function(
    call: Call,
    *,
    function_name: str,
    role: str,
    code: Members,
    package_type: str = "Zip",
    publish: bool = False,
    tags: dict[str, str] | None = None,
    code_signing_config_arn: str | None = None,
    **given: Any,
) -> Members:
    """Pending in the answer, Active as soon as that is written; with `Publish` the answer is that of version 1, under
    the function's own ARN (recorded on AWS)."""
    if package_type == "Image":
        raise unsupported("CreateFunction", "PackageType Image")
    name = unqualified(call, function_name)
    if not given.get("runtime") or not given.get("handler"):
        raise invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
    _check_free(call, name)
    check_tags(tags or {})
    row = configured(call, "CreateFunction", _new(call, name, role), given)
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(codes.source_of(call, "CreateFunction", code))
        row = _with_code(call, row, source)
        version = await stack.enter_async_context(frozen(call, row)) if publish else None
        with call.store.transaction():
            _check_free(call, name)
            codes.keep(call, source)
            call.store.functions.put(row)
            call.store.tags.put(row.account, row.region, row.arn, tags or {})
            if code_signing_config_arn is not None:
                signing.attach(call, row.key, code_signing_config_arn)
            shown = row if version is None else version.publish(call, settled=False)
    settle_soon(call)
    return described(shown, row.arn)


@lambda_api.operation("GetFunction")
def get_function(call: Call, *, function_name: str, qualifier: str | None = None) -> Members:
    """`Code.Location` is a URL of this server; of a function of the project the zip is made when somebody wants it."""
    name = named(call, function_name, qualifier)
    row = qualified(call, name)
    location = codes.location(call, row.archive) if row.archive else codes.location_of_function(call, *row.key)
    answer = {
        "Configuration": described(row, name.arn),
        "Code": {"RepositoryType": "S3", "Location": location},
    }
    tags = call.store.tags.of(row.account, row.region, row.arn)
    reserved = call.invoker.concurrency.reserved(row)
    if reserved is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return answer | ({"Tags": tags} if tags else {})


@lambda_api.operation("GetFunctionConfiguration")
def get_function_configuration(call: Call, *, function_name: str, qualifier: str | None = None) -> Members:
    name = named(call, function_name, qualifier)
    return described(qualified(call, name), name.arn)


@lambda_api.operation("ListFunctions")
def list_functions(
    call: Call,
    *,
    master_region: str | None = None,
    function_version: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Members:
    """With `FunctionVersion=ALL` every version, its ARN qualified (recorded on AWS).

    `MasterRegion` asks for the replicas that CloudFront has made of Lambda@Edge functions: there are none here.
    """
    if master_region is not None:
        return {"Functions": []}
    every = function_version == "ALL"
    functions = call.store.functions
    rows = functions.every(call.account, call.region) if every else functions.all(call.account, call.region)
    query = ("ListFunctions", every)
    page, more = paged(call, query, rows, lambda row: f"{row.name}:{version_key(row.version)}", max_items, marker)
    return {"Functions": [listed(row, arn_of(row) if every else row.arn) for row in page], **more}


@lambda_api.operation("UpdateFunctionCode")
async def update_function_code(
    call: Call,
    *,
    function_name: str,
    zip_file: bytes | None = None,
    s3_bucket: str | None = None,
    s3_key: str | None = None,
    s3_object_version: str | None = None,
    image_uri: str | None = None,
    architectures: list[str] | None = None,
    publish: bool = False,
    publish_to: str | None = None,
    dry_run: bool = False,
    revision_id: str | None = None,
) -> Members:
    """InProgress in the answer, Successful as soon as that is written; with `Publish` the answer is the version's, and
    Pending (recorded on AWS).  With `DryRun` everything is checked and nothing is changed."""
    row = changeable(call, unqualified(call, function_name))
    check_revision(revision_id, row.revision_id)
    given = {
        "ZipFile": zip_file, "S3Bucket": s3_bucket, "S3Key": s3_key, "S3ObjectVersion": s3_object_version,
        "ImageUri": image_uri,
    }  # fmt: skip
    code = {member: value for member, value in given.items() if value is not None}
    change = {"architectures": architectures or row.settings.get("Architectures", []), "publish_to": publish_to}
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(codes.source_of(call, "UpdateFunctionCode", code))
        changed = _with_code(call, configured(call, "UpdateFunctionCode", row, change), source)
        if dry_run:
            return described(changed)
        changed = _updated(call, changed)
        version = await stack.enter_async_context(frozen(call, changed)) if publish else None
        with call.store.transaction():
            check_unchanged(call, row)
            codes.keep(call, source)
            call.store.functions.put(changed)
            shown = changed if version is None else version.publish(call, settled=False)
            codes.collect(call)
    settle_soon(call)
    return described(shown, arn_of(shown) if publish else None)


@lambda_api.operation("UpdateFunctionConfiguration")
def update_function_configuration(
    call: Call, *, function_name: str, revision_id: str | None = None, **given: Any
) -> Members:
    row = changeable(call, unqualified(call, function_name))
    check_revision(revision_id, row.revision_id)
    changed = _updated(call, configured(call, "UpdateFunctionConfiguration", row, given))
    check_size(call, changed, call.store.archives.unzipped(changed.archive))
    with call.store.transaction():
        call.store.functions.put(changed)
        if changed.layers != row.layers:
            codes.collect(call)
    settle_soon(call)
    return described(changed)


@lambda_api.operation("DeleteFunction")
def delete_function(call: Call, *, function_name: str, qualifier: str | None = None) -> None:
    """The function with all that belongs to it, or one version.  A version that is not there is no mistake (recorded on
    AWS)."""
    name = named(call, function_name, qualifier)
    row = required(call, name)
    with call.store.transaction():
        if name.qualifier is None:
            call.store.functions.remove(*row.key)
        else:
            _delete_version(call, row, name.qualifier)
        codes.collect(call)


def _delete_version(call: Call, row: FunctionRow, qualifier: str) -> None:
    if qualifier == LATEST:
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    if not qualifier.isdecimal():
        raise invalid("Deletion of aliases is not currently supported.")
    users = [alias.name for alias in call.store.aliases.of(*row.key) if qualifier in (alias.version, *alias.weights)]
    if users:
        raise conflict(f"Unable to delete version because the following aliases reference it: [{', '.join(users)}]")
    call.store.functions.remove_version(replace(row, version=qualifier))


def _new(call: Call, name: FunctionName, role: str) -> FunctionRow:
    if name.account != call.account:
        raise not_found(f"Function not found: {name.unqualified}")
    return FunctionRow(
        name.account, name.region, name.name,
        role=role, state="Pending", last_update="Successful", modified=call.clock.now(), revision_id=new_id(),
    )  # fmt: skip


def _with_code(call: Call, row: FunctionRow, source: Source) -> FunctionRow:
    """What came as a zip runs in a process of its own, where there is such an executor.  The handler of a function of
    the project, which may have been found, is named now: in a zip it is not looked for."""
    check_size(call, row, source.unzipped)
    if row.code:
        row = replace(row, handler=handler_in_zip(Path(row.code), row.handler))
    if source.path:
        executor = "" if row.runtime.startswith("python") else "process"
        return replace(row, code=source.path, archive="", code_sha256="", code_size=0, executor=executor)
    return replace(
        row, code="", archive=source.digest, code_sha256=source.sha256, code_size=len(source.content),
        executor="process",
    )  # fmt: skip


def _updated(call: Call, row: FunctionRow) -> FunctionRow:
    """The moment of a change has whole seconds (recorded on AWS, Sep 2026)."""
    return replace(row, last_update="InProgress", modified=float(int(call.clock.now())), revision_id=new_id())


def _check_free(call: Call, name: FunctionName) -> None:
    if call.store.functions.find(name.account, name.region, name.name) is not None:
        raise conflict(f"Function already exist: {name.name}")
