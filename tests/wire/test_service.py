import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from emulator.errors import AwsError
from emulator.wire.service import Call, Members, Scope, Service

CALL = Call(scope=Scope("000000000000", "us-east-1"), request_id="id", headers={})


def service() -> Service[Call]:
    return Service("events")


def test_a_call_knows_its_account_and_region() -> None:
    assert (CALL.account, CALL.region) == ("000000000000", "us-east-1")


def test_members_become_parameters_and_absent_ones_take_the_default() -> None:
    events = service()

    @events.operation("DescribeRule")
    def describe_rule(call: Call, *, name: str, event_bus_name: str = "default") -> Members:
        return {"Name": name, "EventBusName": event_bus_name, "CreatedBy": call.account}

    expected = {"Name": "r", "EventBusName": "default", "CreatedBy": "000000000000"}
    assert events.call(CALL, "DescribeRule", {"Name": "r"}) == expected
    assert events.call(CALL, "DescribeRule", {"Name": "r", "EventBusName": None}) == expected
    assert describe_rule(CALL, name="r") == expected


def test_members_that_the_handler_does_not_take_are_ignored_and_named() -> None:
    events = service()

    @events.operation("PutRule")
    def put_rule(call: Call, *, name: str) -> None:
        return None

    assert events.call(CALL, "PutRule", {"Name": "r", "RoleArn": "a"}) == {}
    assert "RoleArn" in events.emulated["PutRule"].ignored
    assert "Name" not in events.emulated["PutRule"].ignored


def test_a_handler_may_take_all_members_that_it_does_not_name() -> None:
    events = service()

    @events.operation("PutRule")
    def put_rule(call: Call, *, name: str, **given: Any) -> Members:
        return {"RuleArn": f"{name} {given}"}

    assert events.emulated["PutRule"].ignored == ()
    answer = events.call(CALL, "PutRule", {"Name": "r", "RoleArn": "a", "Description": None})
    assert answer == {"RuleArn": "r {'role_arn': 'a'}"}


def test_a_handler_may_be_awaited() -> None:
    events = service()

    @events.operation("DeleteRule")
    async def delete_rule(call: Call, *, name: str) -> None:
        return None

    answer: Any = events.call(CALL, "DeleteRule", {"Name": "r"})

    assert asyncio.run(answer) == {}


def test_members_are_checked_before_the_handler_runs() -> None:
    events = service()

    @events.operation("DeleteRule")
    def delete_rule(call: Call, *, name: str) -> None:
        raise AssertionError("not to be reached")

    with pytest.raises(AwsError, match="Value null at 'name' failed to satisfy constraint: Member must not be null"):
        events.call(CALL, "DeleteRule", {})


def test_an_operation_that_is_not_emulated_names_itself() -> None:
    with pytest.raises(AwsError, match=r"events:PutRule is not emulated\.") as refusal:
        service().call(CALL, "PutRule", {"Name": "r"})

    assert (refusal.value.code, refusal.value.status) == ("NotImplementedException", 501)


def misspelt(call: Call, *, nmae: str) -> None: ...
def takes_no_name(call: Call, *, event_bus_name: str = "default") -> None: ...
def insists_on_a_bus(call: Call, *, name: str, event_bus_name: str) -> None: ...
def good(call: Call, *, name: str) -> None: ...


@pytest.mark.parametrize(
    ("operation", "handler", "says"),
    [
        ("DescribeRules", good, "no such operation"),
        ("DescribeRule", misspelt, "no member of the input is called nmae"),
        ("DescribeRule", takes_no_name, "does not take the required name"),
        ("DescribeRule", insists_on_a_bus, "event_bus_name may be absent: give a default"),
    ],
)
def test_a_handler_is_held_against_the_model(operation: str, handler: Callable[..., None], says: str) -> None:
    with pytest.raises(TypeError, match=f"events.{operation} .*{says}"):
        service().operation(operation)(handler)
