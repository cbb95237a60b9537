"""The answers of the Runtime API on the wire, and what the listener is told."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.clock import SystemClock
from emulator.runtime.apis import Apis
from emulator.runtime.function import FunctionSpec
from emulator.runtime.outcome import Invocation

FUNCTION = FunctionSpec("charge", "arn:aws:lambda:us-east-1:000000000000:function:charge", Path("charge.py"))
INVOCATION = Invocation(FUNCTION, b'{"id": 1}', "id-1", FUNCTION.arn, trace="Root=1", client_context='{"custom":\n 1}')
MAX = 6_291_556


class Recorder:
    """The environment's part: it writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def runtime_ready(self) -> None:
        self.told.append("ready")

    def runtime_responded(self, payload: bytes, content_type: str) -> None:
        self.told.append((payload if len(payload) < 100 else len(payload), content_type))

    def runtime_failed(self, payload: bytes, error_type: str) -> None:
        self.told.append(("failed", payload, error_type))

    def runtime_response_too_large(self) -> None:
        self.told.append("too large")

    def runtime_init_failed(self, payload: bytes, error_type: str) -> None:
        self.told.append(("init failed", payload, error_type))

    def stream_began(self, content_type: str) -> None:
        self.told.append(("stream", content_type))

    def stream_continued(self, chunk: bytes) -> None:
        self.told.append(chunk)

    def stream_ended(self, error_type: str, error_body: bytes) -> None:
        self.told.append(("stream ended", error_type, error_body))

    def stream_broke(self) -> None:
        self.told.append("stream broke")

    def extensions_moved(self) -> None:
        self.told.append("extensions moved")

    def extension_failed(self, kind: str, name: str, error_type: str) -> None:
        self.told.append(("extension failed", kind, name, error_type))

    def silent(self) -> None:
        """Nobody is connected any more."""


class Client:
    """One connection, on which requests follow each other."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def connect(self) -> None:
        host, _, port = self.address.partition(":")
        self.reader, self.writer = await asyncio.open_connection(host, int(port))

    async def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        fields = {"Host": self.address, "Content-Length": str(len(body))}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        await self.writer.drain()

    async def answer(self) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers by lower-case name, and the body: JSON where it is."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head[1:] if line}
        body = await self.reader.readexactly(int(headers["content-length"]))
        status = int(head[0].split()[1])
        return status, headers, json.loads(body) if "json" in headers.get("content-type", "") else body

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
        await self.send(method, path, body, **headers)
        status, _, answer = await self.answer()
        return status, answer


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Apis, Recorder, Client]]:
    recorder = Recorder()
    loop = asyncio.get_running_loop()
    apis = Apis(loop, SystemClock(), FUNCTION, recorder, recorder, recorder.silent)
    await apis.open()
    client = Client(apis.address)
    await client.connect()
    try:
        yield apis, recorder, client
    finally:
        client.writer.close()
        apis.close()


RUNTIME = "/2018-06-01/runtime/"
EXTENSION = "/2020-01-01/extension/"
OK = {"status": "OK"}


def run(test: Any) -> None:
    async def limited() -> None:
        async with served() as (apis, recorder, client):
            await asyncio.wait_for(test(apis, recorder, client), 20)

    asyncio.run(limited())


def refused(kind: str, message: str) -> dict[str, str]:
    return {"errorMessage": message, "errorType": kind}


def transition(state: str, to: str) -> dict[str, str]:
    text = f"State transition from {state} to {to} failed for runtime. Error: State transition is not allowed"
    return refused("InvalidStateTransition", text)


async def running(apis: Apis, client: Client) -> Mapping[str, str]:
    """A runtime that has fetched INVOCATION: the headers that it got."""
    await client.send("GET", f"{RUNTIME}invocation/next")
    while apis.runtime.state != "Ready":
        await asyncio.sleep(0)
    apis.runtime.invoke(INVOCATION, 1_790_000_000_123)
    status, headers, body = await client.answer()
    assert (status, body) == (200, {"id": 1})
    return headers


def test_an_invocation_is_waited_for_and_answered() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        headers = await running(apis, client)
        expected = {
            "lambda-runtime-aws-request-id": "id-1", "lambda-runtime-deadline-ms": "1790000000123",
            "lambda-runtime-invoked-function-arn": FUNCTION.arn, "lambda-runtime-trace-id": "Root=1",
            "lambda-runtime-client-context": '{"custom": 1}', "content-type": "application/json",
        }  # fmt: skip
        assert {name: headers.get(name) for name in expected} == expected
        assert await client.ask("POST", f"{RUNTIME}invocation/id-1/response", b"[1]") == (202, OK)
        assert recorder.told == ["ready", (b"[1]", "application/json")]
        await client.send("GET", f"{RUNTIME}invocation/next")
        while apis.runtime.state != "Ready":
            await asyncio.sleep(0)
        assert recorder.told[-1] == "ready"

    run(test)


def test_an_error_is_reported() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        await running(apis, client)
        kind = {"Lambda_Runtime_Function_Error_Type": "Function.Wrong"}
        assert await client.ask("POST", f"{RUNTIME}invocation/id-1/error", b"{}", **kind) == (202, OK)
        assert recorder.told[-1] == ("failed", b"{}", "Function.Wrong")

    run(test)


def test_a_cold_start_that_failed_is_reported_once() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        kind = {"Lambda_Runtime_Function_Error_Type": "Runtime.ImportModuleError"}
        assert await client.ask("POST", f"{RUNTIME}init/error", b'{"a": 1}', **kind) == (202, OK)
        assert recorder.told == [("init failed", b'{"a": 1}', "Runtime.ImportModuleError")]
        assert await client.ask("POST", f"{RUNTIME}init/error", b"{}") == (403, transition("InitError", "InitError"))
        assert await client.ask("GET", f"{RUNTIME}invocation/next") == (403, transition("InitError", "Ready"))

    run(test)


def test_what_is_out_of_turn_is_refused_and_changes_nothing() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        unknown = refused("InvalidRequestID", "Invalid request ID")
        assert await client.ask("POST", f"{RUNTIME}invocation/id-1/response", b"1") == (400, unknown)
        await running(apis, client)
        assert await client.ask("POST", f"{RUNTIME}invocation/other/response", b"1") == (400, unknown)
        assert await client.ask("POST", f"{RUNTIME}invocation/other/error", b"1") == (400, unknown)
        assert await client.ask("POST", f"{RUNTIME}init/error", b"1") == (403, transition("Running", "InitError"))
        assert await client.ask("GET", f"{RUNTIME}invocation/next") == (403, transition("Running", "Ready"))
        assert await client.ask("POST", f"{RUNTIME}invocation/id-1/response", b"1") == (202, OK)
        again = (403, transition("ResponseSent", "InvocationResponse"))
        assert await client.ask("POST", f"{RUNTIME}invocation/id-1/response", b"2") == again
        again = (403, transition("ResponseSent", "InvocationErrorResponse"))
        assert await client.ask("POST", f"{RUNTIME}invocation/id-1/error", b"3") == again
        assert recorder.told == ["ready", (b"1", "application/json")]

    run(test)


@pytest.mark.parametrize(("size", "status"), [(MAX, 202), (MAX + 1, 413), (MAX * 4, 413)])
def test_a_response_has_a_bound(size: int, status: int) -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        await running(apis, client)
        answer = await client.ask("POST", f"{RUNTIME}invocation/id-1/response", b"x" * size)
        if status == 202:
            assert (answer, recorder.told[-1]) == ((202, OK), (size, "application/json"))
            return
        message = f"Exceeded maximum allowed payload size ({MAX} bytes)."
        assert answer == (413, refused("RequestEntityTooLarge", message))
        assert recorder.told[-1] == "too large"

    run(test)


def chunked(*chunks: bytes, **trailers: str) -> bytes:
    body = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in trailers.items())
    return body + b"0\r\n" + lines.encode() + b"\r\n"


async def begin_stream(client: Client, mode: str = "streaming") -> None:
    client.writer.write(
        f"POST {RUNTIME}invocation/id-1/response HTTP/1.1\r\nHost: {client.address}\r\n"
        f"Lambda-Runtime-Function-Response-Mode: {mode}\r\nContent-Type: text/plain\r\n"
        "Transfer-Encoding: chunked\r\n\r\n".encode()
    )
    await client.writer.drain()


def test_a_stream_is_told_as_it_comes() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        await running(apis, client)
        await begin_stream(client)
        client.writer.write(b"3\r\none\r\n")
        while b"one" not in recorder.told:
            await asyncio.sleep(0.001)
        client.writer.write(chunked(b"two"))
        assert (await client.answer())[::2] == (202, OK)
        assert recorder.told[1:] == [("stream", "text/plain"), b"one", b"two", ("stream ended", "", b"")]

    run(test)


def test_a_stream_may_end_with_an_error_in_its_trailers() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        await running(apis, client)
        await begin_stream(client)
        body = base64.b64encode(b'{"errorType": "X"}').decode()
        client.writer.write(chunked(b"one", Lambda_Runtime_Function_Error_Type="Function.X",
                                    Lambda_Runtime_Function_Error_Body=body))  # fmt: skip
        assert (await client.answer())[0] == 202
        assert recorder.told[-1] == ("stream ended", "Function.X", b'{"errorType": "X"}')

    run(test)


def test_a_stream_that_breaks_off() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        await running(apis, client)
        await begin_stream(client)
        client.writer.write(b"3\r\none\r\n")
        client.writer.close()
        while recorder.told[-1] != "stream broke":
            await asyncio.sleep(0.001)

    run(test)


def test_another_mode_of_response_is_refused() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        await running(apis, client)
        await begin_stream(client, mode="dancing")
        client.writer.write(chunked(b"x"))
        status, _, answer = await client.answer()
        assert status == 400
        assert answer == refused("InvalidResponseModeHeader", "Invalid function response mode: dancing")
        assert await client.ask("POST", f"{RUNTIME}invocation/id-1/response", b"1") == (202, OK)

    run(test)


def test_an_invocation_waits_for_a_runtime_that_hung_up() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        await client.send("GET", f"{RUNTIME}invocation/next")
        while apis.runtime.state != "Ready":
            await asyncio.sleep(0)
        client.writer.close()
        while not apis.silent:
            await asyncio.sleep(0.001)
        apis.runtime.invoke(INVOCATION, 1)
        await client.connect()
        assert await client.ask("GET", f"{RUNTIME}invocation/next") == (200, {"id": 1})

    run(test)


def test_small_things() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        assert await client.ask("GET", "/2018-06-01/ping") == (200, b"pong")
        assert await client.ask("GET", "/2018-06-01/other") == (404, b"404 page not found\n")
        assert await client.ask("GET", "/") == (404, b"404 page not found\n")
        await client.send("POST", f"{RUNTIME}init/error", b"", Expect="100-continue")
        assert (await client.reader.readline()).startswith(b"HTTP/1.1 100")

    run(test)


@pytest.mark.parametrize("headers", [
    {"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"},
])  # fmt: skip
def test_a_web_page_is_not_answered(headers: dict[str, str]) -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        status, _ = await client.ask("GET", f"{RUNTIME}invocation/next", b"", **headers)
        assert status == 403
        await running(apis, client)
        assert (await client.ask("POST", f"{RUNTIME}invocation/id-1/response", b"1", **headers))[0] == 403
        assert recorder.told == ["ready"]

    run(test)


def test_what_is_no_http_ends_the_connection() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        client.writer.write(b"\x00\x01 nonsense\r\n\r\n")
        assert (await client.reader.read()).startswith(b"HTTP/1.1 400")

    run(test)


async def registered(client: Client, name: str = "one", events: str = '["INVOKE"]') -> str:
    body = f'{{"events": {events}}}'.encode()
    await client.send("POST", f"{EXTENSION}register", body, Lambda_Extension_Name=name)
    status, headers, answer = await client.answer()
    assert (status, answer["functionName"]) == (200, "charge")
    return headers["lambda-extension-identifier"]


def test_an_extension_registers_and_waits() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        key = await registered(client)
        await client.send("GET", f"{EXTENSION}event/next", Lambda_Extension_Identifier=key)
        while not apis.extensions.all_ready:
            await asyncio.sleep(0)
        apis.extensions.invoke(INVOCATION, 5)
        status, headers, event = await client.answer()
        assert status == 200
        assert headers["lambda-extension-event-identifier"]
        assert event == {
            "eventType": "INVOKE", "deadlineMs": 5, "requestId": "id-1", "invokedFunctionArn": FUNCTION.arn,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1"},
        }  # fmt: skip
        assert not apis.extensions.all_ready

    run(test)


@pytest.mark.parametrize(("name", "body", "kind"), [
    ("", b'{"events": []}', "Extension.InvalidExtensionName"),
    ("two", b'{"events": ["NEVER"]}', "Extension.InvalidEventType"),
    ("two", b"no json", "InvalidRequestFormat"),
    ("two", b"[]", "InvalidRequestFormat"),
    ("two", b'{"events": [1]}', "InvalidRequestFormat"),
    ("two", b"[" * 100_000, "InvalidRequestFormat"),
    ("one", b'{"events": []}', "Extension.RegistrationClosed"),
])  # fmt: skip
def test_a_registration_that_is_refused(name: str, body: bytes, kind: str) -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        await registered(client)
        status, answer = await client.ask("POST", f"{EXTENSION}register", body, Lambda_Extension_Name=name)
        assert (status, answer["errorType"]) == (403, kind)

    run(test)


def test_extensions_have_a_bound_and_a_time_to_come() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        for number in range(10):
            await registered(client, f"extension-{number}")
        late = await client.ask("POST", f"{EXTENSION}register", b'{"events": []}', Lambda_Extension_Name="late")
        assert late[1]["errorType"] == "Extension.TooManyExtensions"
        apis.extensions.closed = True
        late = await client.ask("POST", f"{EXTENSION}register", b'{"events": []}', Lambda_Extension_Name="late")
        assert late[1]["errorType"] == "Extension.RegistrationClosed"

    run(test)


def test_an_extension_that_is_not_known_or_fails() -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        missing = await client.ask("GET", f"{EXTENSION}event/next")
        assert missing[1]["errorType"] == "Extension.MissingExtensionIdentifier"
        unknown = await client.ask("GET", f"{EXTENSION}event/next", Lambda_Extension_Identifier="x")
        assert unknown == (403, refused("Extension.UnknownExtensionIdentifier", "Unknown extension x"))
        key = {"Lambda_Extension_Identifier": await registered(client)}
        headless = await client.ask("POST", f"{EXTENSION}exit/error", b"", **key)
        assert headless[1]["errorType"] == "Extension.MissingHeader"
        kind = {"Lambda_Extension_Function_Error_Type": "Extension.Mine"}
        assert await client.ask("POST", f"{EXTENSION}exit/error", b"", **key, **kind) == (202, OK)
        assert recorder.told[-1] == ("extension failed", "ExitError", "one", "Extension.Mine")

    run(test)


WISH = {"types": ["platform"], "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:8080/"}}


@pytest.mark.parametrize(("change", "part"), [
    ({"destination": {"protocol": "TCP", "port": 1}}, "TCP destinations are not emulated"),
    ({"destination": {"protocol": "HTTP", "URI": "http://example.com:80/"}}, "sandbox.localdomain"),
    ({"destination": {"protocol": "HTTP", "URI": "http://sandbox:99999/"}}, "ort"),
    ({"destination": None}, "destination is required"),
    ({"types": ["other"]}, "types should be some of platform, function, extension"),
    ({"types": []}, "types"),
    ({"types": 1}, "iterable"),
    ({"buffering": {"maxItems": 1}}, "maxItems"),
    ({"buffering": {"timeoutMs": 1}}, "timeoutMs"),
    ({"buffering": {"timeoutMs": "x"}}, "supported"),
])  # fmt: skip
def test_a_subscription_that_is_refused(change: dict[str, Any], part: str) -> None:
    async def test(apis: Apis, recorder: Recorder, client: Client) -> None:
        key = {"Lambda_Extension_Identifier": await registered(client)}
        body = json.dumps(WISH | change).encode()
        status, answer = await client.ask("PUT", "/2022-07-01/telemetry", body, **key)
        assert status == 400
        assert part in answer["errorMessage"]
        assert await client.ask("PUT", "/2022-07-01/telemetry", json.dumps(WISH).encode(), **key) == (200, "OK")
        nobody = await client.ask("PUT", "/2020-08-15/logs", json.dumps(WISH).encode())
        assert nobody[1]["errorType"] == "Extension.UnknownExtensionIdentifier"

    run(test)
