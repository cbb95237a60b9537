"""Which runtimes a function may be made with, in AWS's words.  Pure."""

from collections.abc import Sequence

from emulator.errors import AwsError
from emulator.services.lambda_.names import invalid

# The set that AWS prints when it refuses one, in its order (recorded in 2025).
_PRINTED = (
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10,"
    " python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8,"
    " java11, dotnet6, nodejs18.x, provided.al2, java8.al2"
)
# Younger than that recording (botocore's model, November 2026).
_NEWER = ("nodejs26.x", "python3.15", "ruby4.0", "java8.al2023", "java11.al2023", "java17.al2023")
_TAKEN = frozenset((*_PRINTED.split(", "), *_NEWER))
# Those that AWS has retired (recorded in 2025 of java8 to dotnetcore3.1, and from the documentation of older ones).
_RETIRED = frozenset({
    "java8", "go1.x", "provided", "ruby2.7", "nodejs14.x", "nodejs12.x", "python3.7", "dotnetcore3.1", "nodejs",
    "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "python2.7", "python3.6", "ruby2.5",
    "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnet5.0", "byol",
})  # fmt: skip
# Documentation of Lambda, November 2026: Java since 11, Python since 3.12, .NET since 8.
_SNAP_START = ("java11", "java17", "java21", "java25", "python3.1", "dotnet8", "dotnet10")
_NO_SNAP_START = ("python3.10", "python3.11")


def check_runtime(runtime: str) -> None:
    """Raises InvalidParameterValueException for one that is retired or unknown."""
    if runtime in _RETIRED:
        raise invalid(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions."
            " We recommend you use a supported runtime while creating or updating functions."
        )
    if runtime not in _TAKEN:
        raise invalid(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set:"
            f" [{_PRINTED}] or be a valid ARN"
        )


def check_runtimes(runtimes: Sequence[str]) -> None:
    """Those that a layer is said to fit: retired ones may be among them."""
    if not _TAKEN.union(_RETIRED).issuperset(runtimes):
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '[{', '.join(runtimes)}]' at 'compatibleRuntimes' failed to satisfy"
            f" constraint: Member must satisfy constraint: [Member must satisfy enum value set: [{_PRINTED}],"
            " Member must not be null]",
        )


def check_snap_start(runtime: str) -> None:
    if not runtime.startswith(_SNAP_START) or runtime in _NO_SNAP_START:
        raise invalid(f"{runtime} is not supported for SnapStart enabled functions.")
