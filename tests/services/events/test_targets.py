from typing import Any

import pytest

from tests.services.events.api import FUNCTION, PATTERN, Api

RULE = {"Rule": "paid", "EventBusName": "shop"}
ROLE = "arn:aws:iam::111111111111:role/r"
OTHER_BUS = "arn:aws:events:us-east-1:111111111111:event-bus/other"
DESTINATION = "arn:aws:events:us-east-1:111111111111:api-destination/d/0aa"
DONE = {"FailedEntryCount": 0, "FailedEntries": []}


def put(api: Api, *targets: dict[str, Any]) -> dict[str, Any]:
    return api("PutTargets", **RULE, Targets=list(targets))


def listed(api: Api) -> list[dict[str, Any]]:
    targets: list[dict[str, Any]] = api("ListTargetsByRule", **RULE)["Targets"]
    return targets


def test_targets_are_listed_by_id_with_members_in_the_models_order(shop: Api) -> None:
    full = {
        "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
        "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:111111111111:dead"},
        "HttpParameters": {"QueryStringParameters": {"q": "1", "extra": "2"}, "PathParameterValues": ["p"]},
        "Input": "null",
        "Arn": FUNCTION,
        "Id": "b",
    }
    assert put(shop, full, {"Arn": FUNCTION, "Id": "a"}) == DONE
    first, second = listed(shop)
    assert list(first.items()) == [("Id", "a"), ("Arn", FUNCTION)]
    assert list(second) == ["Id", "Arn", "Input", "HttpParameters", "DeadLetterConfig", "RetryPolicy"]
    assert second == full
    assert list(second["HttpParameters"]["QueryStringParameters"]) == ["extra", "q"]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("sqs", {"Arn": "arn:aws:sqs:us-east-1:111111111111:q"}),
        ("sqs", {"Arn": "arn:aws:sqs:us-east-1:111111111111:q.fifo", "SqsParameters": {"MessageGroupId": "g"}}),
        ("logs:log-group", {"Arn": "arn:aws:logs:us-east-1:111111111111:log-group:/aws/events/x"}),
        ("events:event-bus", {"Arn": OTHER_BUS, "RoleArn": ROLE}),
        ("events:api-destination", {"Arn": DESTINATION, "RoleArn": ROLE, "InputPath": "$.detail"}),
        ("kinesis:stream", {"Arn": "arn:aws:kinesis:us-east-1:111111111111:stream/s", "RoleArn": ROLE}),
    ],
)
def test_every_kind_of_target_is_taken_where_it_can_be_delivered_to(kind: str, target: dict[str, Any]) -> None:
    api = Api([kind])
    api("PutRule", Name="paid", EventPattern=PATTERN)
    target = {"Id": "t", **target}
    assert api("PutTargets", Rule="paid", Targets=[target]) == DONE
    assert api("ListTargetsByRule", Rule="paid")["Targets"] == [target]
    api.store.close()


def test_a_target_of_the_same_id_is_replaced_whole(shop: Api) -> None:
    put(shop, {"Id": "1", "Arn": FUNCTION, "Input": "1"})
    put(shop, {"Id": "1", "Arn": FUNCTION})
    assert listed(shop) == [{"Id": "1", "Arn": FUNCTION}]


def test_removing_what_is_not_there_succeeds(shop: Api) -> None:
    put(shop, {"Id": "1", "Arn": FUNCTION})
    assert shop("RemoveTargets", **RULE, Ids=["unknown", "1"]) == DONE
    assert listed(shop) == []


def test_the_publisher_hears_of_every_change(shop: Api) -> None:
    shop.publisher.changed.clear()
    put(shop, {"Id": "1", "Arn": FUNCTION})
    shop("RemoveTargets", **RULE, Ids=["1"])
    assert shop.publisher.changed == [("shop", "paid")] * 2


def test_a_rule_has_five_targets_at_most(shop: Api) -> None:
    put(shop, *({"Id": str(n), "Arn": FUNCTION} for n in range(5)))
    put(shop, {"Id": "0", "Arn": FUNCTION})  # that is no sixth
    code = shop.refused("PutTargets", **RULE, Targets=[{"Id": "6", "Arn": FUNCTION}])
    assert code == ("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    assert len(listed(shop)) == 5


def test_targets_are_listed_page_by_page(shop: Api) -> None:
    put(shop, *({"Id": id, "Arn": FUNCTION} for id in "cab"))
    first = shop("ListTargetsByRule", **RULE, Limit=2)
    assert [target["Id"] for target in first["Targets"]] == ["a", "b"]
    last = shop("ListTargetsByRule", **RULE, Limit=2, NextToken=first["NextToken"])
    assert [target["Id"] for target in last["Targets"]] == ["c"]
    assert "NextToken" not in last


def test_a_target_that_cannot_be_delivered_to_fails_alone(shop: Api) -> None:
    queue = "arn:aws:sqs:us-east-1:111111111111:orders"
    answer = put(shop, {"Id": "q", "Arn": queue}, {"Id": "f", "Arn": FUNCTION})
    assert answer["FailedEntryCount"] == 1
    [failure] = answer["FailedEntries"]
    assert (failure["TargetId"], failure["ErrorCode"]) == ("q", "NotImplementedException")
    assert queue in failure["ErrorMessage"]
    assert [target["Id"] for target in listed(shop)] == ["f"]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"Arn": "not-an-arn"}, "Parameter not-an-arn is not valid. Reason: Provided Arn is not in correct format."),
        (
            {"RoleArn": "not-an-arn"},
            "Parameter not-an-arn is not valid. Reason: Provided Arn is not in correct format.",
        ),
        (
            {"DeadLetterConfig": {"Arn": "dead"}},
            "Parameter dead is not valid. Reason: Provided Arn is not in correct format.",
        ),
        ({"Arn": OTHER_BUS}, f"RoleArn is required for target {OTHER_BUS}."),
        ({"Arn": DESTINATION}, f"RoleArn is required for target {DESTINATION}."),
        (
            {"Arn": "arn:aws:kinesis:us-east-1:111111111111:stream/s"},
            "RoleArn is required for target arn:aws:kinesis:us-east-1:111111111111:stream/s.",
        ),
        (
            {"Arn": OTHER_BUS, "RoleArn": ROLE, "InputPath": "$"},
            "Modifying the input for target t is not supported.",
        ),
        (
            {"Arn": OTHER_BUS, "RoleArn": ROLE, "RetryPolicy": {"MaximumRetryAttempts": 1}},
            f"RetryPolicy is not supported for target {OTHER_BUS}.",
        ),
        (
            {"Arn": "arn:aws:events:us-east-1:111111111111:event-bus/shop", "RoleArn": ROLE},
            "Parameter arn:aws:events:us-east-1:111111111111:event-bus/shop is not valid."
            " Reason: An event bus cannot be its own target.",
        ),
        (
            {"Arn": "arn:aws:events:us-east-1:::"},
            "Parameter arn:aws:events:us-east-1::: is not valid. Reason: Service as target config for ARN:"
            " arn:aws:events:us-east-1::: not found. The API call hasn't been recognized as managed rules call",
        ),
        (
            {"Arn": "arn:aws:sqs:us-east-1:111111111111:q.fifo"},
            "Parameter(s) SqsParameters must be specified for target: t.",
        ),
        (
            {"Arn": "arn:aws:logs:us-east-1:111111111111:log-group:/aws/events/x", "Input": "1"},
            "Input is not supported for target arn:aws:logs:us-east-1:111111111111:log-group:/aws/events/x.",
        ),
        (
            {"Input": "1", "InputPath": "$"},
            "Only one of Input, InputPath, or InputTransformer must be provided for target t.",
        ),
        (
            {"InputTransformer": {"InputTemplate": '"<x>"'}},
            "InputTemplate for target t contains invalid placeholder x.",
        ),
    ],
)
def test_a_target_that_aws_refuses_fails_the_whole_request(shop: Api, target: dict[str, Any], message: str) -> None:
    good = {"Id": "good", "Arn": FUNCTION}
    bad = {"Id": "t", "Arn": FUNCTION, **target}
    assert shop.refused("PutTargets", **RULE, Targets=[good, bad]) == ("ValidationException", message)
    assert listed(shop) == []
