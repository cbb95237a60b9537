"""Layers: archives that functions may have beside their own; each version is one that does not change."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One version of a layer.  `archive` is the digest of its zip, `created` in seconds since 1970, `members` what it
    is said to fit and its licence, `policy` the statements by which others may use it."""

    account: str
    region: str
    layer: str
    version: int
    archive: str
    code_size: int
    description: str = ""
    created: float = 0
    members: Mapping[str, Any] = field(default_factory=dict)
    policy: Sequence[Mapping[str, Any]] = ()
    policy_revision: str = ""

    @property
    def layer_arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:layer:{self.layer}"

    @property
    def arn(self) -> str:
        return f"{self.layer_arn}:{self.version}"


_COLUMNS = "account, region, layer, version, archive, code_size, description, created, members, policy, policy_revision"
_OF = "account = ? AND region = ? AND layer = ?"


class Layers:
    """The tables layers and layer_versions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def next_version(self, account: str, region: str, layer: str) -> int:
        """The number of the next version; each is given once.  Makes the layer if it is not there."""
        row = self._db.execute(
            "INSERT INTO layers (account, region, name, last_version) VALUES (?,?,?,1)"
            " ON CONFLICT (account, region, name) DO UPDATE SET last_version = last_version + 1"
            " RETURNING last_version",
            (account, region, layer),
        ).fetchone()
        return int(row[0])

    def put(self, row: LayerRow) -> None:
        """Insert, or replace the version of that number."""
        self._db.execute(
            f"INSERT OR REPLACE INTO layer_versions ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                row.account, row.region, row.layer, row.version, row.archive, row.code_size, row.description,
                row.created, json.dumps(dict(row.members)), json.dumps(list(row.policy)), row.policy_revision,
            ),
        )  # fmt: skip

    def find(self, account: str, region: str, layer: str, version: int) -> LayerRow | None:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM layer_versions WHERE {_OF} AND version = ?", (account, region, layer, version)
        ).fetchone()
        return None if row is None else _from(row)

    def versions(self, account: str, region: str, layer: str) -> list[LayerRow]:
        """The newest first."""
        return self._select(_OF, (account, region, layer))

    def every(self, account: str, region: str) -> list[LayerRow]:
        """All versions of all layers: by name, and of each the newest first."""
        return self._select("account = ? AND region = ?", (account, region))

    def remove(self, account: str, region: str, layer: str, version: int) -> None:
        self._db.execute(f"DELETE FROM layer_versions WHERE {_OF} AND version = ?", (account, region, layer, version))

    def _select(self, where: str, values: tuple[str, ...]) -> list[LayerRow]:
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM layer_versions WHERE {where} ORDER BY layer, version DESC", values
        )
        return [_from(row) for row in rows]


def _from(row: tuple) -> LayerRow:  # type: ignore[type-arg]
    account, region, layer, version, archive, size, description, created, members, policy, revision = row
    return LayerRow(
        account, region, layer, version, archive, size, description, created, json.loads(members), json.loads(policy),
        revision,
    )  # fmt: skip
