"""The limits of the file are those of AWS's own models."""

import re
from typing import Any

import botocore.session
import pytest

from emulator.config import functions, rules, shapes


def constraints(shape: type[shapes.Shape], key: str) -> dict[str, Any]:
    found = {}
    for part in shape.model_fields[key].metadata:
        for name in ("ge", "le", "max_length", "min_length"):
            if getattr(part, name, None) is not None:
                found[name.replace("ge", "min").replace("le", "max") if len(name) == 2 else name[:3]] = getattr(
                    part, name
                )
    return found


def modelled(service: str, name: str) -> dict[str, Any]:
    metadata = botocore.session.get_session().get_service_model(service).shape_for(name).metadata
    return {key: value for key, value in metadata.items() if key in ("min", "max")}


@pytest.mark.parametrize(
    ("shape", "key", "service", "name"),
    [
        (shapes.BusShape, "description", "events", "EventBusDescription"),
        (shapes.RuleShape, "description", "events", "RuleDescription"),
        (shapes.RuleShape, "role_arn", "events", "RoleArn"),
        (shapes.TargetShape, "id", "events", "TargetId"),
        (shapes.TargetShape, "arn", "events", "TargetArn"),
        (shapes.TargetShape, "input_path", "events", "TargetInputPath"),
        (shapes.RetryShape, "attempts", "events", "MaximumRetryAttempts"),
        (shapes.RetryShape, "max_age", "events", "MaximumEventAgeInSeconds"),
        (shapes.FunctionShape, "retries", "lambda", "MaximumRetryAttempts"),
        (shapes.FunctionShape, "max_event_age", "lambda", "MaximumEventAgeInSeconds"),
    ],
)
def test_limits(shape: type[shapes.Shape], key: str, service: str, name: str) -> None:
    assert constraints(shape, key) == modelled(service, name)


def test_names_and_sizes() -> None:
    assert modelled("events", "EventPattern")["max"] == rules.MAX_PATTERN
    assert modelled("events", "ScheduleExpression")["max"] == rules.MAX_SCHEDULE
    assert rules.RULE_NAME.pattern.endswith(f"{{1,{modelled('events', 'RuleName')['max']}}}")
    assert rules.BUS_NAME.pattern.endswith(f"{{1,{modelled('events', 'EventBusName')['max']}}}")
    assert re.fullmatch(functions.FUNCTION_NAME, "a-Z_9")


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("1m", 60), ("2h", 7200), ("1d", 86400), ("500ms", 0.5), ("1.5 s", 1.5), (7, 7)]
)
def test_durations(text: Any, seconds: float) -> None:
    assert shapes.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "-1s", "1w", True, None, [1], "1e3s"][2:])
def test_what_is_no_duration(text: Any) -> None:
    with pytest.raises(ValueError, match="should be a duration such as 10s, 1m or 2h"):
        shapes.duration(text)
