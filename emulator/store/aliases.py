"""Aliases of functions: names for a version, or for two between which invocations are divided."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from emulator.store.settings import Settings


@dataclass(frozen=True, slots=True)
class AliasRow:
    """`version` is the primary one; `weights` has the share of a further one (0 to 1)."""

    account: str
    region: str
    function: str
    name: str
    version: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    revision_id: str = ""

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.function}:{self.name}"

    def chosen(self, dice: Callable[[], float] | None) -> str:
        """The version that runs when `dice` fall so: a number from 0 up to 1, not included.  None: the primary one."""
        if dice is not None and self.weights:
            ((version, share),) = self.weights.items()
            if dice() < share:
                return version
        return self.version


_COLUMNS = "account, region, function, name, version, description, weights, revision_id"
_OF = "account = ? AND region = ? AND function = ?"


class Aliases:
    """The table aliases.  Those that were looked for are remembered: every delivery to an alias looks for it."""

    def __init__(self, connection: sqlite3.Connection, settings: Settings) -> None:
        self._db = connection
        self._settings = settings
        self._found: dict[tuple[str, str, str, str], AliasRow] = {}

    def forget(self) -> None:
        """What is remembered is no longer true (a change was rolled back, or the tables were emptied)."""
        self._found.clear()

    def put(self, row: AliasRow) -> None:
        """Insert, or replace the one of that name."""
        self.forget()
        self._db.execute(
            f"INSERT OR REPLACE INTO aliases ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)",
            (
                row.account, row.region, row.function, row.name, row.version, row.description,
                json.dumps(dict(row.weights)), row.revision_id,
            ),
        )  # fmt: skip

    def find(self, account: str, region: str, function: str, name: str) -> AliasRow | None:
        key = (account, region, function, name)
        found = self._found.get(key)
        if found is None:
            row = self._db.execute(f"SELECT {_COLUMNS} FROM aliases WHERE {_OF} AND name = ?", key).fetchone()
            if row is None:
                return None
            found = self._found[key] = _from(row)
        return found

    def of(self, account: str, region: str, function: str) -> list[AliasRow]:
        """By name."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM aliases WHERE {_OF} ORDER BY name", (account, region, function)
        )
        return [_from(row) for row in rows]

    def remove(self, account: str, region: str, function: str, name: str) -> None:
        self.forget()
        self._settings.remove_qualifier(account, region, function, name)
        self._db.execute(f"DELETE FROM aliases WHERE {_OF} AND name = ?", (account, region, function, name))


def _from(row: tuple) -> AliasRow:  # type: ignore[type-arg]
    account, region, function, name, version, description, weights, revision_id = row
    return AliasRow(account, region, function, name, version, description, json.loads(weights), revision_id)
