"""The event of a function URL: recorded on AWS (2024 and Sep 2026)."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.services.lambda_.url_event import Asked, event_of
from emulator.wire.http import HttpRequest

ID = "a" * 32
HOST = f"{ID}.lambda-url.us-east-1.localhost"
NOW = 1789473474.162
TRACE = "Self=1-6aa6c29e-14b3c6471cb20a70673df681;Root=1-6aa6c29e-14b3c6471cb20a70673df682"


def event(request: HttpRequest, path: str = "/", caller: tuple[str, str] | None = None) -> dict[str, Any]:
    asked = Asked(ID, "us-east-1", path, "request-id", NOW, TRACE, "127.0.0.1", caller)
    found: dict[str, Any] = json.loads(event_of(request, asked))
    return found


def test_a_plain_request() -> None:
    request = HttpRequest("GET", "/", "", {"host": f"{HOST}:4566", "user-agent": "curl/8"})
    found = event(request)
    assert found == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {
            "host": f"{HOST}:4566", "user-agent": "curl/8", "content-length": "0", "x-amzn-trace-id": TRACE,
            "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http", "x-forwarded-port": "4566",
        },
        "requestContext": {
            "accountId": "anonymous", "apiId": ID, "domainName": HOST, "domainPrefix": ID,
            "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                     "userAgent": "curl/8"},
            "requestId": "request-id", "routeKey": "$default", "stage": "$default",
            "time": "15/Sep/2026:11:57:54 +0000", "timeEpoch": 1789473474162,
        },
        "isBase64Encoded": False,
    }  # fmt: skip
    assert list(found) == [
        "version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext", "isBase64Encoded",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_length_is_given_where_it_is_on_aws(method: str) -> None:
    assert "content-length" not in event(HttpRequest(method, "/"))["headers"]


def test_paths_are_raw_and_decoded() -> None:
    found = event(HttpRequest("GET", "/pa2%Fth/1%20x"), "/pa2%Fth/1%20x")
    assert found["rawPath"] == "/pa2%Fth/1%20x"
    assert found["requestContext"]["http"]["path"] == "/pa2%Fth/1 x"


def test_parameters_are_decoded_and_those_of_a_name_joined() -> None:
    found = event(HttpRequest("GET", "/", "a=1&b=%20x&a=2&c"))
    assert found["rawQueryString"] == "a=1&b=%20x&a=2&c"
    assert found["queryStringParameters"] == {"a": "1,2", "b": " x", "c": ""}
    assert list(found).index("queryStringParameters") == list(found).index("headers") + 1


def test_cookies_stand_by_themselves() -> None:
    found = event(HttpRequest("GET", "/", "", {"cookie": "a=1; b=2"}))
    assert found["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in found["headers"]


@pytest.mark.parametrize(
    ("content_type", "encoded"),
    [
        ("application/json", False),
        ("application/json; charset=utf-8", False),
        ("application/vnd.api+json", False),
        ("text/plain", False),
        ("image/svg+xml", False),
        ("application/x-www-form-urlencoded", True),
        ("multipart/form-data; boundary=x", True),
        ("application/octet-stream", True),
        ("", True),
    ],
)
def test_bodies(content_type: str, encoded: bool) -> None:
    found = event(HttpRequest("POST", "/", "", {"content-type": content_type}, b'{"a": 1}'))
    assert found["isBase64Encoded"] == encoded
    assert found["body"] == (base64.b64encode(b'{"a": 1}').decode() if encoded else '{"a": 1}')
    assert list(found)[-2:] == ["body", "isBase64Encoded"]


@given(st.binary(min_size=1), st.sampled_from(["text/plain", "application/json", "image/png"]))
def test_no_body_is_lost(body: bytes, content_type: str) -> None:
    found = event(HttpRequest("POST", "/", "", {"content-type": content_type}, body))
    assert (base64.b64decode(found["body"]) if found["isBase64Encoded"] else found["body"].encode()) == body


def test_a_caller_who_signed_is_named() -> None:
    context = event(HttpRequest("GET", "/"), "/", ("111111111111", "AKIA"))["requestContext"]
    assert context["accountId"] == "111111111111"
    assert context["authorizer"]["iam"]["userArn"] == "arn:aws:iam::111111111111:root"
    assert context["authorizer"]["iam"]["accessKey"] == "AKIA"
