"""What config.yaml made: so that applying it again can take away what it no longer names, and nothing else.

A table and not a tag: tags are seen by clients.  In the store and not in memory: a state file outlives the program.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["bus", "function", "queue", "rule", "target", "setting"]


@dataclass(frozen=True, slots=True, order=True)
class Made:
    """One thing that the file made.  `bus` is empty for functions and queues, `target` (its id) for all but targets;
    of what is set about a function (`setting`), `target` is its kind."""

    kind: Kind
    name: str
    bus: str = ""
    target: str = ""


class AppliedTable:
    """The table applied.  `changes` grows with every change: who derives something from here compares it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.changes = 0

    def forget(self) -> None:
        """A change was rolled back, or the tables were emptied."""
        self.changes += 1

    def scopes(self) -> set[tuple[str, str]]:
        """The (account, region)s in which the file has made something."""
        return set(self._db.execute("SELECT DISTINCT account, region FROM applied"))

    def of(self, account: str, region: str) -> set[Made]:
        rows = self._db.execute(
            "SELECT kind, name, bus, target FROM applied WHERE account = ? AND region = ?", (account, region)
        )
        return {Made(*row) for row in rows}

    def has(self, account: str, region: str, thing: Made) -> bool:
        """Did the file make this?"""
        row = self._db.execute(
            "SELECT 1 FROM applied"
            " WHERE account = ? AND region = ? AND kind = ? AND name = ? AND bus = ? AND target = ?",
            (account, region, thing.kind, thing.name, thing.bus, thing.target),
        ).fetchone()
        return row is not None

    def replace(self, account: str, region: str, made: Iterable[Made]) -> None:
        """From now on this, and nothing else, is what the file made."""
        self.forget()
        self._db.execute("DELETE FROM applied WHERE account = ? AND region = ?", (account, region))
        self._db.executemany(
            "INSERT INTO applied (account, region, kind, name, bus, target) VALUES (?, ?, ?, ?, ?, ?)",
            [(account, region, thing.kind, thing.name, thing.bus, thing.target) for thing in made],
        )
