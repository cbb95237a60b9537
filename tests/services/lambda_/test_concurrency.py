"""Reserved and provisioned concurrency: what is set, and what it does to invocations."""

import asyncio
import json
from typing import Any

import pytest

from emulator.delivery.limits import Limits
from tests.runtime.zips import zipped
from tests.services.lambda_.api import ARN, START, Api

QUALIFIED = (
    "InvalidParameterValueException",
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation."
    " Please specify either a function name or an unqualified function ARN.",
)


@pytest.fixture
def api(api: Api) -> Api:
    api.create()
    return api


def path(version: str = "2017-10-31", name: str = "f") -> str:
    return f"/{version}/functions/{name}/concurrency"


def test_reserved_as_it_is_on_the_wire(api: Api) -> None:
    """Recorded on AWS, Sep 2026."""
    got = api.http("GET", path("2019-09-30"))
    assert (got.status, got.body) == (200, b'{"ReservedConcurrentExecutions":null}')
    assert api.http("DELETE", path()).status == 204
    put = api.http("PUT", path(), {"ReservedConcurrentExecutions": 0})
    assert (put.status, put.body) == (200, b'{"ReservedConcurrentExecutions":0}')
    assert api.http("GET", path("2019-09-30")).body == b'{"ReservedConcurrentExecutions":0}'
    wrong = api.http("PUT", path(), {"ReservedConcurrentExecutions": True})
    assert (wrong.status, wrong.body) == (400, b'{"Message":"TRUE_VALUE can not be converted to an Integer"}')
    for much in (1_000_000, 2_147_483_648):
        refused = api.http("PUT", path(), {"ReservedConcurrentExecutions": much})
        assert json.loads(refused.body) == {
            "Type": None,
            "message": "Specified ReservedConcurrentExecutions for function decreases account's"
            " UnreservedConcurrentExecution below its minimum value of [100].",
        }
    assert api.http("DELETE", path()).status == 204


def test_a_change_gives_a_revision_and_nothing_else(api: Api) -> None:
    def state() -> tuple[str, str]:
        found = api("GetFunctionConfiguration", FunctionName="f")
        return found["LastModified"], found["RevisionId"]

    modified, revision = state()
    api.clock.advance(seconds=5)
    api("DeleteFunctionConcurrency", FunctionName="f")
    assert state() == (modified, revision)
    api("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=3)
    changed = state()
    assert changed[0] == modified
    assert changed[1] != revision
    api("PutFunctionConcurrency", FunctionName=ARN, ReservedConcurrentExecutions=3)
    assert state() == changed
    assert api("GetFunction", FunctionName="f")["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert api("GetAccountSettings")["AccountLimit"]["UnreservedConcurrentExecutions"] == 997


@pytest.mark.parametrize("name", ["f:1", "f:$LATEST", "f:absent", f"{ARN}:live", "000000000000:function:f:x"])
def test_of_the_function_alone(api: Api, name: str) -> None:
    assert api.refused("GetFunctionConcurrency", FunctionName=name) == QUALIFIED
    assert api.refused("DeleteFunctionConcurrency", FunctionName=name) == QUALIFIED
    assert api.refused("PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=1) == QUALIFIED


def test_a_function_that_is_not_there(api: Api) -> None:
    """Recorded: Get names the bare ARN, Put and Delete name $LATEST."""
    arn = ARN[:-1] + "g"
    assert api.refused("GetFunctionConcurrency", FunctionName="g")[1] == f"Function not found: {arn}"
    assert api.refused("DeleteFunctionConcurrency", FunctionName="g")[1] == f"Function not found: {arn}:$LATEST"


def test_nothing_runs_with_nothing_reserved(api: Api) -> None:
    api("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    answer = api.http("POST", "/2015-03-31/functions/f/invocations", b"{}")
    assert answer.status == 429
    assert json.loads(answer.body) == {
        "Type": "User", "message": "Rate Exceeded.", "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
    }  # fmt: skip
    api("DeleteFunctionConcurrency", FunctionName="f")
    assert api.invoked()[0] == 1


def at_once(api: Api, count: int, name: str = "f") -> list[Any]:
    """So many invocations at the same time; of those that are refused, the error."""

    async def all_of_them() -> list[Any]:
        asked = [api.emulator.api("lambda", "Invoke", {"FunctionName": name}) for _ in range(count)]
        return await asyncio.gather(*asked, return_exceptions=True)

    return api.run(all_of_them())


def test_no_more_run_at_once_than_are_reserved(api: Api) -> None:
    api("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=2)
    answers = at_once(api, 5)
    refused = [answer.members["Reason"] for answer in answers if isinstance(answer, Exception)]  # type: ignore[attr-defined]
    assert refused == ["ReservedFunctionConcurrentInvocationLimitExceeded"] * 3
    assert api.invoked()[0] == 1  # there is room again


def test_an_account_has_a_limit_of_its_own(api: Api) -> None:
    api.emulator.invoker.concurrency.limits = Limits(concurrency=4, minimum_unreserved=1)
    api.create("g")
    api("PutFunctionConcurrency", FunctionName="g", ReservedConcurrentExecutions=2)
    refused = api.refused("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=2)
    assert refused[1].endswith("below its minimum value of [1].")
    reasons = [a.members["Reason"] for a in at_once(api, 3) if isinstance(a, Exception)]  # type: ignore[attr-defined]
    assert reasons == ["ConcurrentInvocationLimitExceeded"]  # two are left for all that reserve nothing
    assert [a for a in at_once(api, 2, "g") if isinstance(a, Exception)] == []


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Limits()),
        ({"LAMBDA_LIMITS_CONCURRENT_EXECUTIONS": "50", "LAMBDA_LIMITS_MINIMUM_UNRESERVED_CONCURRENCY": "0"},
         Limits(concurrency=50, minimum_unreserved=0)),
        ({"LAMBDA_RETRY_BASE_DELAY_SECONDS": "0.5"}, Limits(retry_delay=0.5)),
        ({"LAMBDA_RETRY_BASE_DELAY_SECONDS": " "}, Limits()),
    ],
)  # fmt: skip
def test_limits_come_from_the_environment(environment: dict[str, str], expected: Limits) -> None:
    assert Limits.of(environment) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAMBDA_LIMITS_CONCURRENT_EXECUTIONS", "many"),
        ("LAMBDA_LIMITS_CONCURRENT_EXECUTIONS", "-1"),
        ("LAMBDA_LIMITS_MINIMUM_UNRESERVED_CONCURRENCY", "9" * 20),
        ("LAMBDA_RETRY_BASE_DELAY_SECONDS", "inf"),
        ("LAMBDA_RETRY_BASE_DELAY_SECONDS", "1m"),
    ],
)
def test_a_limit_that_is_no_number_says_so(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} should be a"):
        Limits.of({name: value})


def test_provisioned(api: Api) -> None:
    """Recorded on AWS, 2025."""
    api("PublishVersion", FunctionName="f")
    name = {"FunctionName": "f", "Qualifier": "1"}
    none = api.refused("GetProvisionedConcurrencyConfig", **name)
    assert none == (
        "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function",
    )  # fmt: skip
    answer = api("PutProvisionedConcurrencyConfig", **name, ProvisionedConcurrentExecutions=2)
    assert answer.pop("LastModified").startswith("2023-11-14T22:13:20")
    assert answer == {
        "RequestedProvisionedConcurrentExecutions": 2, "AllocatedProvisionedConcurrentExecutions": 0,
        "AvailableProvisionedConcurrentExecutions": 0, "Status": "IN_PROGRESS",
    }  # fmt: skip
    got = api("GetProvisionedConcurrencyConfig", **name)
    assert (got["Status"], got["AvailableProvisionedConcurrentExecutions"]) == ("READY", 2)
    [listed] = api("ListProvisionedConcurrencyConfigs", FunctionName="f")["ProvisionedConcurrencyConfigs"]
    assert listed == {"FunctionArn": f"{ARN}:1", **got}
    assert api.refused("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=1)[1] == (
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2]."
    )
    api("DeleteProvisionedConcurrencyConfig", **name)
    assert api.refused("GetProvisionedConcurrencyConfig", **name) == none


def test_a_handler_is_told_that_it_is_provisioned(api: Api) -> None:
    code = zipped(
        {"app.py": "import os\ndef handler(e, c):\n    return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n"}
    )
    api.create("how", code)
    api("PublishVersion", FunctionName="how")
    api("CreateAlias", FunctionName="how", Name="live", FunctionVersion="1")
    assert api.invoked("how:1") == "on-demand"
    given = {"FunctionName": "how", "Qualifier": "live", "ProvisionedConcurrentExecutions": 1}
    api("PutProvisionedConcurrencyConfig", **given)
    assert [api.invoked(name) for name in ("how:live", "how:1", "how")] == ["provisioned-concurrency"] * 2 + [
        "on-demand"
    ]
    api("DeleteProvisionedConcurrencyConfig", FunctionName="how", Qualifier="live")
    assert api.invoked("how:live") == "on-demand"


def test_a_version_is_provisioned_once(api: Api) -> None:
    api("PublishVersion", FunctionName="f")
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    given = {"FunctionName": "f", "ProvisionedConcurrentExecutions": 1}
    api("PutProvisionedConcurrencyConfig", Qualifier="live", **given)
    assert api.refused("PutProvisionedConcurrencyConfig", Qualifier="1", **given) == (
        "ResourceConflictException", "Version is pointed by a Provisioned Concurrency alias",
    )  # fmt: skip
    api("DeleteProvisionedConcurrencyConfig", FunctionName="f", Qualifier="live")
    api("PutProvisionedConcurrencyConfig", Qualifier="1", **given)
    assert api.refused("PutProvisionedConcurrencyConfig", Qualifier="live", **given) == (
        "ResourceConflictException",
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    )


def test_what_cannot_be_provisioned(api: Api) -> None:
    api("PublishVersion", FunctionName="f")
    api("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=1)
    given = {"FunctionName": "f", "ProvisionedConcurrentExecutions": 2}
    assert api.refused("PutProvisionedConcurrencyConfig", Qualifier="$LATEST", **given)[1] == (
        "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    )
    assert api.refused("GetProvisionedConcurrencyConfig", FunctionName="f", Qualifier="$LATEST")[1] == (
        "The function resource provided must be an alias or a published version."
    )
    assert api.refused("PutProvisionedConcurrencyConfig", Qualifier="1", **given)[1] == (
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
    )
    zero = api.refused(
        "PutProvisionedConcurrencyConfig", Qualifier="1", **{**given, "ProvisionedConcurrentExecutions": 0}
    )
    assert zero[1].endswith("Member must have value greater than or equal to 1")
    assert api.refused("PutProvisionedConcurrencyConfig", Qualifier="7", **given)[1] == f"Function not found: {ARN}:7"
    assert api.clock.now() == START
