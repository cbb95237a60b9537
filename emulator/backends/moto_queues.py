"""moto's queues, made fit for many messages, for the emulator's clock and for consumers that wait.

moto 5.2 counts all messages of a queue, three times, whenever it asks for one attribute of the queue: a queue of a
thousand messages takes 40 messages a second then, and one of ten thousand next to none.  Here it counts when a number
is asked for, and finds a message by its handle without looking at all others.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.core.utils import camelcase_to_underscores
from moto.sqs import models
from moto.sqs.exceptions import ReceiptHandleIsInvalid

from emulator.backends.context import WORK

MAX_DELETED = 10_000
"""So many handles of deleted messages are known as such: to delete a message twice is no error, as on AWS."""


def install() -> None:
    """Queues that moto makes from now on are these; again is as good as once."""
    module: Any = models
    module.Message, module.Queue = Message, Queue
    module.unix_time, module.unix_time_millis = _seconds, _milliseconds
    models.sqs_backends.backend = Backend


def _seconds() -> float:
    return WORK.get().now()


def _milliseconds() -> float:
    return WORK.get().now() * 1000


class Message(models.Message):
    @property
    def visible(self) -> bool:
        return _milliseconds() > self.visible_at

    @property
    def delayed(self) -> bool:
        return _milliseconds() < self.delayed_until

    def had_receipt_handle(self, receipt_handle: str) -> bool:
        return receipt_handle == self.receipt_handle or receipt_handle in self._old_receipt_handles


class Queue(models.Queue):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deleted_messages: Any = _Latest(MAX_DELETED)

    @property
    def attributes(self) -> Any:
        return _Attributes(self)

    @property
    def messages(self) -> list[models.Message]:
        now = _milliseconds()
        return [message for message in self._messages if message.visible_at < now >= message.delayed_until]

    def delete_message(self, receipt_handle: str) -> None:
        if receipt_handle in self.deleted_messages:
            return
        for at, message in enumerate(self._messages):
            if message.had_receipt_handle(receipt_handle):
                self.pending_messages.discard(message)
                self.deleted_messages.update(message.all_receipt_handles)
                del self._messages[at]
                return
        raise ReceiptHandleIsInvalid


class Backend(models.SQSBackend):
    __module__ = models.__name__  # by which moto finds the paths of a backend

    def send_message_batch(
        self, queue_name: str, entries: dict[str, dict[str, Any]]
    ) -> tuple[list[models.Message], list[dict[str, Any]]]:
        """moto leaves the system attributes (AWSTraceHeader) of a batch out."""
        sent, failed = super().send_message_batch(queue_name, entries)
        attributes = {entry["Id"]: entry.get("MessageSystemAttributes") for entry in entries.values()}
        for message in sent:
            message.system_attributes = attributes[message.user_id] or {}  # type: ignore[attr-defined]
        return sent, failed

    def receive_message(
        self,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[models.Message]:
        """Waits without keeping the service from others, and takes no message for a consumer that has gone."""
        work, until = WORK.get(), time.monotonic() + wait_seconds_timeout
        while True:
            if work.abandoned():
                return []
            found = super().receive_message(queue_name, count, 0, visibility_timeout, message_attribute_names)
            left = until - time.monotonic()
            if found or left <= 0 or work.changed is None:
                return found
            # A virtual clock may be moved meanwhile, and gives no sign.
            work.changed.wait(min(left, 0.5) if _waits_for_time(self.get_queue(queue_name)) else left)


def _waits_for_time(queue: models.Queue) -> bool:
    """Are there messages that will be seen without anybody doing anything?"""
    now = _milliseconds()
    return any(message.visible_at >= now or message.delayed_until > now for message in queue._messages)


class _Attributes(Mapping[str, Any]):
    """The attributes of a queue, each one worked out when it is asked for; those that it has not are not there."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def __getitem__(self, name: str) -> Any:
        if name not in self._names():
            raise KeyError(name)
        value = getattr(self._queue, camelcase_to_underscores(name))
        if isinstance(value, bool):
            return str(value).lower()
        return json.dumps(value) if name == "RedrivePolicy" and value else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def _names(self) -> list[str]:
        fifo = self._queue.FIFO_ATTRIBUTES if self._queue.fifo_queue else []
        encrypted: Any = self._queue
        return [*self._queue.BASE_ATTRIBUTES, *fifo, *(encrypted.KMS_ATTRIBUTES if encrypted.kms_master_key_id else [])]


class _Latest:
    """A set that forgets what it was given first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._all: dict[str, None] = {}

    def __contains__(self, item: object) -> bool:
        return item in self._all

    def update(self, items: Iterable[str | None]) -> None:
        self._all |= dict.fromkeys(item for item in items if item is not None)
        while len(self._all) > self._most:
            del self._all[next(iter(self._all))]
