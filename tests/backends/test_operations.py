"""What botocore sends is told to be what it is."""

import pytest

from emulator.backends.operations import changes, operation_of
from emulator.wire.http import HttpRequest
from tests.wire.oracle import Randomly, all_operations, botocore_model, request_of

# Two operations each with one request: an old name and a new one, or two hosts.
OLD_NAMES = {
    "ListDirectoryBuckets": "ListBuckets",
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
}


@pytest.mark.parametrize(
    ("service", "name"),
    [(service, name) for service, name in all_operations("s3", "sqs", "sns", "dynamodb", "sts", "efs", "apigatewayv2")
     if name != "WriteGetObjectResponse"],  # to a host of its own, whose name is a parameter
)  # fmt: skip
def test_every_operation(service: str, name: str) -> None:
    operation = botocore_model(service).operation_model(name)
    shape = operation.input_shape
    request = request_of(operation, Randomly(name).members(shape) if shape else {})

    told = operation_of(service, request)
    assert OLD_NAMES.get(told, told) == OLD_NAMES.get(name, name)


def test_a_bucket_in_the_host() -> None:
    assert operation_of("s3", HttpRequest("PUT", "/a/b"), "photos") == "PutObject"
    assert operation_of("s3", HttpRequest("GET", "/"), "photos") == "ListObjects"
    assert operation_of("s3", HttpRequest("GET", "/")) == "ListBuckets"


def test_rpc_and_what_nobody_knows() -> None:
    assert operation_of("cloudwatch", HttpRequest("POST", "/service/X/operation/PutMetricData")) == "PutMetricData"
    assert operation_of("s3", HttpRequest("POST", "/photos/key")) == ""
    assert operation_of("no-such-service", HttpRequest("GET", "/")) == ""


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("SendMessage", True),
        ("DeleteMessageBatch", True),
        ("ChangeMessageVisibility", True),
        ("PutItem", True),
        ("TransactWriteItems", True),
        ("Publish", True),
        ("StartExecution", True),
        ("CompleteMultipartUpload", True),
        ("GetawayCar", True),  # no verb ends there
        ("ReceiveMessage", False),
        ("GetRecords", False),
        ("BatchGetItem", False),
        ("TransactGetItems", False),
        ("ListQueues", False),
        ("HeadObject", False),
        ("DescribeStream", False),
        ("Query", False),
        ("Scan", False),
    ],
)
def test_what_changes_something(operation: str, expected: bool) -> None:
    assert changes(operation) is expected
