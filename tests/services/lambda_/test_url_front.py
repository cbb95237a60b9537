"""Function URLs, from the request to the answer: real handlers, without a port."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from emulator.delivery.permissions import Mode
from emulator.services.lambda_.url_address import id_in
from emulator.store.functions import FunctionRow
from emulator.wire.http import HttpRequest, HttpResponse
from tests.runtime.zips import zipped
from tests.services.lambda_.api import ARN, Api

FORBIDDEN = (
    b'{"Message":"Forbidden. For troubleshooting Function URL authorization issues,'
    b' see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}'
)
SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"
OPEN = {"StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"}


@pytest.fixture
def api(api: Api) -> Api:
    api.create(code=zipped({"app.py": "def handler(event, context):\n    return event\n"}))
    return api


def get(api: Api, url: str, headers: dict[str, str] | None = None, method: str = "GET", body: bytes = b"") -> Any:
    host, _, path = url.removeprefix("http://").partition("/")
    request = HttpRequest(method, f"/{path}", "", {"host": host, **(headers or {})}, body)
    assert id_in(host, request.path)
    return api.run(api.emulator.function_urls.handle(request, "127.0.0.1"))


def url_of(api: Api, **members: Any) -> str:
    created = api("CreateFunctionUrlConfig", FunctionName="f", **{"AuthType": "NONE", **members})
    return str(created["FunctionUrl"])


def error(response: HttpResponse) -> tuple[int, str, bytes]:
    return response.status, dict(response.headers)["x-amzn-ErrorType"], response.body


def test_a_request_runs_the_function(api: Api) -> None:
    answer = get(api, url_of(api) + "a/b")
    event = json.loads(answer.body)
    assert answer.status == 200
    assert event["rawPath"] == "/a/b"
    names = dict(answer.headers)
    assert names["x-amzn-RequestId"] == event["requestContext"]["requestId"]
    assert names["X-Amzn-Trace-Id"].startswith("Root=1-")
    assert names["X-Amzn-Trace-Id"].split(";")[0] == event["headers"]["x-amzn-trace-id"].split(";")[1]
    assert api.store.journal.invocations(None, 10)[0].attempt.request_id == names["x-amzn-RequestId"]


def test_a_url_that_nobody_has(api: Api) -> None:
    answer = get(api, f"http://{'a' * 32}.lambda-url.us-east-1.localhost/")
    assert error(answer) == (403, "AccessDeniedException", b'{"Message":null}')


def test_an_alias_that_is_gone_and_back(api: Api) -> None:
    api("PublishVersion", FunctionName="f")
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    url = url_of(api, Qualifier="live")
    assert get(api, url).status == 200
    api("DeleteAlias", FunctionName="f", Name="live")
    assert error(get(api, url)) == (403, "AccessDeniedException", FORBIDDEN)
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    assert get(api, url).status == 200


def test_enforced_permissions(api: Api) -> None:
    """Recorded on AWS, Sep 2026."""
    api.emulator.permissions.mode = Mode.ENFORCE
    url = url_of(api)
    assert error(get(api, url)) == (403, "AccessDeniedException", FORBIDDEN)
    api("AddPermission", FunctionName="f", **OPEN)
    assert get(api, url).status == 200
    api("UpdateFunctionUrlConfig", FunctionName="f", AuthType="AWS_IAM")
    assert error(get(api, url)) == (403, "AccessDeniedException", FORBIDDEN)
    signed = get(api, url, {"authorization": SIGNED.format("test")})
    assert json.loads(signed.body)["requestContext"]["authorizer"]["iam"]["accountId"] == "000000000000"
    assert get(api, url, {"authorization": SIGNED.format("111111111111")}).status == 403


def test_by_default_what_is_missing_is_noted(api: Api) -> None:
    get(api, url_of(api))
    [invocation] = api.store.journal.invocations(None, 10)
    note = invocation.attempt.note
    assert note is not None
    assert note.endswith(
        "It needs: aws lambda add-permission --function-name f --statement-id local --action lambda:InvokeFunctionUrl"
        " --principal '*' --function-url-auth-type NONE"
    )


def test_a_handler_that_fails_tells_nothing(api: Api) -> None:
    api.create("g", zipped({"app.py": "def handler(event, context):\n    raise KeyError('secret')\n"}))
    url = api("CreateFunctionUrlConfig", FunctionName="g", AuthType="NONE")["FunctionUrl"]
    answer = get(api, url)
    assert (answer.status, answer.body) == (502, b"Internal Server Error")


def test_what_finds_no_room_is_throttled(api: Api) -> None:
    url = url_of(api)
    api("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    status, code, body = error(get(api, url))
    assert (status, code) == (429, "TooManyRequestsException")
    assert json.loads(body)["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_more_than_lambda_takes(api: Api) -> None:
    assert get(api, url_of(api), method="POST", body=bytes(6 * 1024 * 1024)).status == 413


def test_a_page_that_is_not_named_does_not_run_the_function(api: Api) -> None:
    url = url_of(api, Cors={"AllowOrigins": ["https://app.example"], "AllowMethods": ["POST"]})
    evil = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert get(api, url, evil, "POST").status == 403
    asking = {**evil, "access-control-request-method": "POST"}
    preflight = get(api, url, asking, "OPTIONS")
    assert (preflight.status, preflight.headers) == (200, (("Content-Type", "application/json"),))
    assert api.store.journal.invocations(None, 10) == []
    named = get(api, url, {"origin": "https://app.example", "sec-fetch-site": "cross-site"}, "POST")
    assert dict(named.headers)["Access-Control-Allow-Origin"] == "https://app.example"
    assert len(api.store.journal.invocations(None, 10)) == 1


STREAM = """
import os
from pathlib import Path
def handler(event, context):
    path = event["rawPath"]
    if path == "/plain":
        yield "a"
        yield b"b"
        yield {"n": 1}
    elif path == "/nothing":
        return
    elif path == "/fails":
        yield {"statusCode": 206}
        yield "before"
        raise KeyError("x")
    else:
        yield {"statusCode": 201, "headers": {"X-A": "1"}, "cookies": ["c=1"]}
        yield "first"
        Path(os.environ["GO"]).read_text()  # a pipe: until somebody writes
        yield "second"
"""


async def drained(response: HttpResponse) -> bytes:
    assert response.stream is not None
    return b"".join([chunk async for chunk in response.stream])


@pytest.fixture
def streaming(tmp_path: Path, api: Api) -> str:
    """A function of the project: generators are streamed in process."""
    (tmp_path / "s.py").write_text(STREAM)
    os.mkfifo(tmp_path / "go")
    row = FunctionRow(
        "000000000000", "us-east-1", "s", str(tmp_path / "s.py"), timeout=30, environment={"GO": str(tmp_path / "go")}
    )
    with api.store.transaction():
        api.store.functions.put(row)
    created = api("CreateFunctionUrlConfig", FunctionName="s", AuthType="NONE", InvokeMode="RESPONSE_STREAM")
    return str(created["FunctionUrl"])


def test_a_stream_is_heard_while_the_handler_runs(api: Api, streaming: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        host = streaming.removeprefix("http://").rstrip("/")
        front = api.emulator.function_urls
        answer = await front.handle(HttpRequest("GET", "/", "", {"host": host}), "127.0.0.1")
        assert answer.status == 201
        assert answer.headers[:3] == (("Content-Type", "application/octet-stream"), ("Set-Cookie", "c=1"), ("x-a", "1"))
        assert answer.stream is not None
        assert await anext(answer.stream) == b"first"
        await asyncio.to_thread((tmp_path / "go").write_text, "go")
        assert await drained(answer) == b"second"

    api.run(scenario())


def test_streams_of_other_kinds(api: Api, streaming: str) -> None:
    async def asked(path: str, method: str = "GET") -> HttpResponse:
        host = streaming.removeprefix("http://").rstrip("/")
        request = HttpRequest(method, path, "", {"host": host})
        return await api.emulator.function_urls.handle(request, "127.0.0.1")

    async def scenario() -> None:
        plain = await asked("/plain")
        assert plain.headers[0] == ("Content-Type", "text/plain; charset=utf-8")
        assert await drained(plain) == b'ab{"n": 1}'
        nothing = await asked("/nothing")
        assert (nothing.status, nothing.body, nothing.stream) == (200, b"", None)
        fails = await asked("/fails")
        assert fails.status == 206
        assert await drained(fails) == b"before"  # what was written (recorded on AWS)
        head = await asked("/plain", "HEAD")
        assert (head.status, head.body, head.stream) == (200, b"", None)

    api.run(scenario())


def test_a_buffered_url_loses_the_body_of_a_stream_with_a_prelude(api: Api, streaming: str) -> None:
    """Recorded on AWS, Sep 2026, of Node.js."""
    api("UpdateFunctionUrlConfig", FunctionName="s", InvokeMode="BUFFERED")
    fails = get(api, streaming + "fails")
    assert (fails.status, fails.body) == (206, b"")
    plain = get(api, streaming + "plain")
    assert (plain.headers[0], plain.body) == (("Content-Type", "application/octet-stream"), b'ab{"n": 1}')


def test_a_generator_is_no_result_of_an_invoke(api: Api, streaming: str) -> None:
    payload = json.loads(api("Invoke", FunctionName="s", Payload=b'{"rawPath": "/plain"}')["Payload"])
    assert payload["errorType"] == "Runtime.MarshalError"


def test_who_hangs_up_does_not_stop_the_handler(api: Api, streaming: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        host = streaming.removeprefix("http://").rstrip("/")
        front = api.emulator.function_urls
        answer = await front.handle(HttpRequest("GET", "/", "", {"host": host}), "127.0.0.1")
        assert answer.stream is not None
        await anext(answer.stream)
        await answer.stream.aclose()  # type: ignore[attr-defined]
        await asyncio.to_thread((tmp_path / "go").write_text, "go")
        while api.emulator.invoker.direct:
            await asyncio.wait_for(api.emulator.invoker.next_end(), 20)
        assert {i.attempt.status for i in api.store.journal.invocations("s", 10)} == {"success"}

    api.run(scenario())


def test_the_function_is_told_how_it_was_called(api: Api) -> None:
    """By an alias, under the alias's ARN (recorded on AWS)."""
    api.create(
        "who", zipped({"app.py": "def handler(e, c):\n    return [c.invoked_function_arn, c.function_version]\n"})
    )
    api("PublishVersion", FunctionName="who")
    api("CreateAlias", FunctionName="who", Name="live", FunctionVersion="1")
    url = api("CreateFunctionUrlConfig", FunctionName="who", Qualifier="live", AuthType="NONE")["FunctionUrl"]
    assert json.loads(get(api, url).body) == [f"{ARN[:-1]}who:live", "1"]
