import json
from typing import Any

import pytest

from emulator.errors import AwsError
from emulator.services.events.policy import checked

BUS = "arn:aws:events:us-east-1:111111111111:event-bus/shop"
STATEMENT = {
    "Sid": "a",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
    "Action": "events:PutEvents",
    "Resource": BUS,
}


def document(*statements: Any, indent: int | None = None) -> str:
    separators = (",", ":") if indent is None else None
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=indent, separators=separators)


def refusal(text: str, bus: str = BUS) -> str:
    with pytest.raises(AwsError) as caught:
        checked(text, bus)
    assert caught.value.code == "ValidationException"
    return caught.value.message


@pytest.mark.parametrize(
    "change",
    [
        {"Resource": "*"},
        {"Resource": [BUS]},
        {"Resource": "arn:aws:events:us-east-1:111111111111:rule/shop/*"},
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"Service": "events.amazonaws.com"}},
        {"Principal": {"AWS": ["arn:aws:iam::222222222222:role/r", "000000000000"]}},
        {"Effect": "Deny"},
        {"Action": "events:*"},
        {"Action": ["events:Put*", "events:Remove*", "events:Delete*", "events:ListRules"]},
        {"Condition": {"StringEquals": {"events:source": "x"}}},
        {"Condition": {"ForAnyValue:StringNotLikeIfExists": {"events:source": ["x", 1, True]}}},
        {"Condition": {"Null": {"events:source": False}, "DateGreaterThanEquals": {"aws:CurrentTime": "2026-01-01"}}},
    ],
)
def test_accepted(change: dict[str, Any]) -> None:
    checked(document(STATEMENT | change), BUS)


def test_a_statement_becomes_a_list_and_accounts_become_their_root() -> None:
    kept = checked(json.dumps({"Statement": STATEMENT | {"Principal": {"AWS": ["222222222222"]}}, "Version": "x"}), BUS)
    assert kept["Statement"] == [STATEMENT | {"Principal": {"AWS": ["arn:aws:iam::222222222222:root"]}}]


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in STATEMENT.items() if name != field}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "This policy contains invalid Json"),
        ("{", "This policy contains invalid Json"),
        ("null", "This text appears not to be a policy"),
        ("{}", "Missing required field Version"),
        ('{"Version": "2012-10-17"}', "Missing required field Statement"),
        (document(), "Could not parse the policy: Statement is empty!"),
        *((document(without(field)), f"Missing required field {field}") for field in STATEMENT),
        (document("text"), "This text appears not to be a policy"),
        (
            document(STATEMENT | {"Effect": "Perhaps"}),
            "Invalid statement at line 1 column 38: Invalid effect: Perhaps",
        ),
        (document(STATEMENT | {"Principal": {"AWS": "someone"}}), "Policy contains an invalid principal"),
        (
            document(STATEMENT | {"Resource": BUS + "-other"}),
            f'The relative-id "event-bus/shop-other" is invalid for ARN "{BUS}-other"',
        ),
        (
            document(STATEMENT | {"Action": ["events:PutEvents", "events:NoSuchAction"]}),
            'Invalid statement at line 1 column 38: The following action names are invalid: "events:NoSuchAction"',
        ),
        (
            document(STATEMENT | {"Action": "sqs:SendMessage"}),
            "Invalid statement at line 1 column 38: Action field includes AWS services that are inconsistent"
            " with specified vendor",
        ),
    ],
)
def test_refused(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(
    "condition",
    [
        "x",
        [],
        None,
        {"Null": {"events:source": []}},
        {"Null": {"events:source": "x"}},
        {"Null": {"events:source": ["true", "false"]}},
        {"StringEquals": "x"},
        {"StringEquals": {"events:source": {}}},
        {"StringEquals": {"events:source": [{}]}},
        {"StringEquals": {"events:source": None}},
        {"StringEquals": {"events:source": []}},
        {"NoSuchOperator": {"events:source": "x"}},
        {"StringEqual": {"events:source": "x"}},
    ],
)
def test_a_condition_that_means_nothing_is_refused(condition: Any) -> None:
    told = "Invalid statement at line 1 column 38: Invalid condition"
    assert refusal(document(STATEMENT | {"Condition": condition})) == told


def test_an_id_that_is_no_text_is_refused() -> None:
    assert refusal(document(STATEMENT | {"Sid": ["a"]})) == "Invalid statement at line 1 column 38: Invalid Sid"


def test_the_column_is_that_of_the_statement() -> None:
    second = len(document(STATEMENT)) - 2 + len(",") + 1
    unique = f"Invalid statement at line 1 column {second}: The Statement Ids in the policy are not unique"
    assert refusal(document(STATEMENT, STATEMENT)) == unique
    bad = STATEMENT | {"Sid": "b", "Action": "events:No"}
    assert refusal(document(STATEMENT, bad, indent=2)).startswith("Invalid statement at line 13 column 5: ")
    alone = json.dumps({"Version": "2012-10-17", "Statement": bad})
    assert refusal(alone).startswith("Invalid statement at line 1 column 40: ")


def test_rules_of_the_default_bus_have_no_bus_in_their_arn() -> None:
    prefix = "arn:aws:events:us-east-1:111111111111"
    checked(document(STATEMENT | {"Resource": f"{prefix}:rule/paid"}), f"{prefix}:event-bus/default")
