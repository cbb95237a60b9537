"""Reading the way of an event: what came in, what it matched, and how each attempt ended."""

import json
import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from emulator.store.deliveries import PENDING, Attempt

_ATTEMPT = ", ".join(Attempt._fields)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one match: `state` is pending (or running), delivered or failed; next try at `due`."""

    id: int
    rule: str
    target_id: str
    target_arn: str
    payload: str
    request_id: str
    state: str
    due: float
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """An event as one bus received it, and everything that followed."""

    account: str
    region: str
    bus: str
    event_id: str
    envelope: str
    at: float
    verdict: str
    deliveries: tuple[Delivered, ...]

    def settled(self, now: float) -> bool:
        """Nothing is running, and nothing is due before a later moment."""
        return all(delivery.state != PENDING or delivery.due > now for delivery in self.deliveries)


class Journal:
    """The read side of the tables that `deliveries.py` writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def ways(self, event_id: str) -> list[Way]:
        """The event of this id, or whose id begins so (an event that was forwarded has come to several buses)."""
        return self._ways("WHERE event_id >= ? AND event_id < ?", (event_id, event_id + "\uffff"), 100)

    def recent(self, limit: int, bus: str | None = None) -> list[Way]:
        """The newest events, newest first."""
        return self._ways("", (), limit) if bus is None else self._ways("WHERE bus = ?", (bus,), limit)

    def _ways(self, where: str, values: tuple[str, ...], limit: int) -> list[Way]:
        rows = self._db.execute(
            "SELECT id, account, region, bus, event_id, envelope, at, verdict FROM received"
            f" {where} ORDER BY id DESC LIMIT ?",
            (*values, limit),
        ).fetchall()
        deliveries = self._deliveries([row[0] for row in rows])
        return [
            Way(account, region, bus, event, envelope, at, verdict, tuple(deliveries[number]))
            for number, account, region, bus, event, envelope, at, verdict in rows
        ]

    def _deliveries(self, received: list[int]) -> defaultdict[int, list[Delivered]]:
        """The deliveries of all of these events, by event; one pass over the table, which has no index."""
        rows = self._db.execute(
            "SELECT received, id, rule, target_id, target_arn, payload, request_id, state, due FROM deliveries"
            " WHERE received IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(received),),
        ).fetchall()
        attempts = self._attempts([row[1] for row in rows])
        by_event: defaultdict[int, list[Delivered]] = defaultdict(list)
        for event, number, rule, target_id, arn, payload, request_id, state, due in rows:
            done = tuple(attempts[number])
            by_event[event].append(Delivered(number, rule, target_id, arn, payload, request_id, state, due, done))
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
