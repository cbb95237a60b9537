"""`services:` of config.yaml."""

from pathlib import Path

import pytest

from emulator.backends.place import Place
from emulator.config import parse
from emulator.errors import ConfigError


def places(text: str) -> dict[str, Place]:
    return dict(parse(text, Path("config.yaml"), {"SQS": "http://elasticmq:9324"}).services)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", {}),
        ("services: {sqs: {endpoint: 'http://elasticmq:9324'}}", {"sqs": Place("http://elasticmq:9324")}),
        ("services: {sqs: '${SQS}'}", {"sqs": Place("http://elasticmq:9324")}),
        ("services: {cognito-idp: {real: true}}", {"cognito-idp": Place(real=True)}),
        ("services: {s3: 'https://s3.eu-west-1.amazonaws.com'}",
         {"s3": Place("https://s3.eu-west-1.amazonaws.com", real=True)}),
        ("services: {s3: {endpoint: 'http://minio:9000/base', real: false}}", {"s3": Place("http://minio:9000/base")}),
    ],
)  # fmt: skip
def test_services(text: str, expected: dict[str, Place]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("events: http://x", "1:12: services.events: is a service that EventBridge Local has itself; only the others"
         " can be elsewhere"),
        ("sqss: http://x", "1:12: services.sqss: there is no service 'sqss'; did you mean 'sqs'?"),
        ("states: http://x", "1:12: services.states: there is no service 'states'; did you mean 'stepfunctions'?"),
        ("xyzzyxyzzy: http://x", "1:12: services.xyzzyxyzzy: there is no service 'xyzzyxyzzy' among those of boto3"),
        ("sqs: {}", "1:17: services.sqs: give it an endpoint, or `real: true` for the real AWS"),
        ("sqs: {real: false}", "1:17: services.sqs: give it an endpoint, or `real: true` for the real AWS"),
        ("sqs: elasticmq:9324", "1:17: services.sqs: should be a URL such as http://elasticmq:9324, not"
         " 'elasticmq:9324'"),
        ("sqs: {endpoint: 'ftp://x'}", "1:28: services.sqs.endpoint: should be a URL such as http://elasticmq:9324, not"
         " 'ftp://x'"),
        ("sqs: {endpoint: 'http://x:0'}", "1:28: services.sqs.endpoint: should be a URL such as http://elasticmq:9324,"
         " not 'http://x:0'"),
        ("sqs: {endpoint: 'http://x:y'}", "1:28: services.sqs.endpoint: should be a URL such as http://elasticmq:9324,"
         " not 'http://x:y'"),
        ("sqs: {url: 'http://x'}", "1:18: services.sqs.url: unknown key. Did you mean \"endpoint\"?"),
        ("sqs: [1]", "1:17: services.sqs: should be a mapping, not a list"),
    ],
)  # fmt: skip
def test_mistakes(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        places(f"services: {{{text}}}")
    assert str(caught.value) == f"config.yaml:{problem}"
