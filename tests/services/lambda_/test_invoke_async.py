"""InvokeAsync, the older way to invoke (recorded on AWS, Sep 2026)."""

import json
from typing import Any

import pytest

from emulator.app import Emulator
from tests.services.lambda_.api import ARN, Api

PATH = "/2014-11-13/functions"


def ran(api: Api) -> list[Any]:
    async def wait(emulator: Emulator) -> None:
        await emulator.settle()

    api.run(wait(api.emulator))
    rows = api.store._connection.execute("SELECT payload FROM attempts ORDER BY id")
    return [json.loads(payload) for (payload,) in rows]


@pytest.mark.parametrize(("name", "version"), [("f", "$LATEST"), ("f:1", "1"), (f"{ARN}:1".replace(":", "%3A"), "1")])
def test_it_is_accepted_and_runs_later(api: Api, name: str, version: str) -> None:
    api.create(Publish=True)
    answer = api.http("POST", f"{PATH}/{name}/invoke-async", b'{"a": 1}')
    assert (answer.status, answer.body) == (202, b"")
    ((one, executed, arn, _),) = ran(api)
    assert (one, executed, arn) == (1, version, ARN if version == "$LATEST" else f"{ARN}:1")


def test_older_sdks_end_the_path_with_a_slash(api: Api) -> None:
    api.create()
    assert api.http("POST", f"{PATH}/f/invoke-async/", b"{}").status == 202


def test_what_is_no_json_is_refused(api: Api) -> None:
    api.create()
    answer = api.http("POST", f"{PATH}/f/invoke-async", b"{")
    source = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column:"
    assert (answer.status, json.loads(answer.body)["message"]) == (
        400,
        "Could not parse request body into json: Could not parse payload into json: Unexpected end-of-input: expected"
        f" close marker for Object (start marker at {source} 1])\n at {source} 2]",
    )
    assert ran(api) == []


def test_it_takes_256_kb_as_it_always_did(api: Api) -> None:
    api.create()
    largest = b'"' + b"x" * (262144 - 2) + b'"'
    assert api.http("POST", f"{PATH}/f/invoke-async", largest).status == 202
    answer = api.http("POST", f"{PATH}/f/invoke-async", largest + b" ")
    assert (answer.status, dict(answer.headers)["x-amzn-ErrorType"]) == (413, "RequestEntityTooLargeException")
    assert "262145 byte payload is too large for the Event invocation type (limit 262144 bytes)" in answer.body.decode()


def test_a_function_that_is_not_there(api: Api) -> None:
    answer = api.http("POST", f"{PATH}/f/invoke-async", b"{}")
    assert (answer.status, json.loads(answer.body)["Message"]) == (404, f"Function not found: {ARN}:$LATEST")
