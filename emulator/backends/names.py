"""Which service of AWS's is a request for?  Pure: tables, and what tells services apart that sign with one name.

A service is called as in `boto3.client(name)`.  What the tables hold comes from botocore's models (a test compares
them).
"""

import re
from collections.abc import Collection, Mapping
from urllib.parse import parse_qs

from emulator.wire.http import HttpRequest
from emulator.wire.models import SERVICES

OURS = frozenset(SERVICES)
"""The services that this emulator has itself, which sign with their own names; nobody else's version of them is
asked."""

SIGNED = {
    "aidevops": "devops-agent", "aoss": "opensearchserverless", "aps": "amp", "aws-marketplace": "meteringmarketplace",
    "cloudhsm": "cloudhsmv2", "connect-campaigns": "connectcampaigns", "elasticfilesystem": "efs",
    "elasticloadbalancing": "elb", "elasticmapreduce": "emr", "execute-api": "apigatewaymanagementapi",
    "iotdata": "iot-data", "kinesisanalytics": "kinesisanalyticsv2", "lex": "lexv2-models",
    "mobiletargeting": "pinpoint", "monitoring": "cloudwatch", "servicequotas": "service-quotas", "sso": "sso-admin",
    "states": "stepfunctions", "tagging": "resourcegroupstaggingapi", "timestream": "timestream-write",
}  # fmt: skip
"""Signing names that are not the name of their service; of several services with one, the one that is there."""

TARGETS = {
    "AWSCognitoIdentityProviderService": "cognito-idp", "AWSCognitoIdentityService": "cognito-identity",
    "AWSGlue": "glue", "AWSStepFunctions": "stepfunctions", "AmazonAthena": "athena",
    "AmazonEC2ContainerRegistry_V20150921": "ecr", "AmazonEC2ContainerServiceV20141113": "ecs", "AmazonSQS": "sqs",
    "AmazonSSM": "ssm", "DynamoDBStreams_20120810": "dynamodbstreams", "DynamoDB_20120810": "dynamodb",
    "Firehose_20150804": "firehose", "GraniteServiceVersion20100801": "cloudwatch", "Kinesis_20131202": "kinesis",
    "Logs_20140328": "logs", "TrentService": "kms", "secretsmanager": "secretsmanager",
}  # fmt: skip
"""X-Amz-Target up to the dot, for requests that are not signed."""

VERSIONS = {
    "2010-03-31": "sns", "2010-05-08": "iam", "2010-05-15": "cloudformation", "2010-08-01": "cloudwatch",
    "2010-12-01": "ses", "2011-06-15": "sts", "2012-11-05": "sqs", "2015-12-01": "elbv2", "2016-11-15": "ec2",
}  # fmt: skip
"""`Version` in the form of a query request, for those that are not signed: AssumeRoleWithWebIdentity never is."""

_QUEUE = re.compile(r"/\d{12}/[\w.-]+")
_S3_HOST = re.compile(
    r"(?:(?P<bucket>[a-z0-9._-]+)\.)?s3(?:[.-][a-z0-9-]+)*\.(?:localhost|localhost\.localstack\.cloud|amazonaws\.com)"
)
_PLAIN_HOST = re.compile(r"(?P<bucket>[a-z0-9._-]+)\.localhost")
_PORT = re.compile(r":\d+$")
_NOT_OBJECTS = ("/", "/favicon.ico")  # what browsers ask for by themselves


def signed_for(signing: str, request: HttpRequest) -> str:
    """The service whose request was signed with this name."""
    name, target = SIGNED.get(signing, signing), request.headers.get("x-amz-target", "")
    path = request.path
    if name == "dynamodb" and target.startswith("DynamoDBStreams"):
        return "dynamodbstreams"
    if name == "s3" and path.startswith("/v20180820/"):
        return "s3control"
    if name == "ses" and path.startswith("/v2/"):
        return "sesv2"
    if name == "apigateway" and path.startswith("/v2/"):
        return "apigatewayv2"
    if name == "elb" and form(request).get("Version") == "2015-12-01":
        return "elbv2"
    if name == "sagemaker" and path.endswith("/invocations"):
        return "sagemaker-runtime"
    if name == "mediastore" and not target:
        return "mediastore-data"
    return name


def unsigned_for(request: HttpRequest, domains: Collection[str] = ()) -> str | None:
    """The service that a request without a signature is for, None when nothing says so.

    What has a path and nothing else that speaks for another service is for S3, as on AWS: a public object, a page.
    """
    target = request.headers.get("x-amz-target")
    if target is not None:
        return TARGETS.get(target.partition(".")[0])
    fields = form(request)
    if "Action" in fields:
        known = VERSIONS.get(fields.get("Version", ""))
        return known or ("sqs" if _QUEUE.fullmatch(request.path) or "QueueUrl" in fields else None)
    if bucket_in(request.headers.get("host", ""), domains):
        return "s3"
    return None if request.path in _NOT_OBJECTS else "s3"


def bucket_in(host: str, domains: Collection[str] = ()) -> str | None:
    """The bucket that a `Host` names: `photos.s3.localhost:4566`, `photos.localhost:4566`; None for other hosts.

    `domains` are further names, below which there are buckets: `aws` for `photos.aws:4566`.
    """
    name = _PORT.sub("", host.lower())
    for domain in domains:
        if name.endswith(f".{domain}"):
            return name.removesuffix(f".{domain}").removesuffix(".s3") or None
    found = _S3_HOST.fullmatch(name)
    if found is None and not name.endswith("localhost.localstack.cloud"):
        found = _PLAIN_HOST.fullmatch(name)
    return found["bucket"] if found else None


def form(request: HttpRequest) -> Mapping[str, str]:
    """The fields of a query request (`Action=Publish&Version=2010-03-31&…`), in its body or its URL; else nothing."""
    text = request.query
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        text = request.body.decode(errors="replace") or text
    if "Action=" not in text:
        return {}
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
