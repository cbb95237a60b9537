"""Events that came in, what was to be delivered of them, and every attempt: the record of the way of an event."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

PENDING, RUNNING, DELIVERED, FAILED = "pending", "running", "delivered", "failed"


@dataclass(frozen=True, slots=True)
class Received:
    """An event as a bus got it.  `envelope` is its compact JSON, `verdict` one of matched, unmatched, unknown_bus."""

    account: str
    region: str
    bus: str
    event_id: str
    envelope: str
    at: float
    verdict: str
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to hand to one target.  `received` is None when no event caused it (an asynchronous Invoke).

    `attempt` counts from 1 and is the attempt that is running once the delivery has been claimed.
    `problem` is an error code (`INVALID_JSON`) when the payload cannot be sent at all.
    """

    id: int
    received: int | None
    account: str
    region: str
    bus: str
    event_id: str
    rule: str
    target_id: str
    target_arn: str
    payload: str
    problem: str | None
    trace: str | None
    request_id: str
    attempt: int
    created: float


class NewDelivery(NamedTuple):
    """A delivery before it has a number: the fields of `Delivery`, and when it is due (seconds since 1970).

    A tuple, because it goes into the database as it is, several for each event.
    """

    received: int | None
    account: str
    region: str
    bus: str
    event_id: str
    rule: str
    target_id: str
    target_arn: str
    payload: str
    problem: str | None
    trace: str | None
    request_id: str
    created: float
    due: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery, or one direct invocation (`delivery` None).  `status` is that of its result."""

    delivery: int | None
    account: str
    region: str
    target_arn: str
    number: int
    request_id: str
    started: float
    ended: float
    status: str
    error_type: str | None
    error_message: str | None
    payload: bytes
    log: str


_DELIVERY = (
    "id, received, account, region, bus, event_id, rule, target_id, target_arn, payload, problem, trace,"
    " request_id, attempt, created"
)


class Deliveries:
    """The tables received, deliveries and attempts.

    What is finished is kept for looking at, up to `keep` events; what is pending or running is never dropped.
    """

    def __init__(self, connection: sqlite3.Connection, keep: int) -> None:
        self._db = connection
        self._keep = keep

    def receive(self, event: Received) -> int:
        """Record an event; the number that its deliveries refer to."""
        cursor = self._db.execute(
            "INSERT INTO received (account, region, bus, event_id, envelope, at, verdict, trace)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (
                event.account,
                event.region,
                event.bus,
                event.event_id,
                event.envelope,
                event.at,
                event.verdict,
                event.trace,
            ),
        )
        number = cursor.lastrowid
        assert number is not None
        return number

    def enqueue(self, deliveries: Iterable[NewDelivery]) -> None:
        """Store them as pending."""
        self._db.executemany(
            "INSERT INTO deliveries (received, account, region, bus, event_id, rule, target_id, target_arn, payload,"
            " problem, trace, request_id, created, due) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            deliveries,
        )

    def claim_due(self, now: float, limit: int) -> list[Delivery]:
        """Take what is due, oldest first: it is running from here on, and its attempt is counted."""
        rows = self._db.execute(
            f"UPDATE deliveries SET state = 'running', attempt = attempt + 1 WHERE id IN (SELECT id FROM deliveries"
            f" WHERE state = 'pending' AND due <= ? ORDER BY due, id LIMIT ?) RETURNING {_DELIVERY}",
            (now, limit),
        ).fetchall()
        rows.sort()
        return [Delivery(*row) for row in rows]

    def settle(self, states: Sequence[tuple[str, float, int]], attempts: Sequence[Attempt]) -> None:
        """Record what came of attempts: rows (state, due, delivery id), and the attempts themselves."""
        self._db.executemany("UPDATE deliveries SET state = ?, due = ? WHERE id = ?", states)
        self.record(attempts)

    def record(self, attempts: Iterable[Attempt]) -> None:
        self._db.executemany(
            "INSERT INTO attempts (delivery, account, region, target_arn, number, request_id, started, ended, status,"
            " error_type, error_message, payload, log) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                (
                    a.delivery, a.account, a.region, a.target_arn, a.number, a.request_id, a.started, a.ended, a.status,
                    a.error_type, a.error_message, a.payload, a.log,
                )
                for a in attempts
            ),
        )  # fmt: skip

    def next_due(self) -> float | None:
        """The earliest moment at which something that is pending is due."""
        due: float | None = self._db.execute("SELECT min(due) FROM deliveries WHERE state = 'pending'").fetchone()[0]
        return due

    def unfinished(self) -> int:
        count: int = self._db.execute(
            "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'running')"
        ).fetchone()[0]
        return count

    def requeue_running(self) -> int:
        """After a restart: what was running when the process ended is pending again (at least once); how many."""
        return self._db.execute("UPDATE deliveries SET state = 'pending' WHERE state = 'running'").rowcount

    def trim(self) -> None:
        """Forget the oldest events beyond `keep`, with their deliveries and attempts; unfinished ones stay."""
        newest: int | None = self._db.execute("SELECT max(id) FROM received").fetchone()[0]
        if newest is None or newest <= self._keep:
            return
        oldest = newest - self._keep
        self._db.execute(
            "DELETE FROM attempts WHERE delivery IN (SELECT id FROM deliveries WHERE received <= ?"
            " AND state NOT IN ('pending', 'running'))",
            (oldest,),
        )
        self._db.execute(
            "DELETE FROM deliveries WHERE received <= ? AND state NOT IN ('pending', 'running')", (oldest,)
        )
        self._db.execute(
            "DELETE FROM received WHERE id <= ? AND id NOT IN (SELECT received FROM deliveries WHERE received <= ?)",
            (oldest, oldest),
        )
        self._db.execute(
            "DELETE FROM attempts WHERE delivery IS NULL AND id <= (SELECT max(id) FROM attempts) - ?", (self._keep,)
        )
