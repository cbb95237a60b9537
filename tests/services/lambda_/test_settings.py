"""What CreateFunction and UpdateFunctionConfiguration refuse, in AWS's words."""

from typing import Any

import pytest

from emulator.wire.service import Members
from tests.runtime.zips import zipped
from tests.services.lambda_.api import ARN, CODE, GIVEN, ROLE, Api

INVALID, VALIDATION, NOT_YET = "InvalidParameterValueException", "ValidationException", "NotImplementedException"
SET = (
    "[nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10,"
    " python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8,"
    " java11, dotnet6, nodejs18.x, provided.al2, java8.al2]"
)
SIGNING = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-00000000000000000"
LAYER = "arn:aws:lambda:us-east-1:000000000000:layer"

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (
        {"Runtime": "python9"}, INVALID,
        f"Value python9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: {SET} or be a "
        f"valid ARN",
    ),
    (
        {"Runtime": "PYTHON3.12"}, INVALID,
        f"Value PYTHON3.12 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: {SET} or "
        f"be a valid ARN",
    ),
    (
        {"Runtime": "go1.x"}, INVALID,
        "The runtime parameter of go1.x is no longer supported for creating or updating AWS Lambda functions. We "
        "recommend you use a supported runtime while creating or updating functions.",
    ),
    (
        {"Role": "r1"}, VALIDATION,
        r"1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy "
        r"regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
    ),
    (
        {"Timeout": 901}, INVALID,
        "'Timeout' value failed to satisfy constraint: Member must have value less than or equal to 900",
    ),
    (
        {"Timeout": 0}, VALIDATION,
        "1 validation error detected: Value '0' at 'timeout' failed to satisfy constraint: Member must have value "
        "greater than or equal to 1",
    ),
    (
        {"MemorySize": 10241}, INVALID,
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240",
    ),
    (
        {"MemorySize": 127}, VALIDATION,
        "1 validation error detected: Value '127' at 'memorySize' failed to satisfy constraint: Member must have "
        "value greater than or equal to 128",
    ),
    (
        {"EphemeralStorage": {"Size": 10241}}, INVALID,
        "'EphemeralStorage' value failed to satisfy constraint: Member must have value less than or equal to 10240",
    ),
    (
        {"EphemeralStorage": {"Size": 511}}, VALIDATION,
        "1 validation error detected: Value '511' at 'ephemeralStorage.size' failed to satisfy constraint: Member "
        "must have value greater than or equal to 512",
    ),
    (
        {"Handler": "a b"}, VALIDATION,
        r"1 validation error detected: Value 'a b' at 'handler' failed to satisfy constraint: Member must satisfy "
        r"regular expression pattern: [^\s]+",
    ),
    (
        {"Environment": {"Variables": {"BIG": "x" * 4090}}}, INVALID,
        f'Lambda was unable to configure your environment variables because the environment variables you '
        f'have provided exceeded the 4KB limit. String measured: {{"BIG":"{"x" * 4090}"}}',
    ),
    (
        {"Environment": {"Variables": {"AWS_REGION": "x", "_HANDLER": "y"}}}, VALIDATION,
        "1 validation error detected: Value '{AWS_REGION=x, _HANDLER=y}' at 'environment.variables' failed to "
        "satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: "
        "[a-zA-Z]([a-zA-Z0-9_])+]",
    ),
    (
        {"Environment": {"Variables": {"AWS_REGION": "x", "TABLE": "t", "AWS_SESSION_TOKEN": "y"}}}, INVALID,
        "Lambda was unable to configure your environment variables because the environment variables you have "
        "provided contains reserved keys that are currently not supported for modification. Reserved keys used in "
        "this request: AWS_REGION, AWS_SESSION_TOKEN",
    ),
    (
        {"SnapStart": {"ApplyOn": "Always"}}, VALIDATION,
        "1 validation error detected: Value 'Always' at 'snapStart.applyOn' failed to satisfy constraint: Member "
        "must satisfy enum value set: [PublishedVersions, None]",
    ),
    (
        {"SnapStart": {"ApplyOn": "PublishedVersions"}, "Runtime": "python3.11"}, INVALID,
        "python3.11 is not supported for SnapStart enabled functions.",
    ),
    (
        {"LoggingConfig": {"LogFormat": "Text", "SystemLogLevel": "INFO"}}, INVALID,
        'Log level is not supported when LogFormat is set to "Text". Remove log level from your request '
        'or change the LogFormat to "JSON" and try again.',
    ),
    (
        {"LoggingConfig": {"ApplicationLogLevel": "INFO"}}, INVALID,
        'Log level is not supported when LogFormat is set to "Text". Remove log level from your request '
        'or change the LogFormat to "JSON" and try again.',
    ),
    ({"Layers": [f"{LAYER}:l{n}:1" for n in range(6)]}, INVALID, "Cannot reference more than 5 layers."),
    ({"Layers": [f"{LAYER}:gone:1"]}, INVALID, f"Layer version {LAYER}:gone:1 does not exist."),
    (
        {"Layers": [f"{LAYER}:l:1", f"{LAYER}:l:2"]}, INVALID,
        f"Two different versions of the same layer are not allowed to be referenced in the same function. "
        f"{LAYER}:l:1 and {LAYER}:l:2 are versions of the same layer.",
    ),
    (
        {"Layers": ["arn:aws:lambda:eu-west-1:000000000000:layer:l:1"]}, INVALID,
        "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.",
    ),
    ({"DurableConfig": {"ExecutionTimeout": 5}}, NOT_YET, "lambda:OPERATION: DurableConfig is not emulated."),
    ({"ImageConfig": {"Command": ["x"]}}, NOT_YET, "lambda:OPERATION: ImageConfig is not emulated."),
]  # fmt: skip

ONLY_AT_CREATION: list[tuple[dict[str, Any], str, str]] = [
    (
        {"Handler": None}, INVALID,
        "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    ),
    (
        {"Runtime": None}, INVALID,
        "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    ),
    ({"PackageType": "Image"}, NOT_YET, "lambda:CreateFunction: PackageType Image is not emulated."),
    (
        {"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}, NOT_YET,
        "lambda:CreateFunction: TenancyConfig is not emulated.",
    ),
    ({"PublishTo": "LATEST_PUBLISHED"}, NOT_YET, "lambda:CreateFunction: PublishTo is not emulated."),
    ({"Tags": {f"k{n}": "v" for n in range(51)}}, INVALID, "Number of tags exceeds resource tag limit."),
    (
        {"Architectures": ["x86_64", "arm64"]}, VALIDATION,
        "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: "
        "Member must have length less than or equal to 1",
    ),
    (
        {"Architectures": ["X86_64"]}, VALIDATION,
        "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must "
        "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
    ),
    (
        {"FunctionName": "f" * 65}, INVALID,
        f"1 validation error detected: Value '{'f' * 65}' at 'functionName' failed to satisfy constraint: Member "
        f"must have length less than or equal to 64",
    ),
    (
        {"FunctionName": "f:live"}, INVALID,
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN.",
    ),
    (
        {"CodeSigningConfigArn": SIGNING}, "CodeSigningConfigNotFoundException",
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: "
        "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-00000000000000000.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("members", "code", "text"), [*REFUSED, *ONLY_AT_CREATION])
def test_creation_refuses(api: Api, members: Members, code: str, text: str) -> None:
    asked = {**GIVEN, "Code": {"ZipFile": CODE}, **members}
    assert api.refused("CreateFunction", **asked) == (code, text.replace("OPERATION", "CreateFunction"))
    assert api("ListFunctions")["Functions"] == []


@pytest.mark.parametrize(("members", "code", "text"), REFUSED)
def test_an_update_refuses_and_changes_nothing(api: Api, members: Members, code: str, text: str) -> None:
    api.create()
    before = api("GetFunctionConfiguration", FunctionName="f")
    asked = {"FunctionName": "f", "Description": "new", **members}
    assert api.refused("UpdateFunctionConfiguration", **asked) == (
        code, text.replace("OPERATION", "UpdateFunctionConfiguration"),
    )  # fmt: skip
    assert api("GetFunctionConfiguration", FunctionName="f") == before


def test_an_environment_of_exactly_4_kb_is_taken(api: Api) -> None:
    api.create(Environment={"Variables": {"BIG": "x" * (4096 - len('{"BIG":""}'))}})


@pytest.mark.parametrize("runtime", ["python3.15", "nodejs26.x", "provided.al2023", "java8.al2023", "python3.8"])
def test_runtimes_that_are_taken(api: Api, runtime: str) -> None:
    assert api.create(Runtime=runtime)["Runtime"] == runtime


@pytest.mark.parametrize("runtime", ["python3.12", "python3.13", "python3.15", "java21", "dotnet10"])
def test_runtimes_that_snap_start(api: Api, runtime: str) -> None:
    made = api.create(Runtime=runtime, SnapStart={"ApplyOn": "PublishedVersions"})
    assert made["SnapStart"]["ApplyOn"] == "PublishedVersions"


def test_code_and_layers_together_have_a_limit(api: Api) -> None:
    layer = api("PublishLayerVersion", LayerName="l", Content={"ZipFile": zipped({"python/a.py": "x"})})
    api.create(Layers=[layer["LayerVersionArn"]])
    with api.store.transaction():
        api.store._connection.execute("UPDATE archives SET unzipped = 262144000 WHERE unzipped = 1")
    refusal = api.refused("UpdateFunctionConfiguration", FunctionName="f", Layers=[layer["LayerVersionArn"]])
    assert refusal[1].startswith(
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 26"
    )


def test_a_role_is_not_looked_for(api: Api) -> None:
    """There is no IAM here."""
    assert api.create(Role=f"{ROLE}/of/nobody")["FunctionArn"] == ARN
