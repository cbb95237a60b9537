"""Aliases: what they mean, how they divide invocations, and what AWS refuses (recorded in 2025 and 2026)."""

import asyncio
import json
from typing import Any

import pytest

from emulator.store.queues import QueueKey
from emulator.wire.service import Members
from tests.runtime.zips import zipped
from tests.services.lambda_.api import ARN, NO_FUNCTION, ROLE, TWO, Api

LIVE, GONE = f"{ARN}:live", f"Function not found: {ARN[:-1]}gone"
MISSING = "ResourceNotFoundException"


@pytest.fixture
def versions(api: Api) -> Api:
    """Version 1 answers [1, …], version 2 answers 2."""
    api.create(Publish=True)
    api("UpdateFunctionCode", FunctionName="f", ZipFile=TWO, Publish=True)
    return api


def made(api: Api, version: str = "1", name: str = "live", **members: Any) -> Members:
    return api("CreateAlias", FunctionName="f", Name=name, FunctionVersion=version, **members)


def changed(api: Api, **members: Any) -> Members:
    return api("UpdateAlias", FunctionName="f", Name="live", **members)


def weights(**shares: float) -> Members:
    return {"AdditionalVersionWeights": {version[1:]: share for version, share in shares.items()}}


def test_an_alias_is_shown_as_it_was_made(versions: Api) -> None:
    alias = made(versions)
    assert alias == {
        "AliasArn": LIVE, "Name": "live", "FunctionVersion": "1", "Description": "", "RevisionId": alias["RevisionId"],
    }  # fmt: skip
    assert versions("GetAlias", FunctionName="f", Name="live") == alias
    body = json.loads(versions.http("GET", "/2015-03-31/functions/f/aliases/live").body)
    assert body == {**alias, "RoutingConfig": None}


def test_it_runs_the_version_that_it_means_under_its_own_name(versions: Api) -> None:
    made(versions)
    answer = versions("Invoke", FunctionName="f", Qualifier="live")
    assert answer["ExecutedVersion"] == "1"
    assert json.loads(answer["Payload"]) == [1, "1", LIVE, None]
    found = versions("GetFunctionConfiguration", FunctionName="f:live")
    assert (found["FunctionArn"], found["Version"]) == (LIVE, "1")
    changed(versions, FunctionVersion="2")
    assert versions("Invoke", FunctionName="f:live")["ExecutedVersion"] == "2"


def test_latest_may_have_an_alias(versions: Api) -> None:
    assert made(versions, "$LATEST")["FunctionVersion"] == "$LATEST"
    assert versions("Invoke", FunctionName="f:live")["ExecutedVersion"] == "$LATEST"


@pytest.mark.parametrize(
    ("share", "dice", "version"),
    [(0.25, 0.25, "1"), (0.25, 0.24, "2"), (0.0, 0.0, "1"), (1.0, 0.999999, "2"), (1, 0.5, "2")],
)
def test_the_dice_divide_invocations(versions: Api, share: float, dice: float, version: str) -> None:
    alias = made(versions, RoutingConfig=weights(v2=share))
    assert alias["RoutingConfig"] == {"AdditionalVersionWeights": {"2": share}}
    versions.dice = dice
    assert versions("Invoke", FunctionName="f:live")["ExecutedVersion"] == version
    found = versions("GetFunctionConfiguration", FunctionName="f:live")
    assert found["Version"] == "1"  # the primary one, whatever the dice


def test_each_change_has_a_revision(versions: Api) -> None:
    first = made(versions)["RevisionId"]
    second = changed(versions)["RevisionId"]
    assert first != second
    code, text = versions.refused("UpdateAlias", FunctionName="f", Name="live", RevisionId=first, Description="x")
    assert (code, text.split(".")[0]) == (
        "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id",
    )  # fmt: skip
    assert changed(versions, RevisionId=second, Description="x")["Description"] == "x"


def test_weights_stay_until_they_are_taken_away(versions: Api) -> None:
    made(versions, RoutingConfig=weights(v2=0.5))
    assert "RoutingConfig" in changed(versions, Description="x")
    assert "RoutingConfig" not in changed(versions, RoutingConfig={})
    changed(versions, RoutingConfig=weights(v2=0.5))
    assert "RoutingConfig" not in changed(versions, RoutingConfig=weights())
    changed(versions, RoutingConfig=weights(v2=0.5))
    moved = changed(versions, FunctionVersion="2", RoutingConfig=weights())
    assert (moved["FunctionVersion"], "RoutingConfig" in moved) == ("2", False)


def test_the_second_version_cannot_become_the_first_with_its_weight(versions: Api) -> None:
    made(versions, RoutingConfig=weights(v2=0.5))
    refusal = versions.refused("UpdateAlias", FunctionName="f", Name="live", FunctionVersion="2")
    told = "Invalid function version 2. Function version 2 is already included in routing configuration."
    assert refusal == ("InvalidParameterValueException", told)
    assert versions("GetAlias", FunctionName="f", Name="live")["FunctionVersion"] == "1"


@pytest.mark.parametrize(
    ("operation", "members", "code", "text"),
    [
        ("CreateAlias", {"Name": "live"}, "ResourceConflictException", f"Alias already exists: {LIVE}"),
        ("CreateAlias", {"Name": "b", "FunctionVersion": "9"}, MISSING, f"Function not found: {ARN}:9"),
        ("UpdateAlias", {"Name": "b"}, MISSING, f"Alias not found: {ARN}:b"),
        ("UpdateAlias", {"Name": "live", "FunctionVersion": "9"}, MISSING, f"Function not found: {ARN}:9"),
        ("GetAlias", {"Name": "b"}, MISSING, f"Cannot find alias arn: {ARN}:b"),
        ("GetAlias", {"Name": "b", "FunctionName": "gone"}, MISSING, GONE),
        ("ListAliases", {"FunctionName": "gone"}, MISSING, GONE),
        ("DeleteAlias", {"Name": "b", "FunctionName": "gone"}, MISSING, GONE),
        (
            "CreateAlias", {"Name": "123"}, "ValidationException",
            "1 validation error detected: Value '123' at 'name' failed to satisfy constraint: Member must satisfy"
            " regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
        ),
        (
            "CreateAlias", {"Name": "b", "FunctionVersion": None}, "ValidationException",
            "1 validation error detected: Value null at 'functionVersion' failed to satisfy constraint:"
            " Member must not be null",
        ),
        (
            "UpdateAlias", {"Name": "live", "FunctionVersion": "$LATEST", "RoutingConfig": weights(v2=0.5)},
            "InvalidParameterValueException", "$LATEST is not supported for an alias pointing to more than 1 version",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(versions: Api, operation: str, members: Members, code: str, text: str) -> None:
    made(versions)
    given = {"FunctionName": "f", **({"FunctionVersion": "1"} if operation == "CreateAlias" else {}), **members}
    assert versions.refused(operation, **given) == (code, text)


def test_versions_between_which_it_divides_have_one_role_and_one_queue(versions: Api) -> None:
    versions("UpdateFunctionConfiguration", FunctionName="f", Role=f"{ROLE}2")
    versions("PublishVersion", FunctionName="f")
    queue = {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"}
    versions("UpdateFunctionConfiguration", FunctionName="f", Role=ROLE, DeadLetterConfig=queue)
    versions("PublishVersion", FunctionName="f")
    made(versions)
    for version, text in (
        ("3", "Specified versions must be associated with the same execution role"),
        ("4", "Specified versions must be configured with the same DLQ target"),
    ):
        body = {"RoutingConfig": {"AdditionalVersionWeights": {version: 0.5}}}
        answer = versions.http("PUT", "/2015-03-31/functions/f/aliases/live", body)
        assert (answer.status, json.loads(answer.body)) == (400, {"Type": None, "message": text})


def test_aliases_are_listed_by_name_and_a_marker_is_a_name(versions: Api) -> None:
    for name, version in (("b", "1"), ("a", "2"), ("c", "1")):
        made(versions, version, name)

    def names(**members: Any) -> tuple[list[str], Any]:
        page = versions("ListAliases", FunctionName="f", **members)
        return [alias["Name"] for alias in page["Aliases"]], page.get("NextMarker")

    assert names() == (["a", "b", "c"], None)
    assert names(FunctionVersion="1") == (["b", "c"], None)
    assert names(FunctionVersion="9") == ([], None)
    first, marker = names(MaxItems=2)
    assert (first, marker) == (["a", "b"], "b")
    assert names(MaxItems=2, Marker=marker) == (["c"], None)
    assert names(Marker="nonsense") == ([], None)


def test_a_deleted_alias_is_gone_and_may_be_deleted_again(versions: Api) -> None:
    first = made(versions)
    for _ in range(2):
        assert versions("DeleteAlias", FunctionName="f", Name="live") == {}
    assert versions.refused("Invoke", FunctionName="f:live")[1] == f"Function not found: {LIVE}"
    assert made(versions)["RevisionId"] != first["RevisionId"]
    versions("DeleteFunction", FunctionName="f")
    assert versions.refused("GetAlias", FunctionName="f", Name="live") == NO_FUNCTION


FAILING = zipped({"app.py": "def handler(event, context): raise ValueError(context.function_version)"})
QUEUE = "arn:aws:sqs:us-east-1:000000000000:dead"


def test_an_asynchronous_retry_asks_the_alias_again(api: Api) -> None:
    """Recorded on AWS, Sep 2026: the alias was moved between two attempts."""
    api.create(code=FAILING, Publish=True)
    api("UpdateFunctionCode", FunctionName="f", ZipFile=TWO, Publish=True)
    made(api)
    api("Invoke", FunctionName="f:live", InvocationType="Event")

    async def still() -> None:
        await api.emulator.settle()

    api.run(still())
    changed(api, FunctionVersion="2")

    async def later() -> None:
        await api.emulator.advance(3600)

    api.run(later())
    attempts = list(api.store._connection.execute("SELECT number, status, payload FROM attempts ORDER BY id"))
    assert [(number, status) for number, status, _ in attempts] == [(1, "retryable"), (2, "success")]
    assert attempts[1][2] == b"2"


def test_an_alias_that_was_deleted_meanwhile_is_told_to_the_dead_letter_queue(api: Api) -> None:
    """Recorded on AWS, Oct 2026."""
    key = QueueKey.of(QUEUE)
    assert key is not None
    with api.store.transaction():
        api.store.queues.put(key, 0)
    api.create(code=FAILING, Publish=True, DeadLetterConfig={"TargetArn": QUEUE})
    made(api)
    api("Invoke", FunctionName="f:live", InvocationType="Event", Payload=b'{"a": 1}')

    async def delete_and_wait() -> None:
        await api.emulator.settle()
        await api.emulator.api("lambda", "DeleteAlias", {"FunctionName": "f", "Name": "live"})
        await api.emulator.advance(3600)

    api.run(delete_and_wait())
    (message,) = api.store.queues.messages(key, 10)
    told = {name: value["StringValue"] for name, value in message.attributes.items()}
    assert (message.body, told["ErrorCode"], told["ErrorMessage"]) == (
        '{"a": 1}', "404", f"Function not found: {LIVE}",
    )  # fmt: skip


def test_invocations_through_an_alias_do_not_wait_for_each_other(versions: Api) -> None:
    made(versions, RoutingConfig=weights(v2=0.5))

    async def many() -> list[str]:
        fallen = iter([0.1, 0.9] * 10)
        versions.emulator.invoker.dice = lambda: next(fallen)
        calls = [versions.emulator.api("lambda", "Invoke", {"FunctionName": "f:live"}) for _ in range(20)]
        return [answer["ExecutedVersion"] for answer in await asyncio.gather(*calls)]

    assert versions.run(many()) == ["2", "1"] * 10
