import pytest

from tests.services.events.api import Api

BUS = "arn:aws:events:us-east-1:111111111111:event-bus/"
RULE = "arn:aws:events:us-east-1:111111111111:rule/"


def tags(api: Api, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in api("ListTagsForResource", ResourceARN=arn)["Tags"]}


@pytest.mark.parametrize("arn", [BUS + "shop", BUS + "default", RULE + "shop/paid"])
def test_tags_are_put_listed_and_taken_away(shop: Api, arn: str) -> None:
    shop("TagResource", ResourceARN=arn, Tags=[{"Key": "z", "Value": "1"}, {"Key": "a", "Value": "2"}])
    assert shop("TagResource", ResourceARN=arn, Tags=[{"Key": "z", "Value": "3"}]) == {}
    assert list(tags(shop, arn).items()) == [("z", "3"), ("a", "2")]
    assert shop("UntagResource", ResourceARN=arn, TagKeys=["z", "absent"]) == {}
    assert tags(shop, arn) == {"a": "2"}


def test_tags_of_creation(api: Api) -> None:
    api("CreateEventBus", Name="shop", Tags=[{"Key": "a", "Value": "1"}])
    assert tags(api, BUS + "shop") == {"a": "1"}


@pytest.mark.parametrize(
    ("arn", "code", "message"),
    [
        (RULE + "none", "ResourceNotFoundException", "Rule none does not exist on EventBus default."),
        (RULE + "shop/none", "ResourceNotFoundException", "Rule none does not exist on EventBus shop."),
        (RULE + "x/none", "ResourceNotFoundException", "Event bus x does not exist."),
        (BUS + "x", "ResourceNotFoundException", "Event bus x does not exist."),
        ("x", "ValidationException", "Parameter x is not valid. Reason: Provided Arn is not in correct format."),
        (
            "arn:aws:sqs:us-east-1:111111111111:q",
            "ValidationException",
            "Parameter arn:aws:sqs:us-east-1:111111111111:q is not valid."
            " Reason: Provided Arn is not in correct format.",
        ),
    ],
)
def test_refusals(shop: Api, arn: str, code: str, message: str) -> None:
    assert shop.refused("TagResource", ResourceARN=arn, Tags=[]) == (code, message)
    assert shop.refused("UntagResource", ResourceARN=arn, TagKeys=[]) == (code, message)
    assert shop.refused("ListTagsForResource", ResourceARN=arn) == (code, message)
