"""Messages as AWS sends them; those that are recorded say so.  More recordings are replayed in tests/conformance."""

from typing import Any

import pytest

from emulator.errors import AwsError
from emulator.wire.models import load_model
from emulator.wire.validate import check

NAME_PATTERN = r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"
ONE = "1 validation error detected: "


def refusal(service: str, operation: str, members: dict[str, Any]) -> str:
    with pytest.raises(AwsError) as caught:
        check(load_model(service).operations[operation], members)
    assert caught.value.code == "ValidationException"
    return caught.value.message


@pytest.mark.parametrize(
    ("service", "operation", "members", "expected"),
    [
        pytest.param(
            "events",
            "PutTargets",
            {"Rule": "r", "Targets": [{"Id": "!@#$@!#$", "Arn": "a"}]},
            f"{ONE}Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy constraint: {NAME_PATTERN}",
            id="pattern below a list (recorded)",
        ),
        pytest.param(
            "events",
            "PutTargets",
            {"Rule": "r", "Targets": [{"Id": "ok", "Arn": "a"}, {"Id": "a" * 65, "Arn": "a"}]},
            f"{ONE}Value '{'a' * 65}' at 'targets.2.member.id' failed to satisfy constraint: "
            "Member must have length less than or equal to 64",
            id="length (recorded)",
        ),
        pytest.param(
            "events",
            "CreateConnection",
            {"Name": "Invalid Name " * 6, "AuthorizationType": "NO", "AuthParameters": {}},
            f"3 validation errors detected: Value '{'Invalid Name ' * 6}' at 'name' failed to satisfy constraint: "
            f"{NAME_PATTERN}; Value '{'Invalid Name ' * 6}' at 'name' failed to satisfy constraint: "
            "Member must have length less than or equal to 64; Value 'NO' at 'authorizationType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]",
            id="several, pattern before length (recorded)",
        ),
        pytest.param(
            "lambda",
            "TagResource",
            {"Resource": "arn:aws:lambda:us-east-1:000000000000:function:f"},
            f"{ONE}Value null at 'tags' failed to satisfy constraint: Member must not be null",
            id="required (recorded of tagKeys)",
        ),
        pytest.param(
            "events",
            "PutTargets",
            {"Rule": "r", "Targets": [{"Id": "a"}]},
            f"{ONE}Value null at 'targets.1.member.arn' failed to satisfy constraint: Member must not be null",
            id="required below a list",
        ),
        pytest.param(
            "lambda",
            "CreateFunction",
            {
                "FunctionName": "f",
                "Code": {},
                "Role": "arn:aws:iam::000000000000:role/r",
                "Architectures": ["x86_64", "arm64"],
            },
            f"{ONE}Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: "
            "Member must have length less than or equal to 1",
            id="too many (recorded)",
        ),
        pytest.param(
            "lambda",
            "CreateFunction",
            {"FunctionName": "f", "Code": {}, "Role": "arn:aws:iam::000000000000:role/r", "Architectures": ["X86_64"]},
            f"{ONE}Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: "
            "[Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
            id="an element (recorded on Lambda)",
        ),
        pytest.param(
            "events",
            "RemoveTargets",
            {"Rule": "r", "Ids": ["a", None]},
            f"{ONE}Value '[a, null]' at 'ids' failed to satisfy constraint: Member must satisfy constraint: "
            "[Member must have length less than or equal to 64, Member must have length greater than or equal to 1, "
            f"{NAME_PATTERN}, Member must not be null]",
            id="a null element",
        ),
        pytest.param(
            "events",
            "PutEvents",
            {"Entries": [None]},
            f"{ONE}Value null at 'entries.1.member' failed to satisfy constraint: Member must not be null",
            id="a null structure",
        ),
        pytest.param(
            "lambda",
            "UpdateAlias",
            {"FunctionName": "f", "Name": "live", "RoutingConfig": {"AdditionalVersionWeights": {"2": 2.0}}},
            f"{ONE}Value '{{2=2.0}}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: "
            "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
            "Member must have value greater than or equal to 0.0, Member must not be null]",
            id="a value of a map (recorded)",
        ),
        pytest.param(
            "lambda",
            "CreateFunctionUrlConfig",
            {"FunctionName": "f", "AuthType": "NONE", "InvokeMode": "x"},
            f"{ONE}Value 'x' at 'invokeMode' failed to satisfy constraint: "
            "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]",
            id="a set in AWS's order (recorded)",
        ),
        pytest.param(
            "lambda",
            "UpdateEventSourceMapping",
            {"UUID": "0" * 36, "MaximumBatchingWindowInSeconds": 301, "ScalingConfig": {"MaximumConcurrency": 1}},
            "2 validation errors detected: Value '1' at 'scalingConfig.maximumConcurrency' failed to satisfy "
            "constraint: Member must have value greater than or equal to 2; Value '301' at "
            "'maximumBatchingWindowInSeconds' failed to satisfy constraint: Member must have value less than or equal "
            "to 300",
            id="ranges (recorded one by one)",
        ),
    ],
)
def test_refusals(service: str, operation: str, members: dict[str, Any], expected: str) -> None:
    assert refusal(service, operation, members) == expected


def test_eleven_entries_are_shown_as_java_prints_them() -> None:
    entry = {"Source": "s", "DetailType": "d", "Detail": '{"a": 1}', "EventBusName": "bus"}
    shown = (
        'PutEventsRequestEntry(time=null, source=s, resources=null, detailType=d, detail={"a": 1}, eventBusName=bus, '
        "traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)"
    )

    assert refusal("events", "PutEvents", {"Entries": [entry] * 11}) == (
        f"{ONE}Value '[{', '.join([shown] * 11)}]' at 'entries' failed to satisfy constraint: "
        "Member must have length less than or equal to 10"
    )


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("events", "PutEvents", {"Entries": [{}]}),
        ("events", "PutRule", {"Name": "r", "EventBusName": "arn:aws:events:us-east-1:000000000000:event-bus/b"}),
        ("events", "PutRule", {"Name": "a" * 64, "Tags": [{"Key": "k", "Value": ""}]}),
        ("events", "ListRules", {"Limit": 100, "NextToken": None}),
        ("lambda", "GetFunction", {"FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST"}),
        (
            "lambda",
            "TagResource",
            {"Resource": "arn:aws:lambda:eu-west-1:000000000000:function:f", "Tags": {"é": "ü 1"}},
        ),
        ("lambda", "ListFunctions", {}),
    ],
)
def test_what_the_model_allows_is_let_through(service: str, operation: str, members: dict[str, Any]) -> None:
    check(load_model(service).operations[operation], members)


@pytest.mark.parametrize("name", ["name\n", "name ", "", "né"])
def test_a_pattern_is_for_the_whole_value(name: str) -> None:
    assert "Member must" in refusal("events", "DescribeRule", {"Name": name})


def test_a_refusal_stays_readable_whatever_it_refuses() -> None:
    huge = refusal("events", "PutEvents", {"Entries": [{"Source": "a" * 10_000}] * 11})
    assert "aaa…' at 'entries' failed" in huge
    assert len(huge) < 30_000
    many = refusal("events", "TagResource", {"ResourceARN": "arn:aws:x", "Tags": [{}] * 100_000})
    assert len(many) < 200_000
