"""A service that is not here says so, in words that its own SDK understands."""

import pytest
from botocore.exceptions import ClientError

from tests.e2e.server import Server


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
def test_it_names_itself(server: Server, service: str, operation: str, members: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="There is no service") as caught:
        getattr(server.client(service), operation)(**members)
    assert caught.value.response["Error"]["Code"] == "UnknownServiceException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
