"""What moto does to the process that it runs in, seen from a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PREAMBLE = """
import asyncio, json, os, socket, sys, threading
from emulator.backends.neighbours import Neighbours
from emulator.clock import SystemClock

neighbours = Neighbours(SystemClock(), lambda: "http://localhost:4566")

def call(service, operation, account="111122223333", **members):
    return asyncio.run(neighbours.call(service, operation, account, "eu-west-1", members, seconds=60))
"""


def run(code: str, home: Path, **environment: str) -> Any:
    """What a fresh interpreter prints, read as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_it_reads_nothing_of_the_users_and_calls_nobody(tmp_path: Path) -> None:
    """A configuration that cannot be read, a profile that is not there, and a network that is noticed."""
    (tmp_path / ".aws").mkdir()
    for name in ("config", "credentials"):
        (tmp_path / ".aws" / name).write_text("this is no configuration [[[")
    code = """
called = []
sys.addaudithook(lambda event, args: called.append(str(args)) if event in
                 ("socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.system") else None)
read = []
sys.addaudithook(lambda event, args: read.append(str(args[0])) if event == "open" and ".aws" in str(args[0]) else None)
names = [("sqs", "ListQueues"), ("s3", "ListBuckets"), ("ssm", "DescribeParameters"), ("sts", "GetCallerIdentity")]
answers = [call(service, operation) for service, operation in names]
failed = call("s3", "GetObject", Bucket="nowhere", Key="x")
print(json.dumps({"answers": [sorted(answer) for answer in answers], "failed": failed.code,
                  "account": answers[3]["Account"], "called": called, "read": read}))
"""
    told = run(code, tmp_path, AWS_PROFILE="nowhere", AWS_ENDPOINT_URL="http://localhost:1", AWS_REGION="mars-1")

    assert told["answers"][:3] == [[], ["Buckets", "Owner"], ["Parameters"]]
    assert (told["failed"], told["account"]) == ("NoSuchBucket", "111122223333")
    assert (told["called"], told["read"]) == ([], [])


@pytest.mark.slow
def test_it_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    """The environment, and what other clients of botocore in this process do and read."""
    code = """
before = dict(os.environ)
call("sqs", "CreateQueue", QueueName="orders")
import boto3, botocore.session
session = boto3.Session()
client = session.client("sqs")
try:
    client.list_queues()
    refused = ""
except Exception as error:
    refused = str(error)
print(json.dumps({"same": before == dict(os.environ), "threads": [t.name for t in threading.enumerate()],
                  "key": session.get_credentials().access_key, "endpoint": client.meta.endpoint_url,
                  "refused": refused}))
"""
    keys = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "eu-west-1"}
    told = run(code, tmp_path, **keys, AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_MAX_ATTEMPTS="1")

    assert told["same"] is True
    assert told["threads"] == ["MainThread", "ebl sqs-1"]
    assert (told["key"], told["endpoint"]) == ("mine", "http://127.0.0.1:1")
    assert "Could not connect" in told["refused"]  # a mock would have answered


@pytest.mark.slow
def test_the_real_aws_is_called_with_the_users_own_credentials(tmp_path: Path) -> None:
    """And still so when moto, which must not see them, has been at work before."""
    code = """
from emulator.backends.place import Place
from tests.backends.elsewhere import elsewhere

call("sqs", "ListQueues")
with elsewhere(lambda request: request.send(200, b"{}")) as place:
    neighbours.configure({"sqs": Place(place.url, real=True)})
    answer = call("sqs", "ListQueues")
os.environ.clear()
neighbours.configure({"sns": Place(place.url, real=True)})
trouble = call("sns", "ListTopics")
print(json.dumps([answer, place.seen[0][2]["Authorization"], trouble.code]))
"""
    keys = {"AWS_ACCESS_KEY_ID": "AKIAMINE", "AWS_SECRET_ACCESS_KEY": "s", "AWS_EC2_METADATA_DISABLED": "true"}
    answer, authorization, code_ = run(code, tmp_path, **keys)
    assert (answer, code_) == ({}, "NoCredentials")
    assert "Credential=AKIAMINE/" in authorization


def test_nothing_is_imported_before_it_is_needed(tmp_path: Path) -> None:
    code = """
import emulator.app
heavy = ("boto3", "botocore", "moto", "urllib3", "werkzeug")
print(json.dumps([name for name in sys.modules if name.partition(".")[0] in heavy]))
"""
    assert run(code, tmp_path) == []


def test_without_moto(tmp_path: Path) -> None:
    code = """
sys.modules["moto"] = None
trouble = call("sqs", "ListQueues")
print(json.dumps([neighbours.serves("sqs"), trouble.code, trouble.message, neighbours.refusal("sqs")]))
"""
    serves, trouble, message, refusal = run(code, tmp_path)
    assert (serves, trouble) == ("missing", "NotInstalled")
    assert message == refusal
    assert "pip install 'eventbridge-local[aws]'" in refusal


def test_memory_of_what_is_gone_is_given_back(tmp_path: Path) -> None:
    """moto would keep every message that there ever was, for a page that shows them."""
    code = """
import gc
url = call("sqs", "CreateQueue", QueueName="orders")["QueueUrl"]
for _ in range(3):
    call("sqs", "SendMessage", QueueUrl=url, MessageBody="x")
    [message] = call("sqs", "ReceiveMessage", QueueUrl=url)["Messages"]
    call("sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
gc.collect()
from moto.sqs.models import Message
print(json.dumps(sum(isinstance(found, Message) for found in gc.get_objects())))
"""
    assert run(code, tmp_path) == 0
