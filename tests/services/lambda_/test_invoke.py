"""Invoke, GetFunction and ListFunctions, through the whole emulator: real handlers, real errors."""

import asyncio
import base64
import json
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from emulator.app import Emulator
from emulator.errors import AwsError
from emulator.store.functions import FunctionRow
from emulator.wire.http import HttpRequest
from emulator.wire.service import Members

ARN = "arn:aws:lambda:us-east-1:000000000000:function:echo"
ECHO = """
import os
calls = 0

def handler(event, context):
    global calls
    calls += 1
    print("seen", event)
    return {"event": event, "calls": calls, "arn": context.invoked_function_arn, "id": context.aws_request_id}
"""
Scenario = Callable[[Emulator], Coroutine[Any, Any, None]]


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Scenario], None]:
    """Runs a scenario against an emulator with the functions echo and bad."""

    def run(scenario: Scenario) -> None:
        async def main() -> None:
            emulator = Emulator()
            await emulator.start()
            try:
                for name, code in (("echo", ECHO), ("bad", "def handler(event, context): raise ValueError('no')")):
                    path = tmp_path / f"{name}.py"
                    path.write_text(code)
                    row = FunctionRow("000000000000", "us-east-1", name, str(path), revision_id="1")
                    emulator.store.functions.put(row)
                await scenario(emulator)
            finally:
                await emulator.stop()

        asyncio.run(main())

    return run


async def refused(emulator: Emulator, operation: str, **members: Any) -> tuple[str, str]:
    with pytest.raises(AwsError) as caught:
        await emulator.api("lambda", operation, members)
    return caught.value.code, caught.value.message


async def invoke(emulator: Emulator, **members: Any) -> Members:
    return await emulator.api("lambda", "Invoke", {"FunctionName": "echo", **members})


def test_a_handler_runs_and_stays_warm(play: Callable[[Scenario], None]) -> None:
    async def scenario(emulator: Emulator) -> None:
        for calls in (1, 2):
            answer = await invoke(emulator, Payload=b'{"a": 1}')
            assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
            result = json.loads(answer["Payload"])
            assert (result["event"], result["calls"], result["arn"]) == ({"a": 1}, calls, ARN)
            assert "FunctionError" not in answer

    play(scenario)


@pytest.mark.parametrize(
    "name", ["echo", ARN, "000000000000:function:echo", "function:echo", f"{ARN}:$LATEST", "echo:$LATEST"]
)
def test_every_form_of_the_name_is_taken(play: Callable[[Scenario], None], name: str) -> None:
    async def scenario(emulator: Emulator) -> None:
        answer = await invoke(emulator, FunctionName=name)
        result = json.loads(answer["Payload"])
        assert result["event"] == {}  # no payload at all is an empty object
        assert result["arn"] == (f"{ARN}:$LATEST" if "$" in name else ARN)

    play(scenario)


def test_dry_run_runs_nothing(play: Callable[[Scenario], None]) -> None:
    async def scenario(emulator: Emulator) -> None:
        assert await invoke(emulator, InvocationType="DryRun") == {"StatusCode": 204}
        assert json.loads((await invoke(emulator))["Payload"])["calls"] == 1

    play(scenario)


def test_an_event_is_accepted_and_runs_later_with_the_id_of_its_request(play: Callable[[Scenario], None]) -> None:
    async def scenario(emulator: Emulator) -> None:
        assert await invoke(emulator, InvocationType="Event", Payload=b"[1]") == {"StatusCode": 202}
        await emulator.worker.idle()
        assert json.loads((await invoke(emulator))["Payload"])["calls"] == 2

    play(scenario)


def test_the_tail_of_the_log_is_given_when_it_is_asked_for(play: Callable[[Scenario], None]) -> None:
    async def scenario(emulator: Emulator) -> None:
        assert "LogResult" not in await invoke(emulator)
        log = base64.b64decode((await invoke(emulator, LogType="Tail"))["LogResult"]).decode()
        assert log.startswith("START RequestId: ")
        assert "seen {}" in log
        assert "REPORT RequestId: " in log

    play(scenario)


def test_a_failing_handler_is_an_answer_not_an_error(play: Callable[[Scenario], None]) -> None:
    async def scenario(emulator: Emulator) -> None:
        answer = await invoke(emulator, FunctionName="bad")
        assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
        error = json.loads(answer["Payload"])
        assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no")

    play(scenario)


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"FunctionName": "gone"}, "ResourceNotFoundException", f"Function not found: {ARN[:-4]}gone:$LATEST"),
        ({"FunctionName": "gone:live"}, "ResourceNotFoundException", f"Function not found: {ARN[:-4]}gone:live"),
        ({"Qualifier": "7"}, "ResourceNotFoundException", f"Function not found: {ARN}:7"),
        (
            {"FunctionName": "echo:1", "Qualifier": "2"},
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        ),
        (
            {"FunctionName": ARN.replace("us-east-1", "eu-west-1")},
            "ResourceNotFoundException",
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
        ),
        (
            {"Payload": b"{"},
            "InvalidRequestContentException",
            # Recorded on AWS, with the line break inside.
            "Could not parse request body into json: Could not parse payload into json: Unexpected end-of-input:"
            " expected close marker for Object (start marker at [Source: REDACTED"
            " (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1])\n at [Source: REDACTED"
            " (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]",
        ),
        (
            {"Payload": b'{\n"a": \xff}'},
            "InvalidRequestContentException",
            "Could not parse request body into json: Could not parse payload into json: Invalid UTF-8 start byte 0xff"
            "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 2, column: 7]",
        ),
        (
            {"FunctionName": "a" * 65},
            "InvalidParameterValueException",
            f"1 validation error detected: Value '{'a' * 65}' at 'functionName' failed to satisfy constraint:"
            " Member must have length less than or equal to 64",
        ),
        (
            {"FunctionName": ARN + "o" * 100},
            "ValidationException",
            f"1 validation error detected: Value '{ARN}{'o' * 100}' at 'functionName' failed to satisfy constraint:"
            " Member must have length less than or equal to 140",
        ),
        ({"TenantId": "t"}, "NotImplementedException", "lambda:Invoke: TenantId is not emulated."),
        (
            {"DurableExecutionName": "d"},
            "NotImplementedException",
            "lambda:Invoke: DurableExecutionName is not emulated.",
        ),
        (
            {"Payload": b" " * (1024 * 1024) + b"1", "InvocationType": "Event"},
            "RequestTooLargeException",
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
        ),
    ],
)
def test_refusals(play: Callable[[Scenario], None], members: Members, code: str, message: str) -> None:
    async def scenario(emulator: Emulator) -> None:
        assert await refused(emulator, "Invoke", **({"FunctionName": "echo"} | members)) == (code, message)

    play(scenario)


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff",
        b"{]",
        b"nope",
        b"{'a': 1}",
        b"[" * 100_000,
        b"01",
        b'{"a" 1}',
        b"{} x",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        "{}".encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b'{"a": "\xe2x"}',
    ],
)
@pytest.mark.parametrize("kind", ["RequestResponse", "Event"])
def test_any_payload_that_is_no_json_is_refused(play: Callable[[Scenario], None], payload: bytes, kind: str) -> None:
    async def scenario(emulator: Emulator) -> None:
        members = {"FunctionName": "echo", "Payload": payload, "InvocationType": kind}
        code, message = await refused(emulator, "Invoke", **members)
        assert code == "InvalidRequestContentException"
        assert message.startswith("Could not parse request body into json: Could not parse payload into json: ")
        message.encode()

    play(scenario)


@pytest.mark.parametrize("code", ["print(chr(0xd800))", "raise ValueError(chr(0xd800))"])
def test_half_a_character_in_output_or_error_is_answered(
    play: Callable[[Scenario], None], tmp_path: Path, code: str
) -> None:
    async def scenario(emulator: Emulator) -> None:
        (tmp_path / "half.py").write_text(f"def handler(event, context):\n    {code}\n")
        path = str(tmp_path / "half.py")
        emulator.store.functions.put(FunctionRow("000000000000", "us-east-1", "half", path, revision_id="1"))
        answer = await asyncio.wait_for(invoke(emulator, FunctionName="half", LogType="Tail"), 10)
        assert "?" in base64.b64decode(answer["LogResult"]).decode()

    play(scenario)


TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("RequestResponse", {}, r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0"),
        ("RequestResponse", {"x-amzn-trace-id": TRACE}, TRACE),
        ("Event", {}, r"root=1-[0-9a-f]{8}-[0-9a-f]{24};parent=[0-9a-f]{16};sampled=0"),
        ("Event", {"x-amzn-trace-id": TRACE}, TRACE.lower()),
    ],
)
def test_the_answer_names_the_trace_of_the_invocation(
    play: Callable[[Scenario], None], kind: str, given: dict[str, str], told: str
) -> None:
    async def scenario(emulator: Emulator) -> None:
        headers = {"authorization": SIGNED, "x-amz-invocation-type": kind, **given}
        path = "/2015-03-31/functions/echo/invocations"
        answer = await emulator.handle(HttpRequest("POST", path, headers=headers, body=b"{}"))
        assert answer.status == (202 if kind == "Event" else 200)
        answered = dict(answer.headers)
        assert answered["x-amzn-Remapped-Content-Length"] == "0"
        assert re.fullmatch(told, answered["X-Amzn-Trace-Id"])
        assert ("Content-Type" in answered) is (kind != "Event")

    play(scenario)


def test_there_are_no_replicas_of_another_region(play: Callable[[Scenario], None]) -> None:
    async def scenario(emulator: Emulator) -> None:
        members = {"MasterRegion": "us-east-1", "FunctionVersion": "ALL"}
        assert await emulator.api("lambda", "ListFunctions", members) == {"Functions": []}

    play(scenario)


def test_get_function_has_awss_keys(play: Callable[[Scenario], None]) -> None:
    async def scenario(emulator: Emulator) -> None:
        got = await emulator.api("lambda", "GetFunction", {"FunctionName": "echo"})
        configuration = got["Configuration"]
        assert (configuration["FunctionArn"], configuration["State"]) == (ARN, "Active")
        assert (configuration["LastUpdateStatus"], configuration["Handler"]) == ("Successful", "echo.handler")
        assert "Environment" not in configuration  # none was given
        assert got["Code"]["Location"].endswith("/functions/000000000000/us-east-1/echo")
        asked = await emulator.api("lambda", "GetFunctionConfiguration", {"FunctionName": "echo"})
        assert asked == configuration

    play(scenario)


def test_functions_are_listed_by_name_a_page_at_a_time_without_state(play: Callable[[Scenario], None]) -> None:
    async def scenario(emulator: Emulator) -> None:
        first = await emulator.api("lambda", "ListFunctions", {"MaxItems": 1})
        assert [entry["FunctionName"] for entry in first["Functions"]] == ["bad"]
        assert "State" not in first["Functions"][0]
        second = await emulator.api("lambda", "ListFunctions", {"MaxItems": 1, "Marker": first["NextMarker"]})
        assert [entry["FunctionName"] for entry in second["Functions"]] == ["echo"]
        assert "NextMarker" not in second
        assert (await refused(emulator, "ListFunctions", Marker="nonsense"))[0] == "InvalidParameterValueException"

    play(scenario)
