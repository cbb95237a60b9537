"""Tags: keys and values on whatever has an ARN, in the order in which they were put."""

import sqlite3
from collections.abc import Iterable, Mapping

_RESOURCE = "account = ? AND region = ? AND arn = ?"


class Tags:
    """The table tags.  `account` and `region` are those of the resource."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def of(self, account: str, region: str, arn: str) -> dict[str, str]:
        rows = self._db.execute(
            f"SELECT key, value FROM tags WHERE {_RESOURCE} ORDER BY number", (account, region, arn)
        )
        return dict(rows.fetchall())

    def put(self, account: str, region: str, arn: str, tags: Mapping[str, str]) -> None:
        """Add; a key that is there gets the new value and keeps its place."""
        self._db.executemany(
            "INSERT INTO tags (account, region, arn, key, value) VALUES (?,?,?,?,?)"
            " ON CONFLICT (account, region, arn, key) DO UPDATE SET value = excluded.value",
            [(account, region, arn, key, value) for key, value in tags.items()],
        )

    def remove(self, account: str, region: str, arn: str, keys: Iterable[str]) -> None:
        """Keys that are not there are passed over."""
        self._db.executemany(
            f"DELETE FROM tags WHERE {_RESOURCE} AND key = ?", [(account, region, arn, key) for key in keys]
        )

    def clear(self, account: str, region: str, arn: str) -> None:
        """All of a resource: it is being deleted."""
        self._db.execute(f"DELETE FROM tags WHERE {_RESOURCE}", (account, region, arn))
