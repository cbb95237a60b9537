"""moto's queues with many messages in them, against moto's own on the same calls."""

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.backends import quiet
from emulator.backends.context import WORK, Work
from emulator.clock import VirtualClock

CLOCK = VirtualClock(1_800_000_000)


@pytest.fixture
def queues() -> Iterator[Any]:
    """moto's backend for queues, as the emulator makes it."""
    quiet.install()
    token = WORK.set(Work(now=CLOCK.now))
    from emulator.backends import moto_queues

    moto_queues.install()
    yield moto_queues.Backend("eu-west-1", "111122223333")
    WORK.reset(token)


class Counted(list[Any]):
    """Says how often somebody went through it."""

    times = 0

    def __iter__(self) -> Iterator[Any]:
        self.times += 1
        return super().__iter__()


def test_to_send_is_to_look_at_no_other_message(queues: Any) -> None:
    queue = queues.create_queue("orders")
    queue._messages = Counted()
    entries: dict[str, Any] = {
        str(n): {"Id": str(n), "MessageBody": "x", "MessageAttributes": {}, "DelaySeconds": None} for n in range(10)
    }
    sent, failed = queues.send_message_batch("orders", entries)
    assert (len(sent), failed, queue._messages.times) == (10, [], 0)
    assert queue.attributes["ApproximateNumberOfMessages"] == 10
    assert queue._messages.times == 1


def test_attributes_are_those_of_motos_own_queue(queues: Any) -> None:
    from emulator.backends import moto_queues

    settings = {"FifoQueue": "true", "KmsMasterKeyId": "k", "ContentBasedDeduplication": "true"}
    queues.create_queue("dead.fifo", FifoQueue="true")
    ours = queues.create_queue("orders.fifo", **settings)
    plain = queues.create_queue("plain")
    for queue in (ours, plain):
        theirs = moto_queues.models.Queue.__mro__[1].attributes.fget(queue)  # type: ignore[attr-defined]
        assert dict(queue.attributes) == theirs


def test_a_batch_keeps_the_trace_of_each_message(queues: Any) -> None:
    queues.create_queue("orders")
    header = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}
    entry: dict[str, Any] = {"MessageBody": "x", "MessageAttributes": {}, "DelaySeconds": None}
    entries = {"0": entry | {"Id": "a", "MessageSystemAttributes": header}, "1": entry | {"Id": "b"}}
    queues.send_message_batch("orders", entries)
    got = queues.receive_message("orders", 10, 0, 30)
    assert [message.system_attributes for message in got] == [header, {}]


def test_handles(queues: Any) -> None:
    from moto.sqs.exceptions import ReceiptHandleIsInvalid

    queues.create_queue("orders")
    for body in "ab":
        queues.send_message("orders", body)
    first, second = queues.receive_message("orders", 2, 0, 0)
    CLOCK.advance(seconds=1)
    [again] = queues.receive_message("orders", 1, 0, 30)
    assert again.id == first.id
    queues.delete_message("orders", first.receipt_handle)  # an old handle does as well
    queues.delete_message("orders", again.receipt_handle)  # twice is no error
    with pytest.raises(ReceiptHandleIsInvalid):
        queues.delete_message("orders", "nonsense")
    queues.delete_message("orders", second.receipt_handle)
    assert queues.get_queue("orders").attributes["ApproximateNumberOfMessages"] == 0


def test_what_is_known_of_deleted_messages_is_bounded(queues: Any) -> None:
    from emulator.backends import moto_queues

    latest = moto_queues._Latest(3)
    latest.update(["a", None, "b"])
    latest.update(["c", "d"])
    assert [item in latest for item in "abcd"] == [False, True, True, True]


def test_messages_go_where_the_redrive_policy_says(queues: Any) -> None:
    from moto.sqs.models import sqs_backends as backends

    queues = backends["111122223333"]["eu-west-1"]  # moto looks for the other queue there
    try:
        dead = queues.create_queue("dead")
        policy = {"deadLetterTargetArn": dead.queue_arn, "maxReceiveCount": 1}
        queues.create_queue("orders", RedrivePolicy=policy)
        queues.send_message("orders", "x")
        assert len(queues.receive_message("orders", 1, 0, 30)) == 1
        CLOCK.advance(seconds=31)
        assert queues.receive_message("orders", 1, 0, 30) == []
        assert [message.body for message in dead.messages] == ["x"]
    finally:
        queues.reset()
