"""The tables that tell services apart hold what botocore's models say."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import botocore
import pytest

from emulator.backends.names import OURS, SIGNED, TARGETS, VERSIONS, bucket_in
from emulator.wire.models import known_services

DATA = Path(botocore.__file__).parent / "data"


@cache
def metadata(service: str) -> dict[str, Any]:
    file = max(DATA.glob(f"{service}/*/service-2.json*"))
    raw = file.read_bytes()
    found: dict[str, Any] = json.loads(gzip.decompress(raw) if file.suffix == ".gz" else raw)["metadata"]
    return found


def signing_name(service: str) -> str:
    return str(metadata(service).get("signingName", metadata(service)["endpointPrefix"]))


@pytest.mark.parametrize(("signing", "service"), SIGNED.items())
def test_who_signs_with_another_name(signing: str, service: str) -> None:
    assert signing_name(service) == signing


@pytest.mark.parametrize(("prefix", "service"), TARGETS.items())
def test_targets(prefix: str, service: str) -> None:
    assert metadata(service)["targetPrefix"] == prefix


@pytest.mark.parametrize(("version", "service"), VERSIONS.items())
def test_versions(version: str, service: str) -> None:
    assert metadata(service)["apiVersion"] == version


def test_ours_are_services_of_botocores() -> None:
    assert known_services() >= OURS
    assert {signing_name(service) for service in OURS} == OURS


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        ("localhost:4566", None),
        ("127.0.0.1:4566", None),
        ("[::1]:4566", None),
        ("aws:4566", None),
        ("s3.localhost:4566", None),
        ("s3.eu-west-1.localhost.localstack.cloud:4566", None),
        ("localhost.localstack.cloud:4566", None),
        ("sqs.eu-west-1.localhost.localstack.cloud:4566", None),
        ("photos.localhost:4566", "photos"),
        ("my.photos.localhost", "my.photos"),
        ("photos.s3.localhost:4566", "photos"),
        ("photos.s3.eu-west-1.localhost.localstack.cloud:4566", "photos"),
        ("my.photos.s3.localhost.localstack.cloud", "my.photos"),
        ("photos.aws:4566", "photos"),
        ("photos.s3.aws:4566", "photos"),
        ("evil.example", None),
    ],
)
def test_buckets_in_hosts(host: str, bucket: str | None) -> None:
    assert bucket_in(host, ["aws"]) == bucket
