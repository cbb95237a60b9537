import socket

import pytest

from emulator.runtime.real_aws import service_of
from tests.runtime.running import Running

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("sts.amazonaws.com", "sts"),
        ("sts.us-east-1.amazonaws.com", "sts"),
        ("bucket.s3.eu-west-1.amazonaws.com", "s3"),
        ("bucket.s3.dualstack.eu-west-1.amazonaws.com", "s3"),
        ("bucket.s3-us-west-2.amazonaws.com", "s3"),
        ("sqs-fips.us-gov-east-1.amazonaws.com", "sqs"),
        ("api.ecr.us-east-1.amazonaws.com", "ecr"),
        ("abc123.execute-api.us-east-1.amazonaws.com", "execute-api"),
        ("events.cn-north-1.amazonaws.com.cn", "events"),
        ("lambda.us-east-1.api.aws", "lambda"),
        ("xyz.lambda-url.us-east-1.on.aws", "lambda-url"),
        ("s3.eusc-de-east-1.amazonaws.eu", "s3"),
        ("sqs.us-iso-east-1.c2s.ic.gov", "sqs"),
        ("169.254.169.254", "imds"),
        ("amazonaws.com", "aws"),
        ("localhost", None),
        ("127.0.0.1", None),
        ("api.stripe.com", None),
        ("notamazonaws.com", None),
        ("amazonaws.com.example.org", None),
    ],
)
def test_the_service_behind_a_host(host: str, service: str | None) -> None:
    assert service_of(host) == service


CALL = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()
"""


def test_botocore_is_refused_at_once_naming_the_line(running: Running) -> None:
    outcome = running.run(running.function(CALL, environment=KEYS, timeout=60.0))
    where = f"{running.folder}/charge.py:4"
    assert outcome.error_type == "RealAwsRefused"
    assert outcome.error_message == (
        f"{where} (function charge) calls the real AWS (sts.us-east-1.amazonaws.com), which is refused: the client "
        "ignores AWS_ENDPOINT_URL, or was given another endpoint. To let it through, set allow_real_aws: [sts] for the "
        "function charge."
    )
    assert outcome.where == where
    assert outcome.duration_ms < 5_000


@pytest.mark.parametrize(
    "statement",
    [
        "socket.getaddrinfo(HOST, 443)",
        "socket.gethostbyname(HOST)",
        "socket.create_connection((HOST, 443))",
        "with socket.socket() as out: out.connect((HOST, 443))",
        "with socket.socket() as out: out.connect_ex((HOST.encode(), 443))",
        "with socket.socket() as out: out.connect(('169.254.169.254', 80))",
        "socket.gethostbyname_ex(HOST)",
        "socket.create_connection(('::ffff:169.254.169.254', 80))",
        "socket.create_connection(('fd00:ec2:0::254', 80))",
        "with socket.socket(type=socket.SOCK_DGRAM) as out: out.sendto(b'', ('169.254.169.254', 80))",
        "with socket.socket(type=socket.SOCK_DGRAM) as out: out.sendto(b'', 0, ('169.254.169.254', 80))",
        "import urllib.request; urllib.request.urlopen(f'https://{HOST}/')",
        "import http.client; http.client.HTTPSConnection(HOST).request('GET', '/')",
        "import asyncio; asyncio.run(asyncio.open_connection(HOST.upper() + '.', 443))",
        "import concurrent.futures as f; f.ThreadPoolExecutor().submit(socket.getaddrinfo, HOST, 443).result()",
    ],
)
def test_every_way_out_is_watched(running: Running, statement: str) -> None:
    source = f"import socket\nHOST = 'sqs.us-east-1.amazonaws.com'\ndef handler(event, context):\n    {statement}"
    outcome = running.run(running.function(source))
    assert outcome.error_type == "RealAwsRefused", outcome.log
    assert "function charge" in str(outcome.error_message)


@pytest.mark.parametrize(("allowed", "refused"), [(frozenset({"sts"}), False), (frozenset({"s3"}), True)])
def test_a_service_that_is_allowed(
    running: Running, monkeypatch: pytest.MonkeyPatch, allowed: frozenset[str], refused: bool
) -> None:
    running.executor.close()
    monkeypatch.setattr(socket, "gethostbyname", lambda host: "192.0.2.1")
    again = Running(running.folder)
    source = "import socket\ndef handler(event, context): return socket.gethostbyname('sts.amazonaws.com')"
    outcome = again.run(again.function(source, real_aws=allowed))
    again.close()
    assert (outcome.error_type == "RealAwsRefused", outcome.payload == b'"192.0.2.1"') == (refused, not refused)


def test_local_connections_are_free(running: Running) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = "import socket\ndef handler(event, context): socket.create_connection(('localhost', event)).close()"
        assert running.result(running.function(source), server.getsockname()[1]) is None


def test_the_host_is_not_watched(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    running.executor.close()
    assert "connect" not in vars(socket.socket)
    monkeypatch.setattr(socket, "gethostbyname", lambda host: "192.0.2.1")
    again = Running(running.folder)
    found = socket.gethostbyname("sqs.us-east-1.amazonaws.com")
    again.close()
    assert found == "192.0.2.1"
