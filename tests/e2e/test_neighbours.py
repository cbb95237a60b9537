"""The services that are not ours, on the same port: boto3 and the AWS CLI against a real server."""

import http.client
import io
import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.backends.elsewhere import elsewhere
from tests.e2e.server import CLEAN, Server, running

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
# Signed for S3, by nobody: signatures are not checked.
SIGNED = {
    "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/us-east-1/s3/aws4_request,"
    " SignedHeaders=host, Signature=0"
}


def client(server: Server | str, service: str, **settings: Any) -> Any:
    session = boto3.session.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key="x", region_name="eu-west-1")
    url = server if isinstance(server, str) else server.url
    return session.client(service, endpoint_url=url, config=Config(**settings))  # type: ignore[call-overload]


def http_(
    server: Server, method: str, path: str, body: bytes = b"", host: str = "", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request, as it is."""
    connection = http.client.HTTPConnection("localhost", urlsplit(server.url).port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {**({"Host": host} if host else {}), **named})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


@pytest.fixture(scope="module")
def bucket(server: Server) -> str:
    s3 = client(server, "s3")
    s3.create_bucket(Bucket="photos", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return "photos"


class TestS3:
    def test_objects(self, server: Server, bucket: str) -> None:
        s3, key = client(server, "s3"), "a b/ü+&=.txt"
        s3.put_object(Bucket=bucket, Key=key, Body=b"hello", ContentType="text/html", Metadata={"my_key": "1"})
        got = s3.get_object(Bucket=bucket, Key=key)
        head = s3.head_object(Bucket=bucket, Key=key)

        assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/html", {"my_key": "1"})
        assert (head["ContentLength"], head["ETag"]) == (5, '"5d41402abc4b2a76b9719d911017c592"')
        assert s3.get_object(Bucket=bucket, Key=key, Range="bytes=1-2")["Body"].read() == b"el"
        assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix="a b")["Contents"]] == [key]
        s3.delete_object(Bucket=bucket, Key=key)
        with pytest.raises(ClientError, match="404"):
            s3.head_object(Bucket=bucket, Key=key)

    @pytest.mark.parametrize("version", ["s3", "s3v4"])
    def test_presigned_urls(self, server: Server, bucket: str, version: str) -> None:
        s3 = client(server, "s3", signature_version=version)
        at = {"Bucket": bucket, "Key": f"presigned {version}"}
        put = urllib.request.Request(s3.generate_presigned_url("put_object", at), data=b"data", method="PUT")
        with urllib.request.urlopen(put) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(s3.generate_presigned_url("get_object", at)) as answer:
            assert answer.read() == b"data"

    @pytest.mark.slow
    def test_a_large_object_in_one_piece_and_in_parts(self, server: Server, bucket: str) -> None:
        """Larger than any request of the other APIs may be."""
        s3, whole = client(server, "s3"), bytes(range(256)) * 4096 * 72
        s3.put_object(Bucket=bucket, Key="large", Body=whole)
        s3.upload_fileobj(io.BytesIO(whole), bucket, "parts")
        assert s3.head_object(Bucket=bucket, Key="parts")["ETag"].endswith('-9"')
        for key in ("large", "parts"):
            assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == whole
            s3.delete_object(Bucket=bucket, Key=key)

    def test_what_is_larger_than_it_may_be_is_refused_before_it_is_sent(self, server: Server, bucket: str) -> None:
        with socket.create_connection(("localhost", urlsplit(server.url).port or 0)) as connection:
            head = [f"PUT /{bucket}/huge HTTP/1.1", "Host: localhost", "Content-Length: 536870913"]
            head += [f"{name}: {value}" for name, value in SIGNED.items()]
            connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 413")

    @pytest.mark.parametrize(
        ("content", "body"),
        [
            ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
             b"5;chunk-signature=0\r\nhello\r\n6;chunk-signature=0\r\n world\r\n0;chunk-signature=0\r\n\r\n"),
            ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
             b"5;chunk-signature=0\r\nhello\r\n6;chunk-signature=0\r\n world\r\n0;chunk-signature=0\r\n"
             b"x-amz-checksum-crc32:DUoRhQ==\r\nx-amz-trailer-signature:0\r\n\r\n"),
            ("STREAMING-UNSIGNED-PAYLOAD-TRAILER",
             b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"),
        ],
    )  # fmt: skip
    def test_chunks_as_other_sdks_send_them(self, server: Server, bucket: str, content: str, body: bytes) -> None:
        headers = SIGNED | {
            "x-amz-content-sha256": content, "x-amz-decoded-content-length": "11", "content-encoding": "aws-chunked",
            "x-amz-trailer": "x-amz-checksum-crc32", "expect": "100-continue",
        }  # fmt: skip
        assert http_(server, "PUT", f"/{bucket}/chunks", body, **headers)[0] == 200
        got = client(server, "s3").get_object(Bucket=bucket, Key="chunks")
        assert (got["Body"].read(), got.get("ContentEncoding")) == (b"hello world", None)

    def test_what_curl_sends_without_being_told(self, server: Server, bucket: str) -> None:
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert http_(server, "PUT", f"/{bucket}/form", b"a=1&key=2", **SIGNED, **form)[0] == 200
        assert client(server, "s3").get_object(Bucket=bucket, Key="form")["Body"].read() == b"a=1&key=2"

    def test_a_body_of_unknown_length(self, server: Server, bucket: str) -> None:
        connection = http.client.HTTPConnection("localhost", urlsplit(server.url).port, timeout=30)
        connection.request("PUT", f"/{bucket}/chunked", iter([b"hel", b"lo"]), SIGNED, encode_chunked=True)
        assert connection.getresponse().status == 200
        connection.close()
        assert client(server, "s3").get_object(Bucket=bucket, Key="chunked")["Body"].read() == b"hello"

    @pytest.mark.parametrize(
        "host",
        ["{}.localhost:4566", "{}.s3.localhost", "{}.s3.eu-west-1.localhost.localstack.cloud:4566"],
    )
    def test_buckets_in_the_host(self, server: Server, bucket: str, host: str) -> None:
        name = host.format(bucket)
        assert http_(server, "PUT", "/in/host", name.encode(), name, **SIGNED)[0] == 200
        assert client(server, "s3").get_object(Bucket=bucket, Key="in/host")["Body"].read() == name.encode()

    def test_public_and_private_objects_without_a_signature(self, server: Server, bucket: str) -> None:
        s3 = client(server, "s3")
        s3.put_object(Bucket=bucket, Key="public.html", Body=b"<script>", ContentType="text/html", ACL="public-read")
        s3.put_object(Bucket=bucket, Key="private", Body=b"x")
        status, headers, body = http_(server, "GET", f"/{bucket}/public.html")
        assert (status, headers["content-type"], body) == (200, "text/html", b"<script>")
        assert headers["content-security-policy"].startswith("sandbox")
        status, _, body = http_(server, "GET", f"/{bucket}/private")
        assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)

    def test_the_doors_are_shut_here_too(self, server: Server, bucket: str) -> None:
        assert http_(server, "GET", f"/{bucket}/public.html", host="photos.evil.example")[0] == 403
        assert http_(server, "PUT", f"/{bucket}/x", b"x", **SIGNED, Origin="http://evil.example")[0] == 403
        assert http_(server, "PUT", f"/{bucket}/x", b"x", **SIGNED, Origin="null")[0] == 403


class TestSqs:
    def test_messages(self, server: Server) -> None:
        sqs = client(server, "sqs")
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]
        assert url == f"{server.url}/{ACCOUNT}/orders"
        sqs.send_message(QueueUrl=url, MessageBody="hello")
        [message] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
        assert message["Body"] == "hello"
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        with pytest.raises(ClientError, match="The specified queue does not exist"):
            sqs.send_message(QueueUrl=url + "x", MessageBody="x")

    def test_a_queues_url_has_the_name_by_which_the_client_came(self, server: Server) -> None:
        client(server, "sqs").create_queue(QueueName="by-host")
        headers = {
            "authorization": SIGNED["Authorization"].replace("us-east-1/s3/", "eu-west-1/sqs/"),
            "x-amz-target": "AmazonSQS.GetQueueUrl",
            "content-type": "application/x-amz-json-1.0",
        }
        for host in ("127.0.0.1:9", "sqs.us-east-1.localhost.localstack.cloud:4566"):
            _, _, body = http_(server, "POST", "/", b'{"QueueName": "by-host"}', host, **headers)
            assert json.loads(body) == {"QueueUrl": f"http://{host}/{ACCOUNT}/by-host"}

    def test_the_query_protocol_of_older_sdks(self, server: Server) -> None:
        url = client(server, "sqs").create_queue(QueueName="old")["QueueUrl"]
        headers = {
            "authorization": SIGNED["Authorization"].replace("us-east-1/s3/", "eu-west-1/sqs/"),
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        }
        form = b"Action=SendMessage&Version=2012-11-05&MessageBody=hello"
        status, sent, body = http_(server, "POST", urlsplit(url).path, form, **headers)
        assert (status, sent["content-type"]) == (200, "text/xml")
        assert b"<SendMessageResponse" in body


def test_everything_else(server: Server) -> None:
    sns = client(server, "sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    assert topic == f"arn:aws:sns:eu-west-1:{ACCOUNT}:news"
    assert "MessageId" in sns.publish(TopicArn=topic, Message="x")

    dynamodb = client(server, "dynamodb")
    dynamodb.create_table(
        TableName="orders", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )  # fmt: skip
    dynamodb.put_item(TableName="orders", Item={"id": {"S": "1"}})
    assert dynamodb.get_item(TableName="orders", Key={"id": {"S": "1"}})["Item"] == {"id": {"S": "1"}}
    streams = client(server, "dynamodbstreams")
    stream = streams.list_streams(TableName="orders")["Streams"][0]["StreamArn"]
    [shard] = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]  # fmt: skip
    assert [found["eventName"] for found in streams.get_records(ShardIterator=iterator)["Records"]] == ["INSERT"]

    assert client(server, "sts").get_caller_identity()["Account"] == ACCOUNT
    assert server.client("sts").get_caller_identity()["Account"] == "000000000000"
    assert client(server, "iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"] == ROLE
    secrets = client(server, "secretsmanager")
    secrets.create_secret(Name="s", SecretString="x")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "x"
    parameters = client(server, "ssm")
    parameters.put_parameter(Name="/p", Value="v", Type="String")
    assert parameters.get_parameter(Name="/p")["Parameter"]["Value"] == "v"

    kinesis = client(server, "kinesis")
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    assert kinesis.put_record(StreamName="clicks", Data=b"x", PartitionKey="p")["ShardId"] == "shardId-000000000000"
    destination = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::photos"}
    firehose = client(server, "firehose")
    firehose.create_delivery_stream(DeliveryStreamName="f", S3DestinationConfiguration=destination)
    assert firehose.list_delivery_streams()["DeliveryStreamNames"] == ["f"]
    machines = client(server, "stepfunctions")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    machine = machines.create_state_machine(name="m", definition=definition, roleArn=ROLE)["stateMachineArn"]
    assert "executionArn" in machines.start_execution(stateMachineArn=machine, input="{}")
    logs = client(server, "logs")
    logs.create_log_group(logGroupName="/aws/lambda/charge")
    assert [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]] == ["/aws/lambda/charge"]
    metrics = client(server, "cloudwatch")
    metrics.put_metric_data(Namespace="shop", MetricData=[{"MetricName": "orders", "Value": 1}])
    assert "shop" in [found["Namespace"] for found in metrics.list_metrics()["Metrics"]]


@pytest.mark.slow
def test_stacks_and_apis(server: Server) -> None:
    assert client(server, "apigateway").create_rest_api(name="shop")["name"] == "shop"
    stacks = client(server, "cloudformation")

    def create(name: str, kind: str, **properties: str) -> None:
        template = {"Resources": {"R": {"Type": kind, "Properties": properties}}}
        stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))

    create("queues", "AWS::SQS::Queue", QueueName="made-by-a-stack")
    assert "QueueUrl" in client(server, "sqs").get_queue_url(QueueName="made-by-a-stack")
    with pytest.raises(ClientError, match="EventBridge Local does not make AWS::Lambda::Function by"):
        create("functions", "AWS::Lambda::Function")
    assert [stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]] == ["queues"]


def test_what_is_ours_stays_ours(server: Server) -> None:
    assert server.client("lambda").get_function(FunctionName="charge")["Configuration"]["Handler"] == "charge.handler"
    buses = server.client("events").list_event_buses()["EventBuses"]
    assert "orders" in [bus["Name"] for bus in buses]
    with pytest.raises(ClientError, match="scheduler:ListSchedules is not emulated"):
        server.client("scheduler").list_schedules()


def test_the_cli(server: Server, tmp_path: Path) -> None:
    mine = {"AWS_ACCESS_KEY_ID": ACCOUNT}
    (tmp_path / "photo.txt").write_text("hello")
    server.aws("s3api", "create-bucket", "--bucket", "cli-photos", **mine)
    server.aws("s3", "cp", str(tmp_path / "photo.txt"), "s3://cli-photos/", "--quiet", **mine)
    listed = server.aws("s3api", "list-objects-v2", "--bucket", "cli-photos", **mine)
    assert [found["Key"] for found in listed["Contents"]] == ["photo.txt"]
    # Version 1 of the CLI has addresses of its own for SQS, and needs to be told.
    here = ("--endpoint-url", server.url, "sqs")
    url = server.aws(*here, "create-queue", "--queue-name", "cli", **mine)["QueueUrl"]
    server.aws(*here, "send-message", "--queue-url", url, "--message-body", "hello", **mine)
    got = server.aws(*here, "receive-message", "--queue-url", url, **mine)
    assert [message["Body"] for message in got["Messages"]] == ["hello"]
    assert server.aws("sts", "get-caller-identity", **mine)["Account"] == ACCOUNT


HANDLER = """
import boto3

def handler(event, context):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="made")
    s3.put_object(Bucket="made", Key="k", Body=b"x")
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
"""


def test_a_handlers_calls_stay_here_and_a_reset_forgets_them(project: Path) -> None:
    (project / "functions" / "store.py").write_text(HANDLER)
    (project / "config.yaml").write_text("functions: {store: {timeout: 60s}}\n")
    with running(project) as server:
        invoke = server.client("lambda").invoke(FunctionName="store")
        assert json.load(invoke["Payload"]) == ["made"]
        reset = urllib.request.Request(f"{server.url}/_ebl/reset", method="POST")
        with urllib.request.urlopen(reset) as answer:
            assert answer.status == 200
        assert server.client("s3").list_buckets()["Buckets"] == []


@contextmanager
def moto_server() -> Iterator[str]:
    """moto's own server, as another endpoint; its URL."""
    code = "from moto.server import main; main(['-p0'])"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], env=CLEAN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "Running on http://127.0.0.1:" in line:
                    yield f"http://127.0.0.1:{line.rsplit(':', 1)[1].strip()}"
                    break
            else:
                raise AssertionError("moto's server did not start")
        finally:
            process.terminate()
            process.wait(10)


@pytest.mark.slow
def test_another_endpoint(project: Path) -> None:
    with moto_server() as other:
        (project / "config.yaml").write_text(f"services: {{sqs: '{other}', s3: {{endpoint: '{other}'}}}}\n")
        with running(project) as server:
            sqs, there = client(server, "sqs"), client(other, "sqs")
            url = sqs.create_queue(QueueName="orders")["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody="hello")
            assert url.startswith(server.url)
            queue = there.get_queue_url(QueueName="orders")["QueueUrl"]
            assert there.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "hello"

            s3, whole = client(server, "s3"), bytes(range(256)) * 4096 * 4
            s3.create_bucket(Bucket="photos", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            s3.put_object(Bucket="photos", Key="large", Body=whole)
            assert s3.get_object(Bucket="photos", Key="large")["Body"].read() == whole
            assert client(other, "s3").list_objects_v2(Bucket="photos")["KeyCount"] == 1


def test_an_endpoint_is_another_one_as_soon_as_the_file_says_so(project: Path) -> None:
    with elsewhere(lambda request: request.send(200, b'{"QueueUrls": ["http://elsewhere/1/q"]}')) as other:
        (project / "config.yaml").write_text("rules: {}\n")
        with running(project) as server:
            assert "QueueUrls" not in client(server, "sqs").list_queues()
            (project / "config.yaml").write_text(f"services: {{sqs: '{other.url}'}}\n")
            server.lines_until("config.yaml applied")
            assert client(server, "sqs").list_queues()["QueueUrls"] == ["http://elsewhere/1/q"]


def test_bodies_of_unknown_services_are_not_taken_whole(server: Server) -> None:
    with pytest.raises(ClientError, match="must be smaller than 70167211 bytes"):
        client(server, "sqs", retries={"total_max_attempts": 1}).send_message(
            QueueUrl=server.url, MessageBody="x" * 70_167_212
        )
