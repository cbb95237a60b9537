import json
from dataclasses import replace
from typing import Any

import pytest

from emulator.errors import AwsError
from emulator.store.buses import BusKey
from emulator.wire.service import Members, Scope
from tests.services.events.api import ACCOUNT, FUNCTION, PATTERN, REGION, Api

BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/shop"
OTHER = "222222222222"
ENTRY = {"Source": "billing", "DetailType": "Paid", "Detail": "{}", "EventBusName": BUS}
STATEMENT = {
    "Sid": "a",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
    "Action": "events:PutEvents",
    "Resource": BUS,
}


def allow(api: Api, **change: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": [STATEMENT | change]}
    api("PutPermission", EventBusName="shop", Policy=json.dumps(policy))


def put(api: Api, account: str, *entries: Members) -> str | None:
    """Put events as `account`; the text of the refusal, or None."""
    try:
        api.ask("PutEvents", {"Entries": list(entries) or [ENTRY]}, Scope(account, REGION))
    except AwsError as error:
        return f"{error.code}: {error.message}"
    return None


def test_another_account_needs_a_permission(shop: Api) -> None:
    assert put(shop, OTHER) == (
        f"AccessDeniedException: User: arn:aws:iam::{OTHER}:root is not authorized to perform: events:PutEvents"
        f" on resource: {BUS} because no resource-based policy allows the events:PutEvents action"
    )
    shop("PutPermission", EventBusName="shop", Action="events:PutEvents", Principal=OTHER, StatementId="a")
    assert put(shop, OTHER) is None
    [[event]] = shop.publisher.requests
    assert (event.bus.account, event.envelope["account"]) == (ACCOUNT, OTHER)
    assert put(shop, ACCOUNT) is None


def test_the_own_account_is_stopped_by_a_deny_alone(shop: Api) -> None:
    allow(shop, Effect="Deny", Principal="*", Condition={"Bool": {"events:eventBusInvocation": "false"}})
    assert put(shop, ACCOUNT) == (
        f"AccessDeniedException: User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: events:PutEvents"
        f" on resource: {BUS} with an explicit deny in a resource-based policy"
    )
    allow(shop, Effect="Deny", Principal="*", Condition={"Bool": {"events:eventBusInvocation": "true"}})
    assert put(shop, ACCOUNT) is None


def test_one_refused_entry_refuses_the_request(shop: Api) -> None:
    allow(shop, Condition={"StringEquals": {"events:source": "billing"}})
    assert put(shop, OTHER, ENTRY, ENTRY | {"Source": "other"}) is not None
    assert shop.publisher.requests == []
    assert put(shop, OTHER, ENTRY, ENTRY) is None


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": [f"arn:aws:iam::{OTHER}:role/r"]}}, True),
        ({"Principal": {"AWS": "333333333333"}}, False),
        ({"Principal": {"Service": "events.amazonaws.com"}}, False),
        ({"Resource": "*"}, True),
        ({"Resource": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/shop/*"}, False),
        ({"Action": "events:PutRule"}, False),
        ({"Action": ["events:PutRule", "events:Put*"]}, True),
        ({"Effect": "Deny"}, False),
        ({"Condition": {"StringEquals": {"events:source": ["x", "billing"]}}}, True),
        ({"Condition": {"StringEquals": {"events:detail-type": "x"}}}, False),
        ({"Condition": {"StringNotEquals": {"events:detail-type": "x"}}}, True),
        ({"Condition": {"StringLike": {"events:source": "bill*"}}}, True),
        ({"Condition": {"StringEqualsIgnoreCase": {"events:source": "BILLING"}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER, "events:source": "x"}}}, False),
        ({"Condition": {"StringEquals": {"aws:SourceVpc": "x"}}}, False),
        ({"Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "x"}}}, True),
        ({"Condition": {"ForAllValues:StringEquals": {"aws:SourceVpc": "x"}}}, True),
        ({"Condition": {"ForAllValues:StringEquals": {"events:source": "x"}}}, False),
        ({"Condition": {"Null": {"events:source": "false"}}}, True),
        ({"Condition": {"Null": {"events:source": True}}}, False),
        ({"Condition": {"Null": {"events:source": ["false"]}}}, True),
        ({"Condition": {"NumericEquals": {"events:source": "1"}}}, False),
        ({"Condition": {}}, True),
    ],
)
def test_what_a_statement_allows(shop: Api, change: dict[str, Any], allowed: bool) -> None:
    allow(shop, **change)
    assert (put(shop, OTHER) is None) is allowed


RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/shop/paid"
ON_THE_RULE: list[tuple[str, Members]] = [
    ("PutRule", {"Name": "paid", "EventPattern": PATTERN}),
    ("DescribeRule", {"Name": "paid"}),
    ("EnableRule", {"Name": "paid"}),
    ("DisableRule", {"Name": "paid"}),
    ("DeleteRule", {"Name": "paid"}),
    ("PutTargets", {"Rule": "paid", "Targets": [{"Id": "1", "Arn": FUNCTION}]}),
    ("ListTargetsByRule", {"Rule": "paid"}),
    ("RemoveTargets", {"Rule": "paid", "Ids": ["1"]}),
]
OPERATIONS: list[tuple[str, Members, str]] = [
    *((name, {"EventBusName": BUS, **members}, RULE) for name, members in ON_THE_RULE),
    ("ListRules", {"EventBusName": BUS}, RULE.replace("paid", "*")),
    ("ListRuleNamesByTarget", {"EventBusName": BUS, "TargetArn": FUNCTION}, RULE.replace("paid", "*")),
    ("DescribeEventBus", {"Name": BUS}, BUS),
    *(
        (name, {"ResourceARN": arn, **members}, arn)
        for arn in (RULE, BUS)
        for name, members in (
            ("TagResource", {"Tags": [{"Key": "k", "Value": "v"}]}),
            ("UntagResource", {"TagKeys": ["k"]}),
            ("ListTagsForResource", {}),
        )
    ),
]


def ask_as(api: Api, account: str, operation: str, members: Members) -> str | None:
    """The text of the refusal, or None."""
    try:
        api.ask(operation, members, Scope(account, REGION))
    except AwsError as error:
        return f"{error.code}: {error.message}"
    return None


@pytest.mark.parametrize(("operation", "members", "resource"), OPERATIONS)
def test_another_account_does_with_rules_and_bus_what_the_policy_allows(
    shop: Api, operation: str, members: Members, resource: str
) -> None:
    told = f"User: arn:aws:iam::{OTHER}:root is not authorized to perform: events:{operation} on resource: {resource}"
    why = f"because no resource-based policy allows the events:{operation} action"
    assert ask_as(shop, OTHER, operation, members) == f"AccessDeniedException: {told} {why}"
    assert ask_as(shop, ACCOUNT, operation, members) is None
    shop("PutRule", Name="paid", EventBusName="shop", EventPattern=PATTERN)
    allow(shop, Action=f"events:{operation}", Resource="*")
    assert ask_as(shop, OTHER, operation, members) is None
    shop("PutRule", Name="paid", EventBusName="shop", EventPattern=PATTERN)
    allow(shop, Action=f"events:{operation}", Effect="Deny", Principal="*", Resource="*")
    assert ask_as(shop, ACCOUNT, operation, members) == (
        f"AccessDeniedException: {told.replace(OTHER, ACCOUNT)} with an explicit deny in a resource-based policy"
    )


def test_the_default_bus_of_another_account_is_not_open_either(api: Api) -> None:
    bus = "arn:aws:events:us-east-1:123456789012:event-bus/default"
    code, message = api.refused("PutRule", Name="r", EventPattern=PATTERN, EventBusName=bus)
    assert code == "AccessDeniedException"
    assert " on resource: arn:aws:events:us-east-1:123456789012:rule/r because " in message


def test_a_condition_on_the_creator_keeps_accounts_to_their_own_rules(shop: Api) -> None:
    """The policy is one of the user guide's examples."""
    creator = {"StringEqualsIfExists": {"events:creatorAccount": "${aws:PrincipalAccount}"}}
    allow(shop, Action=["events:PutRule", "events:DeleteRule"], Resource=f"{RULE[:-4]}*", Condition=creator)
    theirs = {"Name": "theirs", "EventBusName": BUS}
    assert ask_as(shop, OTHER, "PutRule", theirs | {"EventPattern": PATTERN}) is None
    assert ask_as(shop, OTHER, "DeleteRule", theirs) is None
    assert "AccessDeniedException" in str(ask_as(shop, OTHER, "DeleteRule", theirs | {"Name": "paid"}))


@pytest.mark.parametrize(
    "condition", ["x", {"StringEquals": "x"}, {"Null": {"events:source": []}}, {"Bool": {"a": {}}}]
)
def test_a_kept_condition_that_cannot_be_read_breaks_nothing(shop: Api, condition: Any) -> None:
    bus = shop.store.buses.find(BusKey(ACCOUNT, REGION, "shop"))
    assert bus is not None
    policy = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT | {"Condition": condition}]})
    shop.store.buses.put(replace(bus, policy=policy))
    assert put(shop, ACCOUNT) is None
    put(shop, OTHER)
