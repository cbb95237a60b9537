"""Queues and their messages: what SQS would have, as far as dead letters and targets of rules need it."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from emulator.arn import Arn

MAX_MESSAGES = 10_000
"""In one queue; of more, the oldest go, and are counted."""


class QueueKey(NamedTuple):
    """Which queue."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return str(Arn("sqs", self.region, self.account, self.name))

    @classmethod
    def of(cls, arn: str) -> "QueueKey | None":
        """None for what is not the ARN of a queue."""
        parsed = Arn.parse(arn)
        return (
            None if parsed is None or parsed.service != "sqs" else cls(parsed.account, parsed.region, parsed.resource)
        )


@dataclass(frozen=True, slots=True)
class Queue:
    """`messages` lie there now, `sent` ever came, `dropped` went because there were too many; `created` in seconds."""

    key: QueueKey
    created: float
    messages: int
    sent: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`attributes` as SQS has them, `{name: {"DataType": "String", "StringValue": …}}`; `system` are SQS's own
    (AWSTraceHeader, SenderId, SentTimestamp, …), all text; `sent` in seconds since 1970."""

    id: str
    body: str
    sent: float
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    system: Mapping[str, str] = field(default_factory=dict)


_ONE = "account = ? AND region = ? AND name = ?"
_OF = "account = ? AND region = ? AND queue = ?"


class Queues:
    """The tables queues and messages."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(self, key: QueueKey, now: float) -> bool:
        """Make it, unless it is there: then False."""
        cursor = self._db.execute(
            "INSERT INTO queues (account, region, name, created) VALUES (?,?,?,?) ON CONFLICT DO NOTHING", (*key, now)
        )
        return bool(cursor.rowcount)

    def forget_counts(self) -> None:
        """Count from here on (the messages were forgotten)."""
        self._db.execute("UPDATE queues SET sent = 0, dropped = 0")

    def exists(self, key: QueueKey) -> bool:
        return self._db.execute(f"SELECT 1 FROM queues WHERE {_ONE}", key).fetchone() is not None

    def find(self, key: QueueKey) -> Queue | None:
        return next(iter(self._read(f"WHERE {_ONE}", key)), None)

    def all(self) -> list[Queue]:
        """Of every account and region, by name."""
        return self._read("", ())

    def named(self, name: str) -> list[Queue]:
        """Those of this name, of every account and region."""
        return self._read("WHERE name = ?", (name,))

    def remove(self, key: QueueKey) -> bool:
        """With its messages; False when there was none."""
        self.purge(key)
        return bool(self._db.execute(f"DELETE FROM queues WHERE {_ONE}", key).rowcount)

    def send(self, key: QueueKey, message: Message) -> bool:
        """False when there is no such queue."""
        counted = self._db.execute(f"UPDATE queues SET sent = sent + 1 WHERE {_ONE}", key)
        if not counted.rowcount:
            return False
        self._db.execute(
            "INSERT INTO messages (account, region, queue, message_id, body, attributes, system, sent)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (*key, message.id, message.body, json.dumps(message.attributes), json.dumps(message.system), message.sent),
        )
        self._drop_the_oldest(key)
        return True

    def messages(self, key: QueueKey, limit: int) -> list[Message]:
        """Oldest first."""
        rows = self._db.execute(
            f"SELECT message_id, body, attributes, system, sent FROM messages WHERE {_OF} ORDER BY id LIMIT ?",
            (*key, limit),
        )
        return [
            Message(id=id, body=body, attributes=json.loads(attributes), system=json.loads(system), sent=sent)
            for id, body, attributes, system, sent in rows
        ]

    def purge(self, key: QueueKey) -> int:
        """Throw all messages away; how many there were."""
        return self._db.execute(f"DELETE FROM messages WHERE {_OF}", key).rowcount

    def _drop_the_oldest(self, key: QueueKey) -> None:
        # From the newest back: the index is walked, and only where there are too many is anything found.
        dropped = self._db.execute(
            f"DELETE FROM messages WHERE {_OF} AND id <="
            f" (SELECT id FROM messages WHERE {_OF} ORDER BY id DESC LIMIT 1 OFFSET {MAX_MESSAGES})",
            (*key, *key),
        ).rowcount
        if dropped:
            self._db.execute(f"UPDATE queues SET dropped = dropped + ? WHERE {_ONE}", (dropped, *key))

    def _read(self, where: str, values: tuple[str, ...]) -> list[Queue]:
        rows = self._db.execute(
            "SELECT account, region, name, created, sent, dropped, (SELECT count(*) FROM messages m"
            " WHERE m.account = q.account AND m.region = q.region AND m.queue = q.name)"
            f" FROM queues q {where} ORDER BY name, account, region",
            values,
        )
        return [
            Queue(QueueKey(account, region, name), created, messages, sent, dropped)
            for account, region, name, created, sent, dropped, messages in rows
        ]
