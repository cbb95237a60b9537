"""Rules of a bus, and the targets of a rule."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.arn import Arn
from emulator.store.buses import DEFAULT, BusKey

DISABLED = "DISABLED"


def rule_arn(bus: BusKey, name: str) -> str:
    """On the default bus a rule's ARN does not name the bus."""
    path = name if bus.name == DEFAULT else f"{bus.name}/{name}"
    return str(Arn("events", bus.region, bus.account, f"rule/{path}"))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.  `pattern` and `schedule` are the texts as put, None when they were not given ("" is kept apart).

    `anchored` is the moment since which the schedule runs (a rate counts from there), None while it does not run.
    """

    account: str
    region: str
    bus: str
    name: str
    state: str
    created_by: str
    pattern: str | None = None
    schedule: str | None = None
    description: str | None = None
    role_arn: str | None = None
    managed_by: str | None = None
    anchored: float | None = None

    @property
    def bus_key(self) -> BusKey:
        return BusKey(self.account, self.region, self.bus)

    @property
    def arn(self) -> str:
        return rule_arn(self.bus_key, self.name)

    @property
    def enabled(self) -> bool:
        return self.state != DISABLED


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a rule; `members` is all of it as AWS's members, Id and Arn included."""

    rule: str
    id: str
    arn: str
    members: Mapping[str, Any]


_COLUMNS = (
    "account, region, bus, name, state, created_by, pattern, schedule, description, role_arn, managed_by, anchored"
)
_BUS = "account = ? AND region = ? AND bus = ?"


class Rules:
    """The tables rules and targets."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def find(self, bus: BusKey, name: str) -> Rule | None:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM rules WHERE {_BUS} AND name = ?", (bus.account, bus.region, bus.name, name)
        ).fetchone()
        return None if row is None else Rule(*row)

    def of(self, bus: BusKey) -> list[Rule]:
        """All rules of a bus, by name."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM rules WHERE {_BUS} ORDER BY name", (bus.account, bus.region, bus.name)
        )
        return [Rule(*row) for row in rows]

    def any(self, bus: BusKey) -> bool:
        """Has the bus a rule at all?"""
        found = self._db.execute(f"SELECT 1 FROM rules WHERE {_BUS} LIMIT 1", (bus.account, bus.region, bus.name))
        return found.fetchone() is not None

    def names(self) -> list[str]:
        """Of every account, region and bus, each once."""
        return [name for (name,) in self._db.execute("SELECT DISTINCT name FROM rules")]

    def target_names(self) -> list[str]:
        """The ids and ARNs of all targets of all rules, each once."""
        rows = self._db.execute("SELECT id FROM targets UNION SELECT arn FROM targets")
        return [name for (name,) in rows]

    def scheduled(self) -> list[Rule]:
        """The rules whose schedule runs, of every account and region."""
        return [Rule(*row) for row in self._db.execute(f"SELECT {_COLUMNS} FROM rules WHERE anchored IS NOT NULL")]

    def put(self, rule: Rule) -> None:
        """Insert, or replace all of the one of that name; targets stay."""
        self._db.execute(
            # Not INSERT OR REPLACE: that deletes the row first, and its targets with it.
            f"INSERT INTO rules ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
            " state = excluded.state, pattern = excluded.pattern, schedule = excluded.schedule,"
            " description = excluded.description, role_arn = excluded.role_arn, managed_by = excluded.managed_by,"
            " anchored = excluded.anchored",
            (
                rule.account, rule.region, rule.bus, rule.name, rule.state, rule.created_by, rule.pattern,
                rule.schedule, rule.description, rule.role_arn, rule.managed_by, rule.anchored,
            ),
        )  # fmt: skip

    def remove(self, bus: BusKey, name: str) -> bool:
        """The rule and its targets; False when there was none."""
        cursor = self._db.execute(
            f"DELETE FROM rules WHERE {_BUS} AND name = ?", (bus.account, bus.region, bus.name, name)
        )
        return bool(cursor.rowcount)

    def targets(self, bus: BusKey, rule: str) -> list[Target]:
        """By id, as AWS lists them."""
        rows = self._db.execute(
            f"SELECT id, arn, members FROM targets WHERE {_BUS} AND rule = ? ORDER BY id",
            (bus.account, bus.region, bus.name, rule),
        )
        return [Target(rule, id, arn, json.loads(members)) for id, arn, members in rows]

    def targets_by_rule(self, bus: BusKey) -> dict[str, list[Target]]:
        """Of every rule of a bus that has some, by id."""
        rows = self._db.execute(
            f"SELECT rule, id, arn, members FROM targets WHERE {_BUS} ORDER BY rule, id",
            (bus.account, bus.region, bus.name),
        )
        found: dict[str, list[Target]] = {}
        for rule, id, arn, members in rows:
            found.setdefault(rule, []).append(Target(rule, id, arn, json.loads(members)))
        return found

    def target(self, bus: BusKey, rule: str, id: str) -> Target | None:
        row = self._db.execute(
            f"SELECT arn, members FROM targets WHERE {_BUS} AND rule = ? AND id = ?",
            (bus.account, bus.region, bus.name, rule, id),
        ).fetchone()
        return None if row is None else Target(rule, id, row[0], json.loads(row[1]))

    def put_targets(self, bus: BusKey, targets: Iterable[Target]) -> None:
        """Insert; the one of the same rule and id is replaced."""
        self._db.executemany(
            "INSERT OR REPLACE INTO targets (account, region, bus, rule, id, arn, members) VALUES (?,?,?,?,?,?,?)",
            [(bus.account, bus.region, bus.name, t.rule, t.id, t.arn, json.dumps(t.members)) for t in targets],
        )

    def remove_targets(self, bus: BusKey, rule: str, ids: Iterable[str]) -> None:
        """Ids that are not there are passed over."""
        self._db.executemany(
            f"DELETE FROM targets WHERE {_BUS} AND rule = ? AND id = ?",
            [(bus.account, bus.region, bus.name, rule, id) for id in ids],
        )

    def names_by_target(self, bus: BusKey, arn: str) -> list[str]:
        """The rules of the bus that have a target of this ARN, each once, by name."""
        rows = self._db.execute(
            f"SELECT DISTINCT rule FROM targets WHERE {_BUS} AND arn = ? ORDER BY rule",
            (bus.account, bus.region, bus.name, arn),
        )
        return [name for (name,) in rows]
