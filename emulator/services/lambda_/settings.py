"""What CreateFunction and UpdateFunctionConfiguration set: checked, and put into a row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from emulator.errors import AwsError
from emulator.runtime.unzip import MAX_UNZIPPED
from emulator.services.call import Call
from emulator.services.lambda_ import layers
from emulator.services.lambda_.names import invalid, unsupported
from emulator.services.lambda_.runtimes import check_runtime, check_snap_start
from emulator.store.functions import FunctionRow, Layer
from emulator.wire.service import Members

# Quotas of AWS Lambda for a function that is not on instances of its own, which are not emulated (documentation, 2026).
_MOST = {"timeout": ("Timeout", 900), "memory_size": ("MemorySize", 10_240)}
_MOST_STORAGE_MB = 10_240
_MAX_VARIABLES = 4096
_MAX_LAYERS = 5
# Documentation of Lambda (configuration-envvars), November 2026.
_RESERVED = frozenset({
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN",
})  # fmt: skip

# A function with one of these runs in another way than a plain one: that must not be dropped in silence.
_UNSUPPORTED = {
    "image_config": "ImageConfig",
    "tenancy_config": "TenancyConfig",
    "durable_config": "DurableConfig",
    "capacity_provider_config": "CapacityProviderConfig",
    "runtime_config": "RuntimeConfig",
    "accelerator_config": "AcceleratorConfig",
    "publish_to": "PublishTo",
}
_COLUMNS = {
    "description": "description",
    "timeout": "timeout",
    "memory_size": "memory_mb",
    "handler": "handler",
    "runtime": "runtime",
    "role": "role",
}


def configured(call: Call, operation: str, row: FunctionRow, given: Mapping[str, Any]) -> FunctionRow:
    """The row with what was given; what was not is left as it is.  `given` has the names of a handler's parameters.
    Raises AwsError."""
    _check(operation, given)
    row = replace(row, **{_COLUMNS[name]: value for name, value in given.items() if name in _COLUMNS})
    if "environment" in given:
        row = replace(row, environment=_variables(given["environment"].get("Variables", {})))
    if "ephemeral_storage" in given:
        row = replace(row, storage_mb=given["ephemeral_storage"]["Size"])
    if "TargetArn" in given.get("dead_letter_config", {}):  # an empty object changes nothing (recorded on AWS)
        row = replace(row, dead_letters=given["dead_letter_config"]["TargetArn"])
    if "layers" in given:
        row = replace(row, layers=_layers(call, given["layers"]))
    row = replace(row, settings=_settings(row, given))
    if row.settings.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
        check_snap_start(row.runtime)
    return row


def check_size(call: Call, row: FunctionRow, unzipped: int) -> None:
    """`unzipped` bytes of code, and what is in the layers."""
    size = unzipped + sum(call.store.archives.unzipped(layer.archive) for layer in row.layers)
    if size > MAX_UNZIPPED:
        raise invalid(
            f"Function code combined with layers exceeds the maximum allowed size of {MAX_UNZIPPED} bytes."
            f" The actual size is {size} bytes."
        )


def _check(operation: str, given: Mapping[str, Any]) -> None:
    for name, member in _UNSUPPORTED.items():
        if given.get(name):
            raise unsupported(operation, member)
    for name, (member, most) in _MOST.items():
        _check_most(member, given.get(name, 0), most)
    _check_most("EphemeralStorage", given.get("ephemeral_storage", {}).get("Size", 0), _MOST_STORAGE_MB)
    if "runtime" in given:
        check_runtime(given["runtime"])


def _check_most(member: str, value: int, most: int) -> None:
    if value > most:
        raise invalid(
            f"'{member}' value failed to satisfy constraint: Member must have value less than or equal to {most}"
        )


def _variables(variables: Mapping[str, str]) -> Mapping[str, str]:
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    problem = "Lambda was unable to configure your environment variables because the environment variables you have"
    reserved = [name for name in variables if name in _RESERVED]
    if reserved:
        raise invalid(
            f"{problem} provided contains reserved keys that are currently not supported for modification."
            f" Reserved keys used in this request: {', '.join(reserved)}"
        )
    if len(measured.encode(errors="replace")) > _MAX_VARIABLES:
        raise invalid(f"{problem} provided exceeded the 4KB limit. String measured: {measured}")
    return variables


def _layers(call: Call, arns: Sequence[str]) -> tuple[Layer, ...]:
    if len(arns) > _MAX_LAYERS:
        raise invalid("Cannot reference more than 5 layers.")
    seen: dict[str, str] = {}
    for arn in arns:
        other = seen.setdefault(arn.rpartition(":")[0], arn)
        if other != arn:
            raise invalid(
                "Two different versions of the same layer are not allowed to be referenced in the same function."
                f" {other} and {arn} are versions of the same layer."
            )
    return tuple(layers.for_function(call, arn) for arn in arns)


def _settings(row: FunctionRow, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is only recorded; an empty value takes away what was there."""
    settings = dict(row.settings)
    for name, member in (
        ("tracing_config", "TracingConfig"), ("architectures", "Architectures"), ("snap_start", "SnapStart"),
        ("file_system_configs", "FileSystemConfigs"), ("kms_key_arn", "KMSKeyArn"), ("vpc_config", "VpcConfig"),
    ):  # fmt: skip
        if name in given:
            settings[member] = _vpc(given[name]) if name == "vpc_config" else given[name]
            if not settings[member]:
                del settings[member]
    if "logging_config" in given:
        settings["LoggingConfig"] = _logging(given["logging_config"], settings.get("LoggingConfig", {}))
    return settings


def _vpc(given: Members) -> Members:
    """There is no network here: the id of the VPC is not known, and empty as for a function that has left its VPC."""
    lists = {"SubnetIds": given.get("SubnetIds", []), "SecurityGroupIds": given.get("SecurityGroupIds", [])}
    return {**lists, "VpcId": "", "Ipv6AllowedForDualStack": given.get("Ipv6AllowedForDualStack", False)}


def _logging(given: Members, before: Members) -> Members:
    """What is not given stays; levels go with the format JSON (recorded on AWS)."""
    config = {**before, **given}
    if config.get("LogFormat", "Text") == "Text":
        if "ApplicationLogLevel" in given or "SystemLogLevel" in given:
            raise AwsError(
                "InvalidParameterValueException",
                'Log level is not supported when LogFormat is set to "Text". Remove log level from your request or'
                ' change the LogFormat to "JSON" and try again.',
                {"Type": "User"},
            )
        config = {name: value for name, value in config.items() if not name.endswith("LogLevel")}
    return config
