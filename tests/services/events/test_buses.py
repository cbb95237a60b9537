import pytest

from emulator.wire.service import Scope
from tests.services.events.api import START, Api

ARN = "arn:aws:events:us-east-1:111111111111:event-bus/"
MALFORMED = "Parameter NextToken is not valid. Reason: Malformed request."


def test_a_bus_is_described_as_it_was_made(api: Api) -> None:
    settings = {
        "Description": "all sales",
        "KmsKeyIdentifier": "alias/sales",
        "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:111111111111:dead"},
        "LogConfig": {"IncludeDetail": "FULL", "Level": "TRACE"},
    }
    assert api("CreateEventBus", Name="shop", **settings) == {"EventBusArn": ARN + "shop", **settings}
    described = api("DescribeEventBus", Name="shop")
    assert described == {
        "Name": "shop",
        "Arn": ARN + "shop",
        **settings,
        "CreationTime": START,
        "LastModifiedTime": START,
    }
    assert list(described)[:3] == ["Name", "Arn", "Description"]


def test_what_was_not_given_has_no_key(api: Api) -> None:
    assert api("CreateEventBus", Name="shop") == {"EventBusArn": ARN + "shop"}
    assert list(api("DescribeEventBus", Name="shop")) == ["Name", "Arn", "CreationTime", "LastModifiedTime"]


@pytest.mark.parametrize("asked", [{}, {"Name": "default"}, {"Name": ARN + "default"}])
def test_the_default_bus_is_there(api: Api, asked: dict[str, str]) -> None:
    assert api("DescribeEventBus", **asked)["Arn"] == ARN + "default"


def test_an_update_keeps_what_it_does_not_name(api: Api) -> None:
    api("CreateEventBus", Name="shop", Description="old", KmsKeyIdentifier="alias/a")
    api.clock.advance(seconds=5)
    updated = api("UpdateEventBus", Name="shop", Description="new")
    assert updated == {"Arn": ARN + "shop", "Name": "shop", "Description": "new", "KmsKeyIdentifier": "alias/a"}
    described = api("DescribeEventBus", Name="shop")
    assert (described["CreationTime"], described["LastModifiedTime"]) == (START, START + 5)


def test_a_queue_for_dead_letters_is_an_arn(api: Api) -> None:
    letters = {"Arn": "dead"}
    reason = "Parameter dead is not valid. Reason: Provided Arn is not in correct format."
    refusal = ("ValidationException", reason)
    assert api.refused("CreateEventBus", Name="shop", DeadLetterConfig=letters) == refusal
    assert api.refused("UpdateEventBus", Name="default", DeadLetterConfig=letters) == refusal
    assert "DeadLetterConfig" not in api("DescribeEventBus")


def test_buses_are_listed_page_by_page(api: Api) -> None:
    for name in ("shop-b", "shop-a", "other"):
        api("CreateEventBus", Name=name)
    assert [bus["Name"] for bus in api("ListEventBuses")["EventBuses"]] == ["default", "other", "shop-a", "shop-b"]
    first = api("ListEventBuses", NamePrefix="shop", Limit=1)
    assert [bus["Name"] for bus in first["EventBuses"]] == ["shop-a"]
    last = api("ListEventBuses", NamePrefix="shop", NextToken=first["NextToken"])
    assert [bus["Name"] for bus in last["EventBuses"]] == ["shop-b"]
    assert "NextToken" not in last


def test_buses_of_another_region_or_account_are_elsewhere(api: Api) -> None:
    api("CreateEventBus", Name="shop")
    for scope in (Scope("111111111111", "eu-west-1"), Scope("222222222222", "us-east-1")):
        names = [bus["Name"] for bus in api.ask("ListEventBuses", {}, scope)["EventBuses"]]
        assert names == ["default"]


def test_a_deleted_bus_is_gone_with_its_tags(shop: Api) -> None:
    assert shop.refused("DeleteEventBus", Name="shop") == (
        "ValidationException",
        "EventBus can't be deleted since it has rules.",
    )
    shop("TagResource", ResourceARN=ARN + "shop", Tags=[{"Key": "a", "Value": "b"}])
    shop("DeleteRule", Name="paid", EventBusName="shop")
    assert shop("DeleteEventBus", Name="shop") == {}
    assert shop("DeleteEventBus", Name="shop") == {}
    shop("CreateEventBus", Name="shop")
    assert shop("ListTagsForResource", ResourceARN=ARN + "shop") == {"Tags": []}


@pytest.mark.parametrize(
    ("operation", "members", "code", "message"),
    [
        ("CreateEventBus", {"Name": "shop"}, "ResourceAlreadyExistsException", "Event bus shop already exists."),
        ("CreateEventBus", {"Name": "default"}, "ResourceAlreadyExistsException", "Event bus default already exists."),
        ("CreateEventBus", {"Name": "a/b"}, "ValidationException", "Event bus name must not contain '/'."),
        (
            "CreateEventBus",
            {"Name": "aws.partner/x/y", "EventSourceName": "aws.partner/x/y"},
            "ResourceNotFoundException",
            "Event source aws.partner/x/y does not exist.",
        ),
        ("DescribeEventBus", {"Name": "none"}, "ResourceNotFoundException", "Event bus none does not exist."),
        ("UpdateEventBus", {"Name": "none"}, "ResourceNotFoundException", "Event bus none does not exist."),
        ("DeleteEventBus", {"Name": "default"}, "ValidationException", "Cannot delete event bus default."),
        (
            "DescribeEventBus",
            {"Name": "arn:aws:events:us-west-2:111111111111:event-bus/shop"},
            "ValidationException",
            "Cross-region api call is not allowed.",
        ),
        ("ListEventBuses", {"NextToken": "x"}, "ValidationException", MALFORMED),
    ],
)
def test_refusals(shop: Api, operation: str, members: dict[str, str], code: str, message: str) -> None:
    assert shop.refused(operation, **members) == (code, message)
