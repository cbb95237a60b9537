"""AWS's FunctionConfiguration: how a version of a function is shown."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from emulator.runtime.function import handler_of
from emulator.store.functions import LATEST, FunctionRow
from emulator.wire.service import Members

# The runtime version is AWS's own; ours never changes, so its hash is that of its name.
_RUNTIME_VERSION = hashlib.sha256(b"EventBridge Local, in-process").hexdigest()
_BEING_MADE = "The function is being created."  # also while it is updated (recorded on AWS, 2025 and 2026)
_SHOWN_AS_THEY_ARE = ("VpcConfig", "KMSKeyArn", "FileSystemConfigs")


def described(row: FunctionRow, arn: str | None = None) -> Members:
    """A version as it is now; `arn` as the caller qualified it, the function's own where he did not."""
    return _described(row, arn or row.arn) | _state(row) | {"RuntimeVersionConfig": _runtime_version(row)}


def listed(row: FunctionRow, arn: str | None = None) -> Members:
    """The same in a list, where it has neither a state nor a version of its runtime (recorded on AWS)."""
    return _described(row, arn or row.arn)


def arn_of(row: FunctionRow) -> str:
    """With its version."""
    return f"{row.arn}:{row.version}"


def code_sha256(row: FunctionRow) -> str:
    """Base64; of a function of the project, that of its source."""
    return row.code_sha256 or _measured(row.code, row.revision_id)[1]


def code_size(row: FunctionRow) -> int:
    return row.code_size or (0 if row.archive else _measured(row.code, row.revision_id)[0])


def logging_of(row: FunctionRow) -> Members:
    """LoggingConfig with what Lambda fills in; a level is only there when the format is JSON (recorded on AWS)."""
    given = row.logging
    config: Members = {
        "LogFormat": given.get("LogFormat", "Text"),
        "LogGroup": given.get("LogGroup", f"/aws/lambda/{row.name}"),
    }
    if config["LogFormat"] == "JSON":
        config |= {level: given.get(level, "INFO") for level in ("ApplicationLogLevel", "SystemLogLevel")}
    return config


def _described(row: FunctionRow, arn: str) -> Members:
    settings = row.settings
    shown: Members = {
        "FunctionName": row.name,
        "FunctionArn": arn,
        "Runtime": row.runtime,
        "Role": row.role or f"arn:aws:iam::{row.account}:role/lambda",
        "Handler": row.handler or handler_of(Path(row.code), "") or "handler",
        "CodeSize": code_size(row),
        "Description": row.description,
        "Timeout": max(1, int(row.timeout)),  # AWS has none below; config.yaml may, for tests
        "MemorySize": row.memory_mb,
        "LastModified": moment(row.modified),
        "CodeSha256": code_sha256(row),
        "Version": row.version,
        "TracingConfig": settings.get("TracingConfig", {"Mode": "PassThrough"}),
        "RevisionId": row.revision_id,
        "PackageType": "Zip",
        "Architectures": settings.get("Architectures", ["x86_64"]),
        "EphemeralStorage": {"Size": row.storage_mb},
        "SnapStart": _snap_start(row),
        "LoggingConfig": logging_of(row),
    }
    if row.environment is not None:  # no key at all when none was given (recorded on AWS)
        shown["Environment"] = {"Variables": dict(row.environment)}
    if row.dead_letters:
        shown["DeadLetterConfig"] = {"TargetArn": row.dead_letters}
    if row.layers:
        shown["Layers"] = [{"Arn": layer.arn, "CodeSize": layer.size} for layer in row.layers]
    return shown | {name: settings[name] for name in _SHOWN_AS_THEY_ARE if name in settings}


def base64_of(digest: str) -> str:
    """A digest in hex, as Lambda shows it."""
    return base64.b64encode(bytes.fromhex(digest)).decode()


def _state(row: FunctionRow) -> Members:
    if row.state == "Pending":
        return {"State": "Pending", "StateReason": _BEING_MADE, "StateReasonCode": "Creating"}
    shown = {"State": row.state, "LastUpdateStatus": row.last_update}
    if row.last_update == "InProgress":
        shown |= {"LastUpdateStatusReason": _BEING_MADE, "LastUpdateStatusReasonCode": "Creating"}
    return shown


def _runtime_version(row: FunctionRow) -> Members:
    return {"RuntimeVersionArn": f"arn:aws:lambda:{row.region}::runtime:{_RUNTIME_VERSION}"}


def _snap_start(row: FunctionRow) -> dict[str, Any]:
    apply_on = row.settings.get("SnapStart", {}).get("ApplyOn", "None")
    is_on = apply_on == "PublishedVersions" and row.version != LATEST
    return {"ApplyOn": apply_on, "OptimizationStatus": "On" if is_on else "Off"}


def moment(seconds: float) -> str:
    """`2026-09-13T15:32:02.357+0000`"""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


@lru_cache(maxsize=1024)
def _measured(code: str, revision_id: str) -> tuple[int, str]:
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
