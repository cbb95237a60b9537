"""Requests for the real AWS are signed anew; botocore, given the same keys, makes the same signature."""

import re
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.backends import signing
from emulator.backends.asked import asked_of
from emulator.backends.place import Place
from emulator.errors import AwsError
from emulator.wire.http import HttpRequest
from emulator.wire.router import credential
from tests.wire.oracle import authorization

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
PLACE = Place("https://s3.eu-west-1.amazonaws.com", real=True)
DATE = re.compile(r"\d{8}T\d{6}Z")


@pytest.fixture(autouse=True)
def users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    signing._session.cache_clear()
    signing._endpoint.cache_clear()
    yield
    signing._session.cache_clear()
    signing._endpoint.cache_clear()


def resigned(request: HttpRequest, place: Place = PLACE) -> tuple[str, HttpRequest]:
    asked = asked_of(request, credential(request))
    assert asked is not None
    return signing.resigned(place, asked, request)


def signature_of(endpoint: str, request: HttpRequest, service: str, auth: Any) -> str:
    """What botocore signs this with."""
    date = request.headers["x-amz-date"]
    url = endpoint + request.path + (f"?{request.query}" if request.query else "")
    left_out = ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256")
    headers = {name: value for name, value in request.headers.items() if name not in left_out}
    made = AWSRequest(request.method, url, headers, request.body)
    made.context["timestamp"] = date
    signer = auth(Credentials(*KEYS.values()), service, "eu-west-1")
    signer._modify_request_before_signing(made)
    canonical = signer.canonical_request(made).replace(made.headers["X-Amz-Date"], date)
    made.context["timestamp"] = date
    return str(signer.signature(signer.string_to_sign(made, canonical), made))


def test_a_signature_of_the_users_own() -> None:
    headers = {
        "host": "localhost:4566",
        "authorization": authorization("s3", "111122223333", "eu-west-1"),
        "x-amz-date": "20200101T000000Z",
        "x-amz-content-sha256": "0" * 64,
        "x-amz-meta-a": "1",
    }
    endpoint, request = resigned(HttpRequest("PUT", "/photos/a%20b", "partNumber=1&uploadId=x%2By", headers, b"body"))

    assert endpoint == PLACE.endpoint
    assert (request.method, request.path, request.query, request.body) == (
        "PUT",
        "/photos/a%20b",
        "partNumber=1&uploadId=x%2By",
        b"body",
    )
    assert (request.headers["host"], request.headers["x-amz-meta-a"]) == ("s3.eu-west-1.amazonaws.com", "1")
    assert request.headers["x-amz-security-token"] == "token"
    assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAREAL/")
    assert request.headers["authorization"].endswith(signature_of(endpoint, request, "s3", S3SigV4Auth))


def test_a_presigned_url_and_a_bucket_in_the_host() -> None:
    scope = "test%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    query = f"X-Amz-Algorithm=A&X-Amz-Credential={scope}&X-Amz-Signature=0&versionId=7"
    _, request = resigned(HttpRequest("GET", "/key", query, {"host": "photos.s3.localhost:4566"}))
    assert (request.path, request.query) == ("/photos/key", "versionId=7")
    assert "authorization" in request.headers


def test_who_asks_without_a_signature_goes_without() -> None:
    _, request = resigned(HttpRequest("GET", "/photos/public", "", {"host": "localhost:4566"}))
    assert dict(request.headers) == {"host": "s3.eu-west-1.amazonaws.com"}


def test_other_services_where_aws_has_them() -> None:
    headers = {"authorization": authorization("sqs", "test", "eu-west-1"), "x-amz-target": "AmazonSQS.ListQueues"}
    endpoint, request = resigned(HttpRequest("POST", "/", "", headers, b"{}"), Place(real=True))
    assert endpoint == "https://sqs.eu-west-1.amazonaws.com"
    assert request.headers["authorization"].endswith(signature_of(endpoint, request, "sqs", SigV4Auth))


def test_chunks_that_were_signed_are_sent_whole() -> None:
    chunks = (b"5;chunk-signature=0\r\nhello", b"6;chunk-signature=0\r\n world", b"0;chunk-signature=0", b"x-trailer:1")
    body = b"\r\n".join(chunks) + b"\r\n\r\n"
    headers = {
        "authorization": authorization("s3", "test", "eu-west-1"),
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "11",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "content-encoding": "gzip, aws-chunked",
    }
    _, request = resigned(HttpRequest("PUT", "/photos/a", "", headers, body))
    assert (request.body, request.headers["content-encoding"]) == (b"hello world", "gzip")
    assert not {"x-amz-trailer", "x-amz-decoded-content-length"} & set(request.headers)


def test_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)
    with pytest.raises(AwsError, match="is the real AWS, for which you need credentials of your own"):
        resigned(HttpRequest("GET", "/photos/a", "", {"authorization": authorization("s3")}))
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    signing._session.cache_clear()
    with pytest.raises(AwsError, match="nowhere"):
        resigned(HttpRequest("GET", "/photos/a", "", {"authorization": authorization("s3")}))
