"""Reading the way of an event: what came in, what it matched, how each attempt ended, and what that caused.

Every question reads whole tables: there are no indexes (see schema.sql), and only so many rows.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.store.deliveries import PENDING, Attempt
from emulator.store.letters import Letter, Letters

_ATTEMPT = ", ".join(Attempt._fields)
_MADE = ", ".join(f"a.{name}" for name in Attempt._fields)
_DELIVERED = "id, rule, target_id, target_arn, payload, request_id, state, due, problem, condition"
_WAY = "id, account, region, bus, event_id, envelope, at, verdict, rules, cause"
_CAUSE = 8
"""So many characters of a request id are a cause."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one match: `state` is pending (or running), delivered or failed, and then `condition` is the word
    for why it was given up; next try at `due`.  `attempts` has the second copies of what was made to come twice, too.
    """

    id: int
    rule: str
    target_id: str
    target_arn: str
    payload: str
    request_id: str
    state: str
    due: float
    problem: str | None
    condition: str | None
    attempts: tuple[Attempt, ...]
    letters: tuple[Letter, ...] = ()

    @property
    def own(self) -> tuple[Attempt, ...]:
        """The attempts without second copies."""
        return tuple(attempt for attempt in self.attempts if attempt.duplicate is None)


@dataclass(frozen=True, slots=True)
class Way:
    """An event as one bus received it, and everything that followed.

    `number` grows with each; `rules` are those that matched, `cause` as in `deliveries.Received`.
    """

    number: int
    account: str
    region: str
    bus: str
    event_id: str
    envelope: str
    at: float
    verdict: str
    rules: tuple[str, ...]
    cause: str | None
    deliveries: tuple[Delivered, ...]

    def settled(self, now: float) -> bool:
        """Nothing is running, and nothing is due before a later moment."""
        return all(delivery.state != PENDING or delivery.due > now for delivery in self.deliveries)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One attempt that has ended: for an event (`event_id`), from a function's queue, or (`direct`) waited for."""

    attempt: Attempt
    bus: str
    event_id: str
    rule: str
    payload: str
    cause: str | None

    @property
    def direct(self) -> bool:
        return self.attempt.delivery is None


@dataclass(slots=True)
class Filter:
    """Which events: conditions of SQL on `received`, and the values in them."""

    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> "Filter":
        self.conditions.append(condition)
        self.values += values
        return self

    @property
    def where(self) -> str:
        return f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""


def events_where(
    *, bus: str | None = None, source: str | None = None, detail_type: str | None = None, verdict: str | None = None,
    failed: bool = False, since: float | None = None,
) -> Filter:  # fmt: skip
    """Events of which all of this is true; `failed`: an attempt failed, whether or not a later one succeeded."""
    chosen = Filter()
    for condition, value in (
        ("bus = ?", bus),
        ("json_extract(envelope, '$.source') = ?", source),
        ("json_extract(envelope, '$.detail-type') = ?", detail_type),
        ("verdict = ?", verdict),
        ("at >= ?", since),
    ):
        if value is not None:
            chosen.add(condition, value)
    if failed:
        chosen.add(
            "id IN (SELECT received FROM deliveries WHERE state = 'failed' AND received NOT NULL UNION ALL"
            " SELECT d.received FROM attempts a JOIN deliveries d ON d.id = a.delivery"
            " WHERE a.status <> 'success' AND d.received NOT NULL)"
        )
    return chosen


class Journal:
    """The read side of the tables that `deliveries.py` writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._letters = Letters(connection)

    def ways(self, event_id: str) -> list[Way]:
        """The event of this id, or whose id begins so (an event that was forwarded has come to several buses)."""
        return self.find(Filter().add("event_id >= ? AND event_id < ?", event_id, event_id + "\uffff"), 100)

    def recent(self, limit: int, bus: str | None = None) -> list[Way]:
        """The newest events, newest first."""
        return self.find(events_where(bus=bus), limit)

    def find(self, chosen: Filter, limit: int) -> list[Way]:
        """The newest of those, newest first."""
        return self._ways(chosen.where, chosen.values, f"DESC LIMIT {limit:d}")

    def after(self, number: int, limit: int) -> list[Way]:
        """Those that came after the event of this number, oldest first."""
        return self._ways("WHERE id > ?", [number], f"ASC LIMIT {limit:d}")

    def newest(self) -> int:
        """The number of the newest event; 0 when there is none."""
        number: int | None = self._db.execute("SELECT max(id) FROM received").fetchone()[0]
        return number or 0

    def caused(self, request_ids: Iterable[str], limit: int) -> list[Way]:
        """The events that the handlers of these invocations put, oldest first, on every bus that they came to."""
        causes = json.dumps([request_id[:_CAUSE] for request_id in request_ids])
        chosen = "SELECT event_id FROM received WHERE cause IN (SELECT value FROM json_each(?))"
        return self._ways(f"WHERE event_id IN ({chosen})", [causes], f"ASC LIMIT {limit:d}")

    def invocation(self, cause: str) -> Invocation | None:
        """The invocation whose request id begins so: its latest attempt, or none yet (number 0) when it is running."""
        ended = self._invocations("a.request_id >= ? AND a.request_id < ?", [cause, cause + "\uffff"], 1)
        return ended[0] if ended else self._running(cause)

    def invocations(self, function: str | None, limit: int, *, failed: bool = False) -> list[Invocation]:
        """The newest that have ended, newest first; of the function of this name or ARN."""
        conditions, values = ["a.target_arn LIKE 'arn:aws%:lambda:%:function:%'"], []
        if function is not None:
            part = f"{function}:" if function.startswith("arn:") else f":function:{function}:"
            conditions.append("instr(a.target_arn || ':', ?) > 0")
            values.append(part)
        if failed:
            conditions.append("a.status <> 'success'")
        return self._invocations(" AND ".join(conditions), values, limit)

    def _invocations(self, where: str, values: Sequence[Any], limit: int) -> list[Invocation]:
        rows = self._db.execute(
            f"SELECT {_MADE}, d.received, d.bus, d.event_id, d.rule, d.payload, d.trace"
            " FROM attempts a LEFT JOIN deliveries d ON d.id = a.delivery"
            f" WHERE {where} ORDER BY a.id DESC LIMIT ?",
            (*values, limit),
        )
        return [_invocation(Attempt(*row[: len(Attempt._fields)]), *row[len(Attempt._fields) :]) for row in rows]

    def _running(self, cause: str) -> Invocation | None:
        row = self._db.execute(
            "SELECT account, region, target_arn, request_id, created, received, bus, event_id, rule, payload, trace"
            " FROM deliveries WHERE request_id >= ? AND request_id < ? LIMIT 1",
            (cause, cause + "\uffff"),
        ).fetchone()
        if row is None:
            return None
        account, region, arn, request_id, created, *rest = row
        none_yet = Attempt(0, account, region, arn, 0, request_id, created, created, PENDING, None, None, b"", "")
        return _invocation(none_yet, *rest)

    def _ways(self, where: str, values: Sequence[Any], order: str) -> list[Way]:
        rows = self._db.execute(f"SELECT {_WAY} FROM received {where} ORDER BY id {order}", values).fetchall()
        deliveries = self._deliveries([row[0] for row in rows]) if rows else {}
        return [
            Way(*[*head, tuple(rules.split()), cause, tuple(deliveries.get(head[0], ()))])
            for *head, rules, cause in rows
        ]

    def _deliveries(self, received: list[int]) -> dict[int, list[Delivered]]:
        """The deliveries of all of these events, by event; one pass over the table, which has no index."""
        rows = self._db.execute(
            f"SELECT received, {_DELIVERED} FROM deliveries"
            " WHERE received IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(received),),
        ).fetchall()
        attempts = self._attempts([row[1] for row in rows])
        letters = self._letters.of(row[1] for row in rows)
        by_event: defaultdict[int, list[Delivered]] = defaultdict(list)
        for event, number, *rest in rows:
            by_event[event].append(Delivered(*[number, *rest, tuple(attempts[number]), tuple(letters.get(number, ()))]))
        return by_event

    def _attempts(self, deliveries: list[int]) -> defaultdict[int, list[Attempt]]:
        rows = self._db.execute(
            f"SELECT {_ATTEMPT} FROM attempts WHERE delivery IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(deliveries),),
        )
        by_delivery: defaultdict[int, list[Attempt]] = defaultdict(list)
        for row in rows:
            by_delivery[row[0]].append(Attempt(*row))
        return by_delivery


def _invocation(
    attempt: Attempt, received: int | None, bus: str | None, event_id: str | None, rule: str | None,
    payload: str | None, trace: str | None,
) -> Invocation:  # fmt: skip
    """An event's own cause is that of the event; what was invoked without one has its cause in its trace."""
    if received is not None:
        return Invocation(attempt, bus or "", event_id or "", rule or "", payload or "", None)
    return Invocation(attempt, "", "", "", payload or attempt.input or "", attempt.cause or _cause_in(trace))


def _cause_in(trace: str | None) -> str | None:
    """`…;Lineage=1:0a1b2c3d:0` (see delivery/trace.py)."""
    parts = (trace or "").partition("Lineage=")[2].partition(";")[0].split(":")
    return parts[1] if len(parts) == 3 else None
