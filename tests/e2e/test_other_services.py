"""Without the extra `aws`, a service that is not here says so, in words that its own SDK understands."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.server import Server, running


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("bare"), without_moto=True) as server:
        yield server


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("sts", "get_caller_identity", {}),
        ("s3", "list_buckets", {}),
        ("sns", "list_topics", {}),
        ("iam", "list_users", {}),
        ("sqs", "list_queues", {}),
        ("dynamodb", "list_tables", {}),
        ("logs", "describe_log_groups", {}),
        ("stepfunctions", "list_state_machines", {}),
        ("kinesis", "list_streams", {}),
        ("apigateway", "get_rest_apis", {}),
        ("cloudformation", "list_stacks", {}),
        ("route53", "list_hosted_zones", {}),
    ],
)
def test_it_says_what_to_install(bare: Server, service: str, operation: str, members: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(bare.client(service), operation)(**members)
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    assert (error["Code"], metadata["HTTPStatusCode"]) == ("NotImplementedException", 501)
    assert error["Message"].startswith(f"{service} is answered by moto, which is not installed: pip install")
    assert "'eventbridge-local[aws]'" in error["Message"]


def test_the_cli_says_it_too(bare: Server) -> None:
    with pytest.raises(AssertionError, match="pip install 'eventbridge-local"):
        bare.aws("s3", "ls")


def test_a_service_that_nobody_has(server: Server) -> None:
    with pytest.raises(ClientError, match="has no service 'rum'") as caught:
        server.client("rum").list_app_monitors()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
