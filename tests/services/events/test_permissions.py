import json
from typing import Any

import pytest

from tests.services.events.api import START, Api

ARN = "arn:aws:events:us-east-1:111111111111:event-bus/shop"
SIMPLE = {"EventBusName": "shop", "Action": "events:PutEvents", "Principal": "222222222222", "StatementId": "a"}
STATEMENT = {
    "Sid": "a",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
    "Action": "events:PutEvents",
    "Resource": ARN,
}


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def policy(api: Api) -> str | None:
    text: str | None = api("DescribeEventBus", Name="shop").get("Policy")
    return text


def compact(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def test_statements_are_added_and_replaced_by_id(shop: Api) -> None:
    assert shop("PutPermission", **SIMPLE) == {}
    assert policy(shop) == compact(document(STATEMENT))
    shop("PutPermission", **SIMPLE | {"StatementId": "b"})
    condition = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890"}
    shop("PutPermission", **SIMPLE | {"Principal": "*", "Condition": condition})
    everyone = STATEMENT | {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}}
    assert policy(shop) == compact(document(everyone, STATEMENT | {"Sid": "b"}))
    [bus] = shop("ListEventBuses", NamePrefix="shop")["EventBuses"]
    assert bus["Policy"] == policy(shop)


def test_the_default_bus_is_meant_when_none_is_named(shop: Api) -> None:
    shop("PutPermission", Action="events:PutEvents", Principal="*", StatementId="a")
    assert '"Principal":"*"' in shop("DescribeEventBus")["Policy"]
    assert policy(shop) is None


def test_a_policy_replaces_all_statements(shop: Api) -> None:
    shop("PutPermission", **SIMPLE | {"StatementId": "old"})
    given = STATEMENT | {"Principal": {"AWS": "222222222222"}, "Action": ["events:PutEvents", "events:Put*"]}
    shop("PutPermission", EventBusName="shop", Policy=json.dumps({"Version": "2012-10-17", "Statement": given}))
    assert policy(shop) == compact(document(given | {"Principal": STATEMENT["Principal"]}))


def test_the_same_policy_again_is_no_modification(shop: Api) -> None:
    shop.clock.advance(seconds=1)
    shop("PutPermission", **SIMPLE)
    shop.clock.advance(seconds=1)
    shop("PutPermission", **SIMPLE)
    assert shop("DescribeEventBus", Name="shop")["LastModifiedTime"] == START + 1


def test_statements_are_removed(shop: Api) -> None:
    missing = ("ResourceNotFoundException", "Statement with the provided id does not exist.")
    assert shop.refused("RemovePermission", EventBusName="shop", StatementId="a") == missing
    assert shop("RemovePermission", EventBusName="shop", RemoveAllPermissions=True) == {}
    for sid in ("a", "b"):
        shop("PutPermission", **SIMPLE | {"StatementId": sid})
    shop("RemovePermission", EventBusName="shop", StatementId="b")
    assert policy(shop) == compact(document(STATEMENT))
    assert shop.refused("RemovePermission", EventBusName="shop", StatementId="b") == missing
    shop("RemovePermission", EventBusName="shop", StatementId="a")
    assert policy(shop) is None


def without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}


CONDITION = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890"}
COMBINED = "Action, Principal, StatementId and Condition could not be combined with Policy parameter."


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "Parameter(s) Action must be specified."),
        (without(SIMPLE, "Principal"), "Parameter(s) Principal must be specified."),
        (without(SIMPLE, "StatementId"), "Parameter(s) StatementId must be specified."),
        (SIMPLE | {"Action": "events:PutRule"}, "Provided value in parameter 'action' is not supported."),
        (
            SIMPLE | {"Condition": CONDITION | {"Key": "events:source"}},
            "Provided value in parameter 'condition.key' is not supported.",
        ),
        (
            SIMPLE | {"Condition": CONDITION | {"Type": "StringLike"}},
            "Provided value in parameter 'condition.type' is not supported.",
        ),
        (
            SIMPLE | {"Condition": CONDITION | {"Value": "not-an-org"}},
            "Provided value in parameter 'condition.value' is invalid.",
        ),
        (SIMPLE | {"Policy": "{}"}, COMBINED),
        ({"EventBusName": "shop", "Condition": CONDITION, "Policy": "{}"}, COMBINED),
    ],
)
def test_simple_permissions_that_are_refused(shop: Api, members: dict[str, Any], message: str) -> None:
    assert shop.refused("PutPermission", **members) == ("ValidationException", message)
    assert policy(shop) is None


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "Parameter(s) StatementId must be specified."),
        ({"RemoveAllPermissions": False}, "Parameter(s) StatementId must be specified."),
        ({"StatementId": "a", "RemoveAllPermissions": True}, "StatementId could not be combined with All parameter."),
    ],
)
def test_removals_that_are_refused(shop: Api, members: dict[str, Any], message: str) -> None:
    assert shop.refused("RemovePermission", EventBusName="shop", **members) == ("ValidationException", message)


@pytest.mark.parametrize(
    ("operation", "members"),
    [("PutPermission", SIMPLE), ("PutPermission", {"Policy": "{}"}), ("RemovePermission", {"StatementId": "a"})],
)
def test_a_missing_bus(shop: Api, operation: str, members: dict[str, Any]) -> None:
    refusal = shop.refused(operation, **members | {"EventBusName": "none"})
    assert refusal == ("ResourceNotFoundException", "Event bus none does not exist.")


def test_a_policy_has_a_size(shop: Api) -> None:
    bare = len(compact(document(STATEMENT | {"Sid": ""})))
    fits = compact(document(STATEMENT | {"Sid": "s" * (30720 - bare)}))
    shop("PutPermission", EventBusName="shop", Policy=fits + " " * 10_000)  # it is the compact form that counts
    assert policy(shop) == fits
    over = compact(document(STATEMENT | {"Sid": "s" * (30721 - bare)}))
    assert shop.refused("PutPermission", EventBusName="shop", Policy=over) == (
        "PolicyLengthExceededException",
        "Policy size would be larger than the maximum allowed.",
    )
    assert policy(shop) == fits
