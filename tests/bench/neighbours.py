"""The neighbours against moto's own server, in turn, and messages sent without any server in between."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import urllib3

from emulator.backends.neighbours import Neighbours
from emulator.clock import SystemClock

MOTO = [sys.executable, "-u", "-c", "from moto.server import main; main()", "-p"]
READY = "Running on http"

Row = tuple[str, str, float | None]


class Client:
    """What a request costs without an SDK around it; it takes a new connection where the server wants it so."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pool = urllib3.HTTPConnectionPool("localhost", port)

    def queues(self, operation: str, **members: str) -> float:
        headers = {"X-Amz-Target": f"AmazonSQS.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        return self._timed("POST", "sqs", headers, json.dumps(members).encode())

    def send(self) -> float:
        url = f"http://localhost:{self._port}/000000000000/bench"
        return self.queues("SendMessage", QueueUrl=url, MessageBody="x" * 300)

    def buckets(self) -> float:
        return self._timed("GET", "s3", {}, None)

    def _timed(self, method: str, service: str, headers: dict[str, str], body: bytes | None) -> float:
        scope = f"test/20260101/us-east-1/{service}/aws4_request"
        signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
        begin = time.perf_counter()
        answer = self._pool.request(method, "/", body=body, headers=headers | signed, retries=False, timeout=60)
        assert answer.status == 200, answer.data
        return time.perf_counter() - begin


def first_calls(port: int) -> Iterator[Row]:
    """Of a server that has answered nothing yet."""
    client = Client(port)
    yield "first request to SQS (moto's import)", f"{client.queues('ListQueues'):.2f} s", None
    yield "first request to S3 after that", f"{client.buckets():.2f} s", None


def against_moto(port: int, moto_port: int, share: int) -> Iterator[Row]:
    """Turn and turn about, so that both see the same machine."""
    ours, theirs = Client(port), Client(moto_port)
    for client in (ours, theirs):
        client.queues("CreateQueue", QueueName="bench")
    for name, ask in (("SendMessage", Client.send), ("S3 ListBuckets", Client.buckets)):
        times = [(ask(ours), ask(theirs)) for _ in range(400 // share)]
        us, them = (sorted(each)[len(each) // 2] for each in zip(*times, strict=True))
        yield f"{name}, p50 (moto's own server: {them * 1000:.2f} ms)", f"{us * 1000:.2f} ms", us / them


def in_process(share: int) -> Row:
    """As a sender of the emulator's sends: ten at a time, from the event loop, and nobody empties the queue."""
    return asyncio.run(_in_process(2_000 // share))


async def _in_process(batches: int) -> Row:
    neighbours = Neighbours(SystemClock(), lambda: "http://localhost:4566")
    neighbours.start()
    url = (await _called(neighbours, "CreateQueue", {"QueueName": "bench"}))["QueueUrl"]
    members = {"QueueUrl": url, "Entries": [{"Id": str(number), "MessageBody": "x" * 300} for number in range(10)]}
    begin = time.perf_counter()
    for _ in range(batches // 4):
        await asyncio.gather(*(_called(neighbours, "SendMessageBatch", members) for _ in range(4)))
    seconds = time.perf_counter() - begin
    return "SendMessageBatch in process, ten at a time", f"{batches * 10 / seconds:,.0f} messages/s", None


async def _called(neighbours: Neighbours, operation: str, members: dict[str, Any]) -> dict[str, Any]:
    answer = await neighbours.call("sqs", operation, "000000000000", "us-east-1", members)
    assert isinstance(answer, dict), answer
    return answer
