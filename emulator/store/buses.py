"""Event buses.

The default bus exists in every account and region without being created: `exists` says so of it at once, and
`ensure_default` gives it a row before something refers to it.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.arn import Arn

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class BusKey:
    """Which bus."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return str(Arn("events", self.region, self.account, f"event-bus/{self.name}"))


@dataclass(frozen=True, slots=True)
class Bus:
    """One bus; `dead_letter_config` and `log_config` as AWS's members, `policy` compact JSON, moments in seconds."""

    account: str
    region: str
    name: str
    created: float
    modified: float
    description: str | None = None
    kms_key: str | None = None
    dead_letter_config: Mapping[str, Any] | None = None
    log_config: Mapping[str, Any] | None = None
    policy: str | None = None
    managed_by: str | None = None

    @property
    def key(self) -> BusKey:
        return BusKey(self.account, self.region, self.name)

    @property
    def arn(self) -> str:
        return self.key.arn


_COLUMNS = (
    "account, region, name, created, modified, description, kms_key, dead_letter_config, log_config, policy, managed_by"
)
_REMEMBERED = 1_000
_ONE = "account = ? AND region = ? AND name = ?"


class Buses:
    """The table buses.  Those that were looked for are remembered: every PutEvents looks for its bus."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._found: dict[BusKey, Bus | None] = {}

    def forget(self) -> None:
        """What is remembered is no longer true (a change was rolled back, or the tables were emptied)."""
        self._found.clear()

    def find(self, key: BusKey) -> Bus | None:
        """The stored bus; None also for a default bus that nobody has needed yet."""
        if key not in self._found:
            row = self._db.execute(
                f"SELECT {_COLUMNS} FROM buses WHERE {_ONE}", (key.account, key.region, key.name)
            ).fetchone()
            if len(self._found) >= _REMEMBERED:  # names come from outside: anybody may ask for any number of them
                self.forget()
            self._found[key] = None if row is None else _from(row)
        return self._found[key]

    def exists(self, key: BusKey) -> bool:
        """True for the default bus of every account and region."""
        if key.name == DEFAULT:
            return True
        return self.find(key) is not None

    def ensure_default(self, account: str, region: str, now: float) -> None:
        """Give the default bus its row, unless it has one."""
        self.forget()
        self._db.execute(
            "INSERT INTO buses (account, region, name, created, modified) VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
            (account, region, DEFAULT, now, now),
        )

    def all(self, account: str, region: str) -> list[Bus]:
        """By name."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM buses WHERE account = ? AND region = ? ORDER BY name", (account, region)
        )
        return [_from(row) for row in rows]

    def names(self) -> list[str]:
        """Of every account and region, each once; without a default bus that nobody has needed yet."""
        return [name for (name,) in self._db.execute("SELECT DISTINCT name FROM buses")]

    def places(self, name: str) -> list[tuple[str, str]]:
        """The (account, region) pairs that have a bus of this name: where an event may have been meant to go."""
        rows = self._db.execute("SELECT account, region FROM buses WHERE name = ? ORDER BY 1, 2", (name,))
        return rows.fetchall()

    def put(self, bus: Bus) -> None:
        """Insert, or update the one of that name."""
        self.forget()
        self._db.execute(
            f"INSERT INTO buses ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
            " modified = excluded.modified, description = excluded.description, kms_key = excluded.kms_key,"
            " dead_letter_config = excluded.dead_letter_config, log_config = excluded.log_config,"
            " policy = excluded.policy, managed_by = excluded.managed_by",
            (
                bus.account, bus.region, bus.name, bus.created, bus.modified, bus.description, bus.kms_key,
                _json(bus.dead_letter_config), _json(bus.log_config), bus.policy, bus.managed_by,
            ),
        )  # fmt: skip

    def remove(self, key: BusKey) -> bool:
        """False when there was none.  Its rules must be gone before."""
        self.forget()
        cursor = self._db.execute(f"DELETE FROM buses WHERE {_ONE}", (key.account, key.region, key.name))
        return bool(cursor.rowcount)


def _json(members: Mapping[str, Any] | None) -> str | None:
    return None if members is None else json.dumps(members)


def _from(row: tuple[Any, ...]) -> Bus:
    account, region, name, created, modified, description, kms_key, dead_letter_config, log_config, policy, by = row
    return Bus(
        account,
        region,
        name,
        created,
        modified,
        description,
        kms_key,
        dead_letter_config and json.loads(dead_letter_config),
        log_config and json.loads(log_config),
        policy,
        by,
    )
