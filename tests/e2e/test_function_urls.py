"""Function URLs and response streams over real HTTP: what a client sees, byte by byte."""

import http.client
import json
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.server import Server, running

CONFIG = """
functions:
  echo: {url: {cors: {origins: ["https://app.example"]}}}
  drip: {url: {invoke_mode: RESPONSE_STREAM}, timeout: 30s, env: {GO: "${GO}"}}
"""
ECHO = """
def handler(event, context):
    return {"statusCode": 201, "headers": {"X-Owned": "yes"}, "cookies": ["a=1; Path=/"], "body": event["rawPath"]}
"""
DRIP = """
import os
from pathlib import Path
def handler(event, context):
    yield {"statusCode": 202}
    yield "first"
    Path(os.environ["GO"]).read_text()  # a pipe: until somebody writes
    yield "second"
    if "fail" in event:
        raise KeyError("late")
"""


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("urls")
    (folder / "functions").mkdir()
    (folder / "functions" / "echo.py").write_text(ECHO)
    (folder / "functions" / "drip.py").write_text(DRIP)
    (folder / "config.yaml").write_text(CONFIG)
    os.mkfifo(folder / "go")
    with running(folder, GO=str(folder / "go")) as server:
        server.go = folder / "go"  # type: ignore[attr-defined]
        yield server


def go(server: Server) -> None:
    """Let the handler that waits go on."""
    server.go.write_text("go")  # type: ignore[attr-defined]


def url_of(server: Server, function: str) -> str:
    return str(server.client("lambda").get_function_url_config(FunctionName=function)["FunctionUrl"])


def ask(server: Server, host: str, method: str = "GET", path: str = "/", **headers: str) -> tuple[int, Any, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port or 0, timeout=30)) as connection:
        connection.request(method, path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()


def test_the_first_screen_shows_them(urls: Server) -> None:
    assert any(url_of(urls, "echo") in line for line in urls.screen)


def test_headers_keep_their_order_and_their_case(urls: Server) -> None:
    host = urlsplit(url_of(urls, "echo")).netloc
    status, headers, body = ask(urls, host, path="/x%2Fy")
    assert (status, body) == (201, b"/x%2Fy")
    names = [name for name, _ in headers if name.lower() != "date"]
    assert names == [
        "Content-Type", "Set-Cookie", "x-owned", "x-amzn-RequestId", "X-Amzn-Trace-Id", "content-length",
    ]  # fmt: skip
    status, head, body = ask(urls, host, "HEAD", "/x%2Fy")
    assert (status, body) == (201, b"")
    assert [name for name, _ in head if name.lower() != "date"] == names


def test_a_path_leads_to_it_as_well(urls: Server) -> None:
    url_id = urlsplit(url_of(urls, "echo")).netloc.partition(".")[0]
    assert ask(urls, "localhost", path=f"/_ebl/url/{url_id}/a%20b")[2] == b"/a%20b"
    assert ask(urls, "localhost", path=f"/_ebl/url/{url_id}")[2] == b"/"
    assert ask(urls, "localhost", path=f"/_ebl/url/{'b' * 32}/")[0] == 403


def test_a_stream_comes_as_it_is_made(urls: Server) -> None:
    parts = urlsplit(url_of(urls, "drip"))
    with closing(socket.create_connection(("127.0.0.1", parts.port or 0), timeout=30)) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while b"first" not in received:
            received += connection.recv(4096)
        assert received.startswith(b"HTTP/1.1 202 Accepted\r\n")
        assert b"transfer-encoding: chunked" in received
        assert b"second" not in received
        go(urls)
        while chunk := connection.recv(4096):
            received += chunk
        assert b"second" in received


def test_boto3_hears_a_stream_as_it_is_made(urls: Server) -> None:
    client = urls.client("lambda")
    answer = client.invoke_with_response_stream(FunctionName="drip", Payload=b'{"fail": 1}', LogType="Tail")
    events = iter(answer["EventStream"])
    assert next(events)["PayloadChunk"]["Payload"].endswith(bytes(8))
    assert next(events) == {"PayloadChunk": {"Payload": b"first"}}
    go(urls)
    assert next(events) == {"PayloadChunk": {"Payload": b"second"}}
    end = next(events)["InvokeComplete"]
    assert end["ErrorCode"] == "Unhandled"
    assert json.loads(end["ErrorDetails"])["errorType"] == "KeyError"
    assert end["LogResult"]
    assert next(events, None) is None


def test_a_function_that_does_not_stream_answers_in_one_piece(urls: Server) -> None:
    answer = urls.client("lambda").invoke_with_response_stream(FunctionName="echo", Payload=b'{"rawPath": "/p"}')
    [chunk, end] = list(answer["EventStream"])
    assert json.loads(chunk["PayloadChunk"]["Payload"])["body"] == "/p"
    assert end == {"InvokeComplete": {}}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "User-Agent": "Mozilla/5.0"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "User-Agent": "Mozilla/5.0"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_web_pages_of_others_run_nothing(urls: Server, headers: dict[str, str]) -> None:
    host = urlsplit(url_of(urls, "echo")).netloc
    url_id = host.partition(".")[0]
    for method in ("GET", "POST", "PUT"):
        for where, path in ((host, "/"), ("localhost", f"/_ebl/url/{url_id}/")):
            status, answered, body = ask(urls, where, method, path, **headers)
            assert status == 403
            assert json.loads(body)["Message"]
            assert not any(name.lower().startswith("access-control-") for name, _ in answered)


def test_a_page_that_cors_names_may(urls: Server) -> None:
    host = urlsplit(url_of(urls, "echo")).netloc
    page = {"Origin": "https://app.example", "User-Agent": "Mozilla/5.0", "Sec-Fetch-Site": "cross-site"}
    status, headers, _ = ask(urls, host, "POST", **page)
    assert (status, dict(headers)["Access-Control-Allow-Origin"]) == (201, "https://app.example")


@pytest.mark.parametrize("host", ["{id}.lambda-url.us-east-1.on.aws", "{id}.lambda-url.us-east-1.evil.example"])
def test_a_foreign_host_is_refused_whatever_its_name_begins_with(urls: Server, host: str) -> None:
    url_id = urlsplit(url_of(urls, "echo")).netloc.partition(".")[0]
    assert ask(urls, host.format(id=url_id))[0] == 403
    assert ask(urls, "evil.example", path=f"/_ebl/url/{url_id}/")[0] == 403


def test_pages_of_a_function_url_may_not_use_the_server(urls: Server) -> None:
    origin = url_of(urls, "echo").rstrip("/")
    assert ask(urls, "localhost", "POST", "/_ebl/reset", Origin=origin)[0] == 403
    assert ask(urls, "localhost", "POST", "/", Origin=origin)[0] == 403
