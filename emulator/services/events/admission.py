"""What PutTargets refuses about a single target, whatever its rule: the whole request fails, nothing is stored.

Texts are recorded on AWS (September 2026) but where a comment says otherwise.
"""

from collections.abc import Mapping
from typing import Any

from emulator.arn import Arn
from emulator.services.events.names import checked_arn, invalid
from emulator.store.buses import BusKey
from emulator.transform import InvalidTransform, check_input

# Kinds of target that AWS calls in the rule owner's name: the documentation of PutTargets asks for a role.
_WITH_ROLE = frozenset(
    {"batch", "codebuild", "codepipeline", "ecs", "firehose", "kinesis", "redshift", "sagemaker", "ssm", "states"}
)
_INPUTS = ("Input", "InputPath", "InputTransformer")


def check_target(target: Mapping[str, Any], bus: BusKey) -> None:
    """Raises AWS's ValidationException for a target (AWS's member names) that a rule on `bus` cannot have."""
    arn = _target_arn(target["Arn"])
    if "RoleArn" in target:
        checked_arn(target["RoleArn"])
    if "Arn" in target.get("DeadLetterConfig", {}):
        checked_arn(target["DeadLetterConfig"]["Arn"])
    if arn.service == "events":
        _check_events_target(target, arn, bus)
    elif arn.service in _WITH_ROLE:
        _need_role(target)
    elif arn.service == "sqs":
        _check_queue(target, arn)
    elif arn.service == "logs":
        _check_log_group(target)
    try:
        check_input(target)
    except InvalidTransform as error:
        raise invalid(error.message) from None


def _target_arn(text: str) -> Arn:
    parts = text.split(":")
    if len(parts) >= 6 and parts[0] == "arn" and parts[2] == "events" and not any(parts[4:]):
        raise invalid(  # the service itself, as in the rule that it makes for an archive
            f"Parameter {text} is not valid. Reason: Service as target config for ARN: {text} not found."
            " The API call hasn't been recognized as managed rules call"
        )
    return checked_arn(text)


def _check_events_target(target: Mapping[str, Any], arn: Arn, bus: BusKey) -> None:
    """Another bus, or an API destination."""
    _need_role(target)  # of a bus in the same account and region, too
    if not arn.resource.startswith("event-bus/"):
        return
    if any(target.get(member) is not None for member in _INPUTS):
        raise invalid(f"Modifying the input for target {target['Id']} is not supported.")
    # That AWS refuses these two is known, its texts are not.
    if "RetryPolicy" in target:
        raise invalid(f"RetryPolicy is not supported for target {target['Arn']}.")
    if target["Arn"] == bus.arn:
        raise invalid(f"Parameter {target['Arn']} is not valid. Reason: An event bus cannot be its own target.")


def _need_role(target: Mapping[str, Any]) -> None:
    if "RoleArn" not in target:
        raise invalid(f"RoleArn is required for target {target['Arn']}.")


def _check_queue(target: Mapping[str, Any], arn: Arn) -> None:
    if arn.resource.endswith(".fifo") and "SqsParameters" not in target:
        raise invalid(f"Parameter(s) SqsParameters must be specified for target: {target['Id']}.")


def _check_log_group(target: Mapping[str, Any]) -> None:
    """That AWS refuses these is known, its texts are not."""
    for member in ("RoleArn", "Input", "InputPath"):
        if member in target:
            raise invalid(f"{member} is not supported for target {target['Arn']}.")
