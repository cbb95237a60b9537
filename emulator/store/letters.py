"""What was sent on when a delivery had ended: dead letters, and the records for a function's destinations."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

_KEPT = 40_000
_TRIM_EVERY = 1_000


class Letter(NamedTuple):
    """`by` is eventbridge or lambda, `kind` dlq, on_failure or on_success; `status` success or permanent.

    `reference` is the id of the message, event or request that it became; None when it could not be sent.
    """

    delivery: int
    by: str
    kind: str
    target_arn: str
    at: float
    status: str
    error_type: str | None
    error_message: str | None
    reference: str | None


_COLUMNS = ", ".join(Letter._fields)


class Letters:
    """The table letters; the newest 40,000 stay."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._written = 0

    def add(self, letter: Letter) -> None:
        self._db.execute(f"INSERT INTO letters ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", letter)
        self._written += 1
        if self._written >= _TRIM_EVERY:
            self._written = 0
            self._db.execute("DELETE FROM letters WHERE id <= (SELECT max(id) FROM letters) - ?", (_KEPT,))

    def of(self, deliveries: Iterable[int]) -> dict[int, list[Letter]]:
        """Those of these deliveries, by delivery, in the order in which they were sent."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM letters WHERE delivery IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(deliveries)),),
        )
        found: defaultdict[int, list[Letter]] = defaultdict(list)
        for row in rows:
            found[row[0]].append(Letter(*row))
        return dict(found)
