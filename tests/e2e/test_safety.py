"""The server runs code that callers send it: no web page may reach it, and no input may take it down."""

import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.e2e.server import Server

PUT = {"x-amz-target": "AWSEvents.PutEvents", "content-type": "application/x-amz-json-1.1"}
LAMBDA = {
    "authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host,"
    " Signature=0"
}


def send(
    server: Server, body: bytes = b"", headers: Mapping[str, str] | None = None, path: str = "/", method: str = "POST"
) -> tuple[int, dict[str, str], bytes]:
    port = urlsplit(server.url).port or 0
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@pytest.fixture(autouse=True)
def _still_alive(server: Server) -> Iterator[None]:
    """After whatever a test has sent, the server answers."""
    yield
    assert send(server, method="GET", path="/_ebl/health")[0] == 200


@pytest.mark.parametrize("path", ["/", "/_ebl/health", "/_ebl/events", "/2015-03-31/functions", "/_ebl/docs"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:4566"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_web_pages_are_refused_everywhere(server: Server, path: str, headers: dict[str, str]) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        status, answered, body = send(server, b"{}", headers, path, method)
        assert status == 403
        assert json.loads(body)["message"]
        assert not any(name.startswith("access-control-") for name in answered)


@pytest.mark.parametrize(
    ("line", "headers"),
    [
        ("GET /_ebl/health", ["Host: localhost", "Host: evil.example"]),
        ("GET /_ebl/health", ["Host: evil.example", "Host: localhost"]),
        ("GET /_ebl/health", ["Host: localhost", "Origin: http://evil.example", "Origin: http://localhost"]),
        ("GET /_ebl/health", ["Host: localhost", "Origin: http://[evil"]),
        ("GET /_ebl/health", ["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"]),
        ("GET http://evil.example/_ebl/health", ["Host: localhost"]),
    ],
)
def test_a_foreign_value_does_not_hide_beside_a_good_one(server: Server, line: str, headers: list[str]) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), timeout=20) as connection:
        connection.sendall("\r\n".join([f"{line} HTTP/1.1", *headers, "", ""]).encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 403")


def test_an_absolute_request_line_of_our_own_host_is_fine(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), timeout=20) as connection:
        connection.sendall(b"GET http://localhost/_ebl/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_no_answer_carries_permissive_cors_headers(server: Server) -> None:
    for path in ("/", "/_ebl/health", "/2015-03-31/functions"):
        for method in ("GET", "POST", "OPTIONS"):
            headers = send(server, b"{}", LAMBDA, path, method)[1]
            assert not any(name.startswith("access-control-") for name in headers)


def test_it_listens_on_loopback_only(server: Server) -> None:
    """The address of this machine's own network, where it has one, has nobody behind our port."""
    address = next(
        (str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), 0, socket.AF_INET)
         if not str(info[4][0]).startswith("127.")), None,
    )  # fmt: skip
    if address is None:
        pytest.skip("this machine has no address but loopback")
    with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
        socket.create_connection((address, urlsplit(server.url).port or 0), timeout=2)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "ValidationException"),
        (b"{", "SerializationException"),
        (b"\xff\xfe", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"null", "SerializationException"),
        (b'"x"', "SerializationException"),
        (b"[" * 100_000, "SerializationException"),
        (b'{"Entries":' + b"[" * 100_000, "SerializationException"),
        (b'{"a":' * 100_000, "SerializationException"),
        (b'{"Entries": 5}', "SerializationException"),
        (b'{"Entries": [5]}', "SerializationException"),
        (b'{"Entries": []}', "ValidationException"),
        (b'{"Entries": [{"Time": "never"}]}', "SerializationException"),
        (b'{"Entries": [{"Time": 1e400}]}', "SerializationException"),
        (b"9" * 10_000, "SerializationException"),
    ],
)
def test_bad_bodies_get_awss_errors(server: Server, body: bytes, code: str) -> None:
    status, headers, answer = send(server, body, PUT)
    assert (status, json.loads(answer)["__type"]) == (400, code)
    assert headers["x-amzn-requestid"]


@pytest.mark.parametrize(
    "detail", ["[" * 5000, '{"a":' * 5000, '{"n": ' + "9" * 5000 + "}", '{"a": 1e999}', '"\\ud800"', '{"a":"\\ud800"}']
)
def test_hostile_details_fail_their_entry_or_pass(server: Server, detail: str) -> None:
    body = json.dumps({"Entries": [{"Source": "s", "DetailType": "t", "Detail": detail}]}).encode()
    assert send(server, body, PUT)[0] == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/2015-03-31/functions/%00/invocations", LAMBDA),
        ("/2015-03-31/functions/..%2f..%2fetc%2fpasswd/invocations", LAMBDA),
        ("/2015-03-31/functions/" + "a" * 5000 + "/invocations", LAMBDA),
        ("/nothing/here", LAMBDA),
        ("/%ff%fe", LAMBDA),
        ("/", {"x-amz-target": "AWSEvents.Nonsense"}),
        ("/", {"x-amz-target": "Nonsense"}),
        ("/", {"authorization": "nonsense"}),
        ("/", {"authorization": "AWS4-HMAC-SHA256 Credential=////"}),
        ("/", {}),
    ],
)
def test_requests_that_mean_nothing_are_refused(server: Server, path: str, headers: dict[str, str]) -> None:
    status, _, answer = send(server, b"{}", headers, path)
    assert 400 <= status < 500 or status == 501
    assert answer


def test_what_is_not_emulated_says_so_and_names_itself(server: Server) -> None:
    status, _, answer = send(server, b"{}", {"x-amz-target": "AWSEvents.ListArchives"})
    assert status == 501
    assert "ListArchives" in json.loads(answer)["message"]


def test_a_body_that_is_too_long_is_refused_before_it_is_read(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_one_that_is_too_long_for_its_operation_names_it(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), timeout=20) as connection:
        connection.sendall(
            b"POST /2015-03-31/functions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70167212\r\n"
            b"Authorization: AWS4-HMAC-SHA256 Credential=test/20260913/us-east-1/lambda/aws4_request, x\r\n\r\n"
        )
        answer = b""
        while b"operation" not in answer:
            answer += connection.recv(4096) or pytest.fail(answer.decode())
        assert b"Request must be smaller than 70167211 bytes for the CreateFunction operation" in answer


def test_a_json_body_has_a_bound_of_its_own(server: Server) -> None:
    status, _, answer = send(server, b" " * (8 * 1024 * 1024 + 1), PUT)
    assert (status, json.loads(answer)["__type"]) == (413, "RequestEntityTooLargeException")


def test_half_a_million_entries_are_refused_without_being_looked_at(server: Server) -> None:
    body = b'{"Entries":[' + b",".join([b'{"Source":"a"}'] * 500_000) + b"]}"
    started = time.monotonic()
    status, _, answer = send(server, body, PUT)
    assert (status, json.loads(answer)["__type"]) == (400, "ValidationException")
    assert len(answer) < 100_000
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 100, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n"]
)
def test_garbage_instead_of_http(server: Server, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), timeout=20) as connection:
        connection.sendall(garbage)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(4096)[:12] in (b"HTTP/1.1 400", b"")
