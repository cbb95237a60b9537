"""Capacity providers: records, of which nothing runs on any machine."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CapacityProvider:
    """`members` are AWS's, `modified` is in seconds since 1970."""

    account: str
    region: str
    name: str
    members: Mapping[str, Any]
    modified: float

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:capacity-provider:{self.name}"


class CapacityProviders:
    """The table capacity_providers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def find(self, account: str, region: str, name: str) -> CapacityProvider | None:
        return next((found for found in self.all(account, region) if found.name == name), None)

    def all(self, account: str, region: str) -> list[CapacityProvider]:
        """By name."""
        rows = self._db.execute(
            "SELECT name, members, modified FROM capacity_providers WHERE account = ? AND region = ? ORDER BY name",
            (account, region),
        )
        return [CapacityProvider(account, region, name, json.loads(members), at) for name, members, at in rows]

    def put(self, row: CapacityProvider) -> None:
        """Insert, or replace the one of that name."""
        self._db.execute(
            "INSERT OR REPLACE INTO capacity_providers (account, region, name, members, modified) VALUES (?,?,?,?,?)",
            (row.account, row.region, row.name, json.dumps(row.members), row.modified),
        )

    def remove(self, account: str, region: str, name: str) -> None:
        self._db.execute(
            "DELETE FROM capacity_providers WHERE account = ? AND region = ? AND name = ?", (account, region, name)
        )
