"""Calls to embedded neighbours, through the object that the rest of the emulator is given."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.backends.change import Change, Trouble
from emulator.backends.neighbours import Neighbours
from emulator.clock import VirtualClock

ACCOUNT, REGION = "111122223333", "eu-west-1"
URL = "http://localhost:4599"
LOCATION = {"LocationConstraint": REGION}
TRACE = "Root=1-6ab2832c-0123456789abcdef01234567;Sampled=0;Lineage=1:e30f1941:0"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(1_800_000_000)


@pytest.fixture
def neighbours(clock: VirtualClock) -> Iterator[Neighbours]:
    neighbours = Neighbours(clock, lambda: URL)
    yield neighbours
    neighbours.reset()
    neighbours.close()


async def call(neighbours: Neighbours, service: str, operation: str, /, **members: Any) -> dict[str, Any]:
    answer = await neighbours.call(service, operation, ACCOUNT, REGION, members)
    assert isinstance(answer, dict), answer
    return answer


async def queue(neighbours: Neighbours, name: str = "orders") -> str:
    return str((await call(neighbours, "sqs", "CreateQueue", QueueName=name))["QueueUrl"])


def test_a_call_is_answered_in_its_account_and_region(neighbours: Neighbours) -> None:
    async def main() -> None:
        url = await queue(neighbours)
        sent = await call(neighbours, "sqs", "SendMessage", QueueUrl=url, MessageBody="hello")
        got = await call(neighbours, "sqs", "ReceiveMessage", QueueUrl=url)
        attributes = await call(neighbours, "sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["QueueArn"])

        assert url == f"{URL}/{ACCOUNT}/orders"
        assert [(m["MessageId"], m["Body"]) for m in got["Messages"]] == [(sent["MessageId"], "hello")]
        assert attributes == {"Attributes": {"QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"}}
        elsewhere = await neighbours.call("sqs", "ListQueues", "999988887777", REGION, {})
        assert elsewhere == {}

    asyncio.run(main())


def test_a_body_that_streams_comes_as_bytes(neighbours: Neighbours) -> None:
    async def main() -> None:
        await call(neighbours, "s3", "CreateBucket", Bucket="photos", CreateBucketConfiguration=LOCATION)
        await call(neighbours, "s3", "PutObject", Bucket="photos", Key="a b/ü", Body=b"\0\1", Metadata={"my_key": "1"})
        got = await call(neighbours, "s3", "GetObject", Bucket="photos", Key="a b/ü")

        assert (got["Body"], got["Metadata"], got["ContentLength"]) == (b"\0\1", {"my_key": "1"}, 2)

    asyncio.run(main())


def test_what_goes_wrong_is_a_value(neighbours: Neighbours) -> None:
    async def main() -> None:
        missing = {"QueueUrl": f"{URL}/{ACCOUNT}/nowhere", "MessageBody": "x"}
        refused = await neighbours.call("sqs", "SendMessage", ACCOUNT, REGION, missing)
        misspelt = await neighbours.call("sqs", "SendMesage", ACCOUNT, REGION, {})
        incomplete = await neighbours.call("sqs", "SendMessage", ACCOUNT, REGION, {"QueueUrl": URL})
        nowhere = await neighbours.call("sqs", "ListQueues", ACCOUNT, "mars-north-1", {})
        not_there = await neighbours.call("connectcases", "ListDomains", ACCOUNT, REGION, {})

        assert refused == Trouble(
            "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", 400
        )  # fmt: skip
        assert misspelt == Trouble("ValidationError", "sqs has no operation 'SendMesage'.")
        assert isinstance(incomplete, Trouble)
        assert (incomplete.code, incomplete.status, incomplete.may_pass) == ("ValidationError", 0, False)
        assert "MessageBody" in incomplete.message
        assert isinstance(nowhere, Trouble)
        assert (nowhere.code, nowhere.may_pass) == ("UnrecognizedClientException", False)
        assert isinstance(not_there, Trouble)
        assert (not_there.code, not_there.status, not_there.may_pass) == ("UnknownServiceException", 501, False)
        assert "has no service 'connectcases'" in not_there.message

    asyncio.run(main())


def test_listeners_hear_of_what_may_have_changed_and_of_nothing_else(neighbours: Neighbours) -> None:
    async def main() -> list[Change]:
        heard: list[Change] = []
        neighbours.start()
        end = neighbours.listen(heard.append)
        url = await queue(neighbours)
        message = {"QueueUrl": url, "MessageBody": "x"}
        await neighbours.call("sqs", "SendMessage", ACCOUNT, REGION, message, trace=TRACE)
        await neighbours.call("sqs", "SendMessage", ACCOUNT, REGION, message | {"QueueUrl": "nowhere"})
        await call(neighbours, "sqs", "ReceiveMessage", QueueUrl=url)
        await asyncio.to_thread(neighbours.client("sqs", ACCOUNT, REGION).purge_queue, QueueUrl=url)  # type: ignore[attr-defined]
        await call(neighbours, "sqs", "ListQueues")
        end()
        await call(neighbours, "sqs", "DeleteQueue", QueueUrl=url)
        return heard

    assert asyncio.run(main()) == [
        Change("sqs", "CreateQueue", ACCOUNT, REGION),
        Change("sqs", "SendMessage", ACCOUNT, REGION, TRACE),
        Change("sqs", "PurgeQueue", ACCOUNT, REGION),
    ]


def test_time_is_the_emulators(neighbours: Neighbours, clock: VirtualClock) -> None:
    async def main() -> None:
        url = await queue(neighbours)
        await call(neighbours, "sqs", "SendMessage", QueueUrl=url, MessageBody="late", DelaySeconds=60)
        receive = {"QueueUrl": url, "VisibilityTimeout": 30, "AttributeNames": ["All"]}
        assert await call(neighbours, "sqs", "ReceiveMessage", **receive) == {}
        clock.advance(seconds=61)
        first = (await call(neighbours, "sqs", "ReceiveMessage", **receive))["Messages"][0]
        assert await call(neighbours, "sqs", "ReceiveMessage", **receive) == {}
        clock.advance(seconds=31)
        second = (await call(neighbours, "sqs", "ReceiveMessage", **receive))["Messages"][0]

        assert first["Attributes"]["SentTimestamp"] == "1800000000000"
        assert (first["MessageId"], second["Attributes"]["ApproximateReceiveCount"]) == (second["MessageId"], "2")

    asyncio.run(main())


def test_who_waits_for_messages_keeps_nobody_from_sending_them(neighbours: Neighbours) -> None:
    async def main() -> None:
        url = await queue(neighbours)
        waiting = {"QueueUrl": url, "WaitTimeSeconds": 20}
        consumers = [asyncio.ensure_future(call(neighbours, "sqs", "ReceiveMessage", **waiting)) for _ in range(5)]
        await asyncio.wait(consumers, timeout=0.05)
        entries = [{"Id": str(number), "MessageBody": "x"} for number in range(5)]
        await call(neighbours, "sqs", "SendMessageBatch", QueueUrl=url, Entries=entries)
        got = await asyncio.gather(*consumers)

        assert len({message["MessageId"] for answer in got for message in answer["Messages"]}) == 5

    asyncio.run(main())


def test_a_consumer_that_has_gone_takes_no_message(neighbours: Neighbours) -> None:
    async def main() -> None:
        url = await queue(neighbours)
        waiting = {"QueueUrl": url, "WaitTimeSeconds": 20}
        late = await neighbours.call("sqs", "ReceiveMessage", ACCOUNT, REGION, waiting, seconds=0.05)
        assert late == Trouble("Timeout", "sqs did not answer ReceiveMessage within 0.05 s.")

        await call(neighbours, "sqs", "SendMessage", QueueUrl=url, MessageBody="x")
        got = await call(neighbours, "sqs", "ReceiveMessage", QueueUrl=url)
        assert [message["Body"] for message in got["Messages"]] == ["x"]

    asyncio.run(main())


def test_what_changes_something_is_in_flight_meanwhile(neighbours: Neighbours) -> None:
    async def main() -> None:
        sending = asyncio.ensure_future(queue(neighbours))
        waiting = {"QueueUrl": "x", "WaitTimeSeconds": 20}
        reading = asyncio.ensure_future(neighbours.call("sqs", "ReceiveMessage", ACCOUNT, REGION, waiting))
        await asyncio.sleep(0)
        assert list(neighbours.in_flight.values()) == [("sqs:CreateQueue", 1_800_000_000)]
        await neighbours.next_end()
        assert neighbours.in_flight == {}
        await asyncio.gather(sending, reading)

    asyncio.run(main())


def test_a_reset_forgets_everything(neighbours: Neighbours) -> None:
    async def main() -> None:
        await queue(neighbours)
        await call(neighbours, "iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument="{}")
        await call(neighbours, "s3", "CreateBucket", Bucket="photos", CreateBucketConfiguration=LOCATION)
        await call(neighbours, "s3", "PutObject", Bucket="photos", Key="a", Body=b"x")
        neighbours.reset()
        assert await call(neighbours, "sqs", "ListQueues") == {}
        assert (await call(neighbours, "s3", "ListBuckets"))["Buckets"] == []
        other = {"Bucket": "photos", "CreateBucketConfiguration": LOCATION}
        assert isinstance(await neighbours.call("s3", "CreateBucket", "999988887777", REGION, other), dict)
        assert (await call(neighbours, "iam", "ListRoles"))["Roles"] == []

    asyncio.run(main())


def test_who_serves(neighbours: Neighbours) -> None:
    assert (neighbours.serves("sqs"), neighbours.refusal("sqs")) == ("embedded", None)
