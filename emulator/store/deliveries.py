"""Events that came in, what was to be delivered of them, and every attempt: the record of the way of an event.

The rows are tuples that go into the database as they are, and many of them in one statement: this is written for
every event, and each statement lets go of the interpreter while handlers on other threads wait for it.
"""

import json
import sqlite3
from collections import deque
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import count, groupby
from typing import Any, NamedTuple

PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"

_ROWS_A_STATEMENT = 50
_TRIM_EVERY = 2_000  # rows written; so the bounds are kept to within that
_ATTEMPTS_AN_EVENT = 4
_MAX_BYTES = 256 * 1024 * 1024  # of results and logs: a few talkative handlers must not fill the memory
_TRIM_BYTES = _MAX_BYTES // 32


class Received(NamedTuple):
    """An event as a bus got it.

    `envelope` is its compact JSON, `verdict` one of matched, unmatched, unknown_bus; `rules` are the names of those
    that matched, with blanks between them; `cause` is how the request id of the invocation begins whose handler put it.
    """

    id: int
    account: str
    region: str
    bus: str
    event_id: str
    envelope: str
    at: float
    verdict: str
    trace: str | None
    rules: str = ""
    cause: str | None = None


class Delivery(NamedTuple):
    """Something to hand to one target.

    `received` is None when no event caused it (an asynchronous Invoke); `problem` is an error code (`INVALID_JSON`)
    when the payload cannot be sent at all; `attempts` counts those that have ended; `due` is when the next one may
    begin.  `taken` is since when Lambda's queue has it: from then on the attempts are Lambda's, counted from one again.
    Moments are seconds since 1970.
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
    attempts: int
    created: float
    due: float
    taken: float | None = None


class Attempt(NamedTuple):
    """One try of a delivery, or one direct invocation (`delivery` None).

    `status` is that of its result, `place` the user's own line that failed (`functions/charge.py:7`).  A direct
    invocation has its payload as `input`, and a `cause` when a handler made it (as in Received).  `by` is whose attempt
    it was, `eventbridge` or `lambda`: each counts its own.  `duplicate` is None, but for the second copy of what was
    made to come twice: then it says whose fault that is, as `by` does; it has the number of the first.  `note` is what
    AWS would have said to it.
    """

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
    place: str | None = None
    cause: str | None = None
    input: str | None = None
    by: str = "lambda"
    duplicate: str | None = None
    note: str | None = None


class Settled(NamedTuple):
    """What a delivery is after an attempt: its state, how many attempts have ended, and when the next one is due.  One
    that failed has a `condition`, the word for why it was given up."""

    id: int
    state: str
    attempts: int
    due: float
    taken: float | None = None
    condition: str | None = None


class _Note(NamedTuple):
    """The highest numbers at some moment, and how many characters of results and logs this process had written."""

    received: int
    deliveries: int
    attempts: int
    size: int


_DELIVERY = ", ".join(Delivery._fields)
_ATTEMPT = ", ".join(Attempt._fields)


class Deliveries:
    """The tables received, deliveries and attempts.

    What is finished is kept for looking at: up to `keep` events, and four times as many attempts (an event may have
    several targets, and an invocation no event). What is pending is never dropped.
    """

    def __init__(self, connection: sqlite3.Connection, keep: int) -> None:
        self._db = connection
        self._keep = keep
        self._received = count(self._highest("received") + 1)
        self._deliveries = count(self._highest("deliveries") + 1)
        self._bytes = 0
        self._notes = deque([self._note()])
        self._written = 0
        self._pause = _TRIM_EVERY
        self.count_again()

    def count_again(self) -> None:
        """What was counted is no longer true (a change was rolled back, or the tables were emptied)."""
        self._there: int | None = None
        self._pending: int | None = None

    def forget(self) -> None:
        """The tables were emptied or replaced.  Numbers go on: what still runs must not be taken for something new."""
        self._received = count(max(next(self._received), self._highest("received") + 1))
        self._deliveries = count(max(next(self._deliveries), self._highest("deliveries") + 1))
        self._notes = deque([self._note()])
        self.received()
        self.unfinished()

    def new_received(self) -> int:
        """A number for an event that comes in."""
        return next(self._received)

    def new_delivery(self) -> int:
        """A number for a delivery; later ones are greater."""
        return next(self._deliveries)

    def add(self, received: Sequence[Received], deliveries: Sequence[Delivery]) -> None:
        """Store events, and what is to be delivered of them."""
        self._insert("received", Received._fields, received)
        self._insert("deliveries", Delivery._fields, deliveries)
        if self._there is not None:
            self._there += len(received)
        if self._pending is not None:
            self._pending += len(deliveries)
        self._trim_now_and_then()

    def settle(self, settled: Sequence[Settled], attempts: Sequence[Attempt]) -> None:
        """Record what came of attempts, and the attempts themselves."""
        finished = sorted((s for s in settled if s.state != PENDING), key=_how)
        for how, rows in groupby(finished, key=_how):
            ended = self._db.execute(
                "UPDATE deliveries SET state = ?, attempts = ?, condition = nullif(?, '')"
                " WHERE state = 'pending' AND id IN (SELECT value FROM json_each(?))",
                (*how, json.dumps([row.id for row in rows])),
            ).rowcount
            if self._pending is not None:
                self._pending -= ended
        again = [(s.attempts, s.due, s.taken, s.id) for s in settled if s.state == PENDING]
        self._db.executemany("UPDATE deliveries SET attempts = ?, due = ?, taken = ? WHERE id = ?", again)
        self.record(attempts)

    def record(self, attempts: Sequence[Attempt]) -> None:
        self._insert("attempts", Attempt._fields, attempts)
        for attempt in attempts:
            self._bytes += len(attempt.payload) + len(attempt.log)
        self._trim_now_and_then()

    def pending(self, target_arn: str, after: int, now: float, limit: int) -> list[Delivery]:
        """What is pending and due for this target, numbered above `after`, in the order of the numbers."""
        rows = self._db.execute(
            f"SELECT {_DELIVERY} FROM deliveries WHERE state = 'pending' AND id > ? AND target_arn = ? AND due <= ?"
            " ORDER BY id LIMIT ?",
            (after, target_arn, now, limit),
        )
        return [Delivery(*row) for row in rows]

    def due_targets(self, now: float) -> dict[str, int]:
        """The targets for which something is pending and due, and how much; who has waited longest comes first."""
        rows = self._db.execute(
            "SELECT target_arn, count(*) FROM deliveries WHERE state = 'pending' AND due <= ? GROUP BY 1"
            " ORDER BY min(id)",
            (now,),
        )
        return dict(rows.fetchall())

    def pending_counts(self) -> dict[str, int]:
        """How many deliveries are not finished, by target."""
        rows = self._db.execute("SELECT target_arn, count(*) FROM deliveries WHERE state = 'pending' GROUP BY 1")
        return dict(rows.fetchall())

    def later(self, now: float) -> list[tuple[float, int]]:
        """When, and the number, of everything that is pending and not due yet."""
        return self._db.execute("SELECT due, id FROM deliveries WHERE state = 'pending' AND due > ?", (now,)).fetchall()

    def get(self, numbers: Iterable[int]) -> list[Delivery]:
        """The deliveries of these numbers that are still pending, in their order."""
        rows = self._db.execute(
            f"SELECT {_DELIVERY} FROM deliveries WHERE state = 'pending'"
            " AND id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(numbers)),),
        )
        return [Delivery(*row) for row in rows]

    def last_attempts(self, numbers: Iterable[int]) -> dict[int, Attempt]:
        """The last attempt of each of these deliveries that had one; a second copy is none."""
        rows = self._db.execute(
            f"SELECT {_ATTEMPT}, max(id) FROM attempts WHERE duplicate IS NULL"
            " AND delivery IN (SELECT value FROM json_each(?)) GROUP BY delivery",
            (json.dumps(list(numbers)),),
        )
        return {row[0]: Attempt(*row[:-1]) for row in rows}

    def received(self) -> int:
        """How many events are remembered: counted once, and kept up from there on, for a journal takes a while."""
        if self._there is None:
            self._there = int(self._db.execute("SELECT count(*) FROM received").fetchone()[0])
        return self._there

    def unfinished(self) -> int:
        """How many deliveries have not ended."""
        if self._pending is None:
            rows = self._db.execute("SELECT count(*) FROM deliveries WHERE state = 'pending'")
            self._pending = int(rows.fetchone()[0])
        return self._pending

    def trim(self) -> None:
        """Forget what is older than the bounds allow; what is unfinished stays.

        Numbers only grow, so what belongs to an old event has an old number. Each call notes the numbers of its time,
        and takes away what lies below the newest note that is old enough: it reads nothing but what it deletes.
        """
        self._written = 0
        now = self._note()
        self._notes.append(now)
        note = None
        while self._is_old(self._notes[0], now):
            note = self._notes.popleft()
        if note is None:
            return
        unfinished = "FROM deliveries WHERE id <= ? AND state = 'pending'"
        self._db.execute(
            f"DELETE FROM attempts WHERE id <= ? AND (delivery IS NULL OR delivery NOT IN (SELECT id {unfinished}))",
            (note.attempts, note.deliveries),
        )
        gone = self._db.execute(
            f"DELETE FROM received WHERE id <= ? AND id NOT IN (SELECT received {unfinished} AND received NOT NULL)",
            (note.received, note.deliveries),
        ).rowcount
        if self._there is not None:
            self._there -= gone
        self._db.execute("DELETE FROM deliveries WHERE id <= ? AND state <> 'pending'", (note.deliveries,))
        # What stays is read again the next time: the more it is, the later that should be.
        stays = self._db.execute("SELECT count(*) FROM deliveries WHERE id <= ?", (note.deliveries,)).fetchone()[0]
        self._pause = max(_TRIM_EVERY, stays)

    def _trim_now_and_then(self) -> None:
        if self._written >= self._pause or self._bytes - self._notes[-1].size >= _TRIM_BYTES:
            self.trim()

    def _is_old(self, note: _Note, now: _Note) -> bool:
        if note.received <= now.received - self._keep or note.size <= now.size - _MAX_BYTES:
            return True
        return note.attempts <= now.attempts - _ATTEMPTS_AN_EVENT * self._keep

    def _note(self) -> _Note:
        return _Note(self._highest("received"), self._highest("deliveries"), self._highest("attempts"), self._bytes)

    def _highest(self, table: str) -> int:
        highest: int | None = self._db.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
        return highest or 0

    def _insert(self, table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        self._written += len(rows)
        for start in range(0, len(rows), _ROWS_A_STATEMENT):
            some = rows[start : start + _ROWS_A_STATEMENT]
            self._db.execute(_statement(table, columns, len(some)), [value for row in some for value in row])


def _how(settled: Settled) -> tuple[str, int, str]:
    return settled.state, settled.attempts, settled.condition or ""


@lru_cache(maxsize=4 * _ROWS_A_STATEMENT)
def _statement(table: str, columns: tuple[str, ...], rows: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"
