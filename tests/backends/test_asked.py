"""Which service a request is for, and for whom: as clients really send them."""

import pytest

from emulator.backends.asked import Asked, asked_of
from emulator.wire.http import HttpRequest
from emulator.wire.router import credential
from tests.wire.oracle import authorization

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def asked(request: HttpRequest) -> Asked | None:
    return asked_of(request, credential(request), ["aws"])


def signed(service: str, method: str = "POST", path: str = "/", query: str = "", **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest(method, path, query, {"authorization": authorization(service, "111122223333"), **named})


@pytest.mark.parametrize(
    ("request_", "service", "operation"),
    [
        (signed("sqs", x_amz_target="AmazonSQS.SendMessage"), "sqs", "SendMessage"),
        (signed("sqs", path="/111122223333/q", query="Action=SendMessage&MessageBody=x"), "sqs", "SendMessage"),
        (signed("states", x_amz_target="AWSStepFunctions.StartExecution"), "stepfunctions", "StartExecution"),
        (signed("dynamodb", x_amz_target="DynamoDB_20120810.PutItem"), "dynamodb", "PutItem"),
        (signed("dynamodb", x_amz_target="DynamoDBStreams_20120810.GetRecords"), "dynamodbstreams", "GetRecords"),
        (signed("monitoring", path="/service/GraniteServiceVersion20100801/operation/PutMetricData"),
         "cloudwatch", "PutMetricData"),
        (signed("s3", "PUT", "/photos/a"), "s3", "PutObject"),
        (signed("s3", "PUT", "/v20180820/configuration/publicAccessBlock", x_amz_account_id="1"), "s3control",
         "PutPublicAccessBlock"),
        (signed("ses", path="/v2/email/outbound-emails"), "sesv2", "SendEmail"),
        (signed("apigateway", "GET", "/v2/apis"), "apigatewayv2", "GetApis"),
        (signed("apigateway", "GET", "/restapis"), "apigateway", "GetRestApis"),
        (signed("elasticloadbalancing", query="Action=DescribeLoadBalancers&Version=2015-12-01"), "elbv2",
         "DescribeLoadBalancers"),
        (signed("elasticloadbalancing", query="Action=DescribeLoadBalancers&Version=2012-06-01"), "elb",
         "DescribeLoadBalancers"),
    ],
)  # fmt: skip
def test_signed(request_: HttpRequest, service: str, operation: str) -> None:
    found = asked(request_)
    assert found is not None
    assert (found.service, found.operation, found.account) == (service, operation, "111122223333")


@pytest.mark.parametrize("service", ["events", "lambda", "scheduler", "pipes", "schemas"])
def test_what_is_ours_is_nobody_elses(service: str) -> None:
    assert asked(signed(service, x_amz_target="AmazonSQS.SendMessage")) is None


@pytest.mark.parametrize("service", ["", "core", "moto_api", "server", "..", "sqs.models", "EVENTS"])
def test_a_name_that_is_no_services_leads_nowhere(service: str) -> None:
    assert asked(signed(service)) is None


@pytest.mark.parametrize(
    ("request_", "service", "operation"),
    [
        (HttpRequest("POST", "/", "", {"x-amz-target": "AmazonSQS.SendMessage"}), "sqs", "SendMessage"),
        (HttpRequest("POST", "/", "", {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}),
         "cognito-idp", "InitiateAuth"),
        (HttpRequest("POST", "/", "", FORM, b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15"), "sts",
         "AssumeRoleWithWebIdentity"),
        (HttpRequest("GET", "/111122223333/orders", "Action=ReceiveMessage"), "sqs", "ReceiveMessage"),
        (HttpRequest("GET", "/photos/a/b"), "s3", "GetObject"),
        (HttpRequest("GET", "/a", "", {"host": "photos.localhost:4566"}), "s3", "GetObject"),
        (HttpRequest("GET", "/", "", {"host": "photos.s3.localhost:4566"}), "s3", "ListObjects"),
        (HttpRequest("GET", "/", "", {"host": "photos.aws:4566"}), "s3", "ListObjects"),
    ],
)  # fmt: skip
def test_not_signed(request_: HttpRequest, service: str, operation: str) -> None:
    found = asked(request_)
    assert found is not None
    assert (found.service, found.operation) == (service, operation)


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("POST", "/", "", {"x-amz-target": "AWSEvents.PutEvents"}),
        HttpRequest("POST", "/", "", {"x-amz-target": "Nonsense.Operation"}),
        HttpRequest("GET", "/2015-03-31/functions/charge"),
        HttpRequest("POST", "/", "", FORM, b"Action=Nonsense&Version=1"),
        HttpRequest("GET", "/"),
        HttpRequest("GET", "/favicon.ico"),
    ],
)
def test_not_signed_and_for_nobody_here(request_: HttpRequest) -> None:
    assert asked(request_) is None


@pytest.mark.parametrize(
    ("request_", "account", "region"),
    [
        (HttpRequest("GET", "/b/k", "X-Amz-Credential=111122223333%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"),
         "111122223333", "eu-west-1"),
        (HttpRequest("GET", "/b/k", "AWSAccessKeyId=111122223333&Signature=x&Expires=1"), "111122223333", "us-east-1"),
        (HttpRequest("GET", "/b/k", "", {"authorization": "AWS 111122223333:c2lnbmF0dXJl"}), "111122223333",
         "us-east-1"),
        (HttpRequest("GET", "/b/k", "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE"), "000000000000", "us-east-1"),
        (HttpRequest("GET", "/111122223333/orders", "Action=ReceiveMessage"), "111122223333", "us-east-1"),
        (HttpRequest("GET", "/b/k"), "000000000000", "us-east-1"),
    ],
)  # fmt: skip
def test_whose_it_is(request_: HttpRequest, account: str, region: str) -> None:
    found = asked(request_)
    assert found is not None
    assert (found.account, found.region) == (account, region)


def test_the_bucket_of_the_host() -> None:
    found = asked(HttpRequest("GET", "/a", "", {"host": "photos.s3.localhost:4566"}))
    assert found is not None
    assert found.bucket == "photos"
    found = asked(signed("sqs", x_amz_target="AmazonSQS.ListQueues", host="photos.localhost:4566"))
    assert found is not None
    assert found.bucket is None
