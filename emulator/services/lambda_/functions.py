"""GetFunction, GetFunctionConfiguration, ListFunctions: what is known of the functions."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from emulator.runtime.function import handler_of
from emulator.services.call import Call
from emulator.services.lambda_.names import invalid, named, qualified
from emulator.services.lambda_.service import lambda_api
from emulator.store.functions import LATEST, FunctionRow
from emulator.wire.paging import InvalidToken, page
from emulator.wire.service import Members

# The runtime version is AWS's own; ours never changes, so its hash is that of its name.
_PAGE = 50
_RUNTIME_VERSION = hashlib.sha256(b"EventBridge Local, in-process").hexdigest()


@lambda_api.operation("GetFunction")
def get_function(call: Call, *, function_name: str, qualifier: str | None = None) -> Members:
    """`Code.Location` is the function's own file or folder: there is no archive to download."""
    name = named(call, function_name, qualifier)
    function = qualified(call, name)
    return {
        "Configuration": configuration(function, qualified=name.qualifier is not None),
        "Code": {"RepositoryType": "S3", "Location": Path(function.code).resolve().as_uri()},
    }


@lambda_api.operation("GetFunctionConfiguration")
def get_function_configuration(call: Call, *, function_name: str, qualifier: str | None = None) -> Members:
    name = named(call, function_name, qualifier)
    return configuration(qualified(call, name), qualified=name.qualifier is not None)


@lambda_api.operation("ListFunctions")
def list_functions(
    call: Call,
    *,
    master_region: str | None = None,
    function_version: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Members:
    """With `FunctionVersion=ALL` every ARN is qualified (recorded on AWS); there are no other versions yet.

    `MasterRegion` asks for the replicas that CloudFront has made of Lambda@Edge functions: there are none here.
    """
    if master_region is not None:
        return {"Functions": []}
    functions = call.store.functions.all(call.account, call.region)
    query = ("ListFunctions", call.account, call.region)
    try:
        listed, token = page(functions, max_items or _PAGE, marker, query, key=lambda function: function.name)
    except InvalidToken:
        raise invalid("Invalid marker value from user.") from None  # recorded for other lists of Lambda
    # Entries of a list have no state (recorded on AWS).
    entries = [_described(function, qualified=function_version == "ALL") for function in listed]
    return {"Functions": entries, **({"NextMarker": token} if token else {})}


def configuration(function: FunctionRow, *, qualified: bool = False) -> Members:
    """AWS's FunctionConfiguration of a function that is ready."""
    return _described(function, qualified=qualified) | {"State": "Active", "LastUpdateStatus": "Successful"}


def _described(function: FunctionRow, *, qualified: bool) -> Members:
    size, digest = measured(function.code, function.revision_id)
    described: Members = {
        "FunctionName": function.name,
        "FunctionArn": f"{function.arn}:{LATEST}" if qualified else function.arn,
        "Runtime": function.runtime,
        "Role": function.role or f"arn:aws:iam::{function.account}:role/lambda",
        "Handler": handler_of(Path(function.code), function.handler) or "handler",
        "CodeSize": size,
        "Description": function.description,
        "Timeout": max(1, int(function.timeout)),  # AWS has none below; config.yaml may, for tests
        "MemorySize": function.memory_mb,
        "LastModified": datetime.fromtimestamp(function.modified, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "CodeSha256": digest,
        "Version": LATEST,
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": function.revision_id,
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "RuntimeVersionConfig": {"RuntimeVersionArn": f"arn:aws:lambda:{function.region}::runtime:{_RUNTIME_VERSION}"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.name}"},
    }
    if function.environment is not None:  # no key at all when none was given (recorded on AWS)
        described["Environment"] = {"Variables": dict(function.environment)}
    return described


@lru_cache(maxsize=1024)
def measured(code: str, revision_id: str) -> tuple[int, str]:
    """Size in bytes and base64 SHA-256 of a function's source, at the time of this revision."""
    size, digest = 0, hashlib.sha256()
    for path in _sources(Path(code)):
        content = path.read_bytes()
        size += len(content)
        digest.update(content)
    return size, base64.b64encode(digest.digest()).decode()


def _sources(code: Path) -> Iterator[Path]:
    if code.is_file():
        yield code
    elif code.is_dir():
        yield from sorted(path for path in code.rglob("*.py") if path.is_file())
