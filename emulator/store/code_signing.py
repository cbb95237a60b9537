"""Code signing configurations: recorded, and who has which; nothing here is signed or checked."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CodeSigningRow:
    """`members`: Description, AllowedPublishers and CodeSigningPolicies, as AWS shows them."""

    account: str
    region: str
    id: str
    members: Mapping[str, Any]
    modified: float

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:code-signing-config:{self.id}"


_COLUMNS = "account, region, id, members, modified"


class CodeSigning:
    """The table code_signing_configs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(self, row: CodeSigningRow) -> None:
        """Insert, or replace the one of that id."""
        self._db.execute(
            f"INSERT OR REPLACE INTO code_signing_configs ({_COLUMNS}) VALUES (?,?,?,?,?)",
            (row.account, row.region, row.id, json.dumps(dict(row.members)), row.modified),
        )

    def find(self, account: str, region: str, id: str) -> CodeSigningRow | None:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM code_signing_configs WHERE account = ? AND region = ? AND id = ?",
            (account, region, id),
        ).fetchone()
        return None if row is None else _from(row)

    def all(self, account: str, region: str) -> list[CodeSigningRow]:
        """By id."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM code_signing_configs WHERE account = ? AND region = ? ORDER BY id",
            (account, region),
        )
        return [_from(row) for row in rows]

    def remove(self, account: str, region: str, id: str) -> None:
        self._db.execute(
            "DELETE FROM code_signing_configs WHERE account = ? AND region = ? AND id = ?", (account, region, id)
        )


def _from(row: tuple) -> CodeSigningRow:  # type: ignore[type-arg]
    account, region, id, members, modified = row
    return CodeSigningRow(account, region, id, json.loads(members), modified)
