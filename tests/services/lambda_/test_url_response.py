"""Answers of function URLs beyond those that were recorded one by one (see tests/conformance/test_function_url.py)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.services.lambda_.url_cors import Cors
from emulator.services.lambda_.url_front import answer_of, preflight_of
from emulator.services.lambda_.url_response import END_OF_PRELUDE, INTEGRATION
from emulator.wire.http import HttpRequest, HttpResponse

NO_CORS = Cors(None)
FAILED = (502, (("Content-Type", "application/json"),), b"Internal Server Error")


def answered(payload: Any, mode: str = "BUFFERED", **more: Any) -> HttpResponse:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return answer_of(HttpRequest("GET", "/"), NO_CORS, mode, data, **{"failed": False, **more})


def seen(response: HttpResponse) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    return response.status, response.headers, response.body


@pytest.mark.parametrize("code", [700, 600, 199, 100, 0, -1, 200.5, "abc", True, [], {}, "2000"])
def test_a_status_that_is_none_is_a_failure(code: Any) -> None:
    """Recorded for 700."""
    assert seen(answered({"statusCode": code, "body": "secret"})) == FAILED


@pytest.mark.parametrize("code", [200, 404, 599, "418"])
def test_a_status_that_is_one(code: Any) -> None:
    assert answered({"statusCode": code}).status == int(code)


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        ({"statusCode": 200, "body": {"a": [1, "é"]}}, '{"a":[1,"é"]}'.encode()),
        ({"statusCode": 200, "body": None}, b""),
        ({"statusCode": 200}, b""),
        ({"statusCode": 200, "body": 42}, b"42"),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, b"hi"),
        (
            {"statusCode": 200, "body": "!!!not-base64!!!", "isBase64Encoded": True},
            b"\x9e\x8b~m\xab\x1e\xeb",
        ),  # recorded
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": "true"}, b"aGk="),
        ({"statusCode": None, "body": "x"}, b'{"statusCode": null, "body": "x"}'),
        (None, b"null"),
        ([1, True], b"[1, true]"),
        ("", b""),
    ],
)
def test_bodies(payload: Any, body: bytes) -> None:
    assert answered(payload).body == body


def test_a_result_that_is_no_json_is_sent_as_it_is() -> None:
    assert seen(answered(b"\xff\x00")) == (200, (("Content-Type", "application/json"),), b"\xff\x00")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (1, "1"),
        (True, "true"),
        ({"bad": True}, "{bad=true}"),
        ([1, "x"], "[1, x]"),
        ("a\r\nb: c", "a b: c"),
    ],
)
def test_header_values(value: Any, text: str) -> None:
    """`{bad=true}` is recorded."""
    assert ("x-a", text) in answered({"statusCode": 200, "headers": {"X-A": value}}).headers


@pytest.mark.parametrize("headers", [{"bad name": "x"}, {"a\r\nb": "x"}, {"": "x"}, ["x"], "x"])
def test_headers_that_are_none_are_a_failure(headers: Any) -> None:
    assert seen(answered({"statusCode": 200, "headers": headers})) == FAILED


def test_headers_about_the_connection_are_ours() -> None:
    headers = {"Content-Length": "3", "Transfer-Encoding": "chunked", "Connection": "close", "X-A": "1"}
    found = answered({"statusCode": 200, "headers": headers, "body": "hello"})
    assert found.headers == (("Content-Type", "application/json"), ("x-a", "1"))


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["statusCode", "headers", "cookies", "body", "isBase64Encoded", "x"]), inner, max_size=5),
    max_leaves=10,
))  # fmt: skip
def test_whatever_a_function_says_is_answered(payload: Any) -> None:
    for mode in ("BUFFERED", "RESPONSE_STREAM"):
        found = answered(payload, mode)
        assert 200 <= found.status < 600
        assert not any("\n" in name + value or "\r" in name + value for name, value in found.headers)
        streamed = json.dumps(payload).encode() + END_OF_PRELUDE + b"rest"
        assert 200 <= answered(streamed, mode, stream_type=INTEGRATION).status < 600


def test_a_stream_without_the_end_of_its_prelude_is_a_failure() -> None:
    assert seen(answered(b'{"statusCode": 200}', "RESPONSE_STREAM", stream_type=INTEGRATION)) == FAILED


def preflight(cors: dict[str, Any], method: str, headers: str = "", origin: str = "https://a.example") -> Any:
    asked = {"origin": origin, "access-control-request-method": method, "access-control-request-headers": headers}
    answer = preflight_of(HttpRequest("OPTIONS", "/", "", asked), Cors(cors))
    return None if answer is None else dict(answer.headers[1:])


def test_preflights() -> None:
    named = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["POST"], "AllowHeaders": ["X-A"]}
    assert preflight(named, "POST", "x-a") == {
        "Access-Control-Allow-Origin": "https://a.example", "Access-Control-Allow-Headers": "X-A", "Vary": "Origin",
        "Access-Control-Allow-Methods": "POST",
    }  # fmt: skip
    assert preflight(named, "PUT") == preflight(named, "POST", "x-b") == {}
    assert preflight(named, "POST", origin="https://b.example") == {}
    anything = {"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"]}
    assert preflight(anything, "DELETE", "x-b")["Access-Control-Allow-Methods"] == "*"
    assert preflight({}, "POST") is None  # the function's own affair
