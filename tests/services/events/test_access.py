import json
from typing import Any

import pytest

from emulator.errors import AwsError
from emulator.wire.service import Members, Scope
from tests.services.events.api import ACCOUNT, REGION, Api

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
        ({"Condition": {"NoSuchOperator": {"events:source": "billing"}}}, False),
    ],
)
def test_what_a_statement_allows(shop: Api, change: dict[str, Any], allowed: bool) -> None:
    allow(shop, **change)
    assert (put(shop, OTHER) is None) is allowed
