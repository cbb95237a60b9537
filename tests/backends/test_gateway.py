"""Requests of clients, as values, to neighbours that are embedded, elsewhere, or not there."""

import asyncio
import json
from collections.abc import Awaitable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

from emulator.backends.change import Change
from emulator.backends.context import WORK
from emulator.backends.gateway import Gateway
from emulator.backends.neighbours import Neighbours
from emulator.backends.place import Place
from emulator.clock import VirtualClock
from emulator.wire.http import HttpRequest, HttpResponse, never
from emulator.wire.router import credential
from tests.backends.elsewhere import Handler, elsewhere, nobody, saying
from tests.wire.oracle import authorization, botocore_model

ACCOUNT, REGION = "111122223333", "eu-west-1"
TRACE = "Root=1-6ab2832c-0123456789abcdef01234567;Sampled=0;Lineage=1:e30f1941:0"
HOST = {"host": "aws:4567"}


@pytest.fixture
def neighbours() -> Iterator[Neighbours]:
    neighbours = Neighbours(VirtualClock(1_800_000_000), lambda: "http://localhost:4566")
    yield neighbours
    neighbours.reset()
    neighbours.close()


async def ask(neighbours: Neighbours, request: HttpRequest, hung_up: Any = never) -> HttpResponse:
    gateway = Gateway(neighbours, never)
    answer = gateway.handle(request, credential(request), hung_up)
    assert answer is not None
    return await answer


def sqs(operation: str, **members: Any) -> HttpRequest:
    headers = {
        **HOST,
        "authorization": authorization("sqs", ACCOUNT, REGION),
        "x-amz-target": f"AmazonSQS.{operation}",
        "content-type": "application/x-amz-json-1.0",
        "x-amzn-trace-id": TRACE,
    }
    return HttpRequest("POST", "/", "", headers, json.dumps(members).encode())


def s3(method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest(method, path, query, HOST | {"authorization": authorization("s3", ACCOUNT)} | named, body)


def run(main: Awaitable[Any]) -> Any:
    return asyncio.run(main)  # type: ignore[arg-type]


def test_addresses_in_answers_are_those_by_which_the_client_came(neighbours: Neighbours) -> None:
    answer = run(ask(neighbours, sqs("CreateQueue", QueueName="orders")))

    assert json.loads(answer.body) == {"QueueUrl": f"http://aws:4567/{ACCOUNT}/orders"}
    assert not {name.lower() for name, _ in answer.headers} & {"content-length", "date", "server", "connection"}


def test_listeners_hear_of_it_with_the_trace_of_the_handler_that_sent_it(neighbours: Neighbours) -> None:
    async def main() -> list[Change]:
        heard: list[Change] = []
        neighbours.listen(heard.append)
        await ask(neighbours, sqs("CreateQueue", QueueName="orders"))
        await ask(neighbours, sqs("ListQueues"))
        await ask(neighbours, sqs("DeleteQueue", QueueUrl="http://aws/1/nowhere"))
        await ask(neighbours, s3("PUT", "/photos"))
        await ask(neighbours, s3("GET", "/photos"))
        return heard

    assert run(main()) == [
        Change("sqs", "CreateQueue", ACCOUNT, REGION, TRACE),
        Change("s3", "CreateBucket", ACCOUNT, "us-east-1", None),
    ]


def test_the_trace_is_at_hand_while_moto_works(neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch) -> None:
    """What builds S3's notifications on it is called by moto, in the middle of a PutObject."""
    seen: list[str | None] = []

    async def main() -> None:
        await ask(neighbours, s3("PUT", "/photos"))
        from moto.s3 import notifications

        def noticed(*args: Any) -> None:
            seen.append(WORK.get().trace)

        monkeypatch.setattr(notifications, "send_event", noticed)
        await ask(neighbours, s3("PUT", "/photos/a", b"x", x_amzn_trace_id=TRACE))
        assert set(seen) == {TRACE}
        seen.clear()
        await ask(neighbours, s3("PUT", "/photos/b", b"x"))
        assert set(seen) == {None}

    run(main())


def test_a_page_out_of_a_bucket_is_of_no_site(neighbours: Neighbours) -> None:
    answer = run(ask(neighbours, s3("GET", "/nowhere/index.html")))
    assert dict(answer.headers)["Content-Security-Policy"].startswith("sandbox ")
    assert b"<Code>NoSuchBucket</Code>" in answer.body


@pytest.mark.parametrize(
    ("request_", "status", "says"),
    [
        (s3("POST", "/photos/key"), 405, b"<Code>MethodNotAllowed</Code>"),
        (HttpRequest("GET", "/photos/private"), 403, b"<Code>AccessDenied</Code>"),
        (sqs("Nonsense"), 501, b'"NotImplementedException"'),
        (sqs("CreateQueue", QueueName=7), 500, b"a mistake of moto's, which answers for sqs here"),
    ],
)
def test_refusals_are_in_the_shape_of_the_service(
    neighbours: Neighbours, request_: HttpRequest, status: int, says: bytes
) -> None:
    async def main() -> HttpResponse:
        await ask(neighbours, s3("PUT", "/photos"))
        await ask(neighbours, s3("PUT", "/photos/private", b"x"))
        return await ask(neighbours, request_)

    answer = run(main())
    assert (answer.status, says in answer.body) == (status, True), answer.body


def test_what_speaks_cbor_is_refused_in_cbor(neighbours: Neighbours) -> None:
    headers = {"authorization": authorization("monitoring"), "smithy-protocol": "rpc-v2-cbor"}
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    answer = run(ask(neighbours, HttpRequest("POST", path, "", HOST | headers, b"\xa0")))

    parser = create_parser("smithy-rpc-v2-cbor")
    shape: Any = botocore_model("cloudwatch").operation_model("ListMetrics").output_shape
    raw = {"status_code": answer.status, "headers": HeadersDict(answer.headers), "body": answer.body}
    error = parser.parse(raw, shape)["Error"]
    assert (answer.status, error["Code"]) == (501, "NotImplementedException")
    assert "does not speak CBOR" in error["Message"]


def test_a_consumer_that_hangs_up_takes_no_message(neighbours: Neighbours) -> None:
    async def main() -> None:
        url = json.loads((await ask(neighbours, sqs("CreateQueue", QueueName="orders"))).body)["QueueUrl"]
        hangs_up = asyncio.Event()
        waiting = ask(neighbours, sqs("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20), hangs_up.wait)
        consumer = asyncio.ensure_future(waiting)
        await asyncio.wait([consumer], timeout=0.05)
        hangs_up.set()
        await consumer
        await ask(neighbours, sqs("SendMessage", QueueUrl=url, MessageBody="x"))
        got = await ask(neighbours, sqs("ReceiveMessage", QueueUrl=url))
        assert [message["Body"] for message in json.loads(got.body)["Messages"]] == ["x"]

    run(main())


def test_elsewhere_a_request_arrives_as_it_came(neighbours: Neighbours) -> None:
    def answer(request: Handler) -> None:
        request.send(201, b"made", X_Amz_Meta_A="1", Connection="keep-alive")

    with elsewhere(answer) as place:
        neighbours.configure({"s3": Place(place.url + "/base")})
        heard: list[Change] = []
        neighbours.listen(heard.append)
        got = run(ask(neighbours, s3("PUT", "/photos/a%2Fb/%C3%BC", b"\0\1", "x=%20y&z", x_amz_meta_b="2")))

    method, path, headers, body = place.seen[0]
    assert (method, path, body) == ("PUT", "/base/photos/a%2Fb/%C3%BC?x=%20y&z", b"\0\1")
    assert (headers["host"], headers["x-amz-meta-b"]) == ("aws:4567", "2")
    assert headers["authorization"] == authorization("s3", ACCOUNT)
    assert (got.status, got.body, dict(got.headers)["X-Amz-Meta-A"]) == (201, b"made", "1")
    assert heard == [Change("s3", "PutObject", ACCOUNT, "us-east-1")]


def test_a_long_answer_comes_in_parts(neighbours: Neighbours) -> None:
    whole = bytes(range(256)) * 8192

    def answer(request: Handler) -> None:
        request.send(200, whole)

    async def main() -> None:
        got = await ask(neighbours, s3("GET", "/photos/a"))
        assert dict(got.headers)["Content-Length"] == str(len(whole))
        assert got.stream is not None
        assert b"".join([part async for part in got.stream]) == whole

    with elsewhere(answer) as place:
        neighbours.configure({"s3": Place(place.url)})
        run(main())


def test_a_head_has_the_length_of_what_it_does_not_send(neighbours: Neighbours) -> None:
    with elsewhere(lambda request: request.send(200, b"seven..")) as place:
        neighbours.configure({"s3": Place(place.url)})
        got = run(ask(neighbours, s3("HEAD", "/photos/a")))
    assert (got.body, dict(got.headers)["Content-Length"]) == (b"", "7")


def test_an_endpoint_that_leads_back_here_is_noticed(neighbours: Neighbours) -> None:
    neighbours.configure({"sqs": Place("http://127.0.0.1:1")})
    request = sqs("ListQueues")
    again = HttpRequest("POST", "/", "", {**request.headers, "x-ebl-forwarded": "1"}, request.body)
    got = run(ask(neighbours, again))
    assert (got.status, b"leads back to this server" in got.body) == (508, True)


@pytest.mark.parametrize(
    ("says", "status"),
    [(b"", 502), (b"garbage\r\n\r\n", 502), (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", 502)],
)
def test_an_endpoint_that_answers_nonsense(neighbours: Neighbours, says: bytes, status: int) -> None:
    with saying(says) as url:
        neighbours.configure({"sqs": Place(url)})
        got = run(ask(neighbours, sqs("ListQueues")))
        assert (got.status, json.loads(got.body)["__type"]) == (status, "ServiceUnavailable")
        assert json.loads(got.body)["message"].startswith(f"services.sqs.endpoint {url}: ")


def test_an_endpoint_that_is_down(neighbours: Neighbours) -> None:
    url = nobody()
    neighbours.configure({"s3": Place(url)})
    got = run(ask(neighbours, s3("GET", "/photos/a")))
    assert got.status == 503
    assert f"<Message>services.s3.endpoint {url}: it cannot be reached" in got.body.decode()
