"""How an event came to a bus that got it from another bus: the hops behind it, which AWS bounds."""

import sqlite3
from typing import NamedTuple

_KEPT = 100_000
_TRIM_EVERY = 1_000


class Hops(NamedTuple):
    """From bus to bus: within a region, and to another region."""

    local: int = 0
    regional: int = 0


NO_HOPS = Hops()


class Forwards:
    """The table forwards: rows only for events that were forwarded."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._written = 0

    def put(self, received: int, hops: Hops) -> None:
        self._db.execute("INSERT INTO forwards (received, local, regional) VALUES (?,?,?)", (received, *hops))
        self._written += 1
        if self._written >= _TRIM_EVERY:
            self._written = 0
            self._db.execute(
                "DELETE FROM forwards WHERE received <="
                " (SELECT received FROM forwards ORDER BY received DESC LIMIT 1 OFFSET ?)",
                (_KEPT,),
            )

    def of(self, received: int | None) -> Hops:
        """The hops behind what a bus has received; none for a number that is not here."""
        row = self._db.execute("SELECT local, regional FROM forwards WHERE received = ?", (received,)).fetchone()
        return NO_HOPS if row is None else Hops(*row)
