"""Tables that were emptied at once: put aside under another name, and dropped later.

To empty a full journal SQLite reads every page of it, which took 30 ms of a file; a new name takes a part of one,
however much there is.  What is put aside is part of no question, of no snapshot, and gone after the next start at the
latest.
"""

import sqlite3

_PREFIX = "waste_"
# Fewer rows than this are deleted sooner than a table is made anew.
_FEW = 500


class Waste:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put_aside(self, table: str) -> None:
        """Empty this table, which has a number `id` and no index.  Inside of a transaction."""
        ends = f"(SELECT max(id) FROM {table}) - (SELECT min(id) FROM {table})"  # both at once would read all of it
        rows: int | None = self._db.execute(f"SELECT {ends}").fetchone()[0]
        if rows is None or rows < _FEW:
            self._db.execute(f"DELETE FROM {table}")
            return
        (statement,) = self._db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        number = max((int(name.removeprefix(_PREFIX)) for name in self.tables()), default=0) + 1
        self._db.execute(f"ALTER TABLE {table} RENAME TO {_PREFIX}{number}")
        self._db.execute(statement)

    def tables(self) -> list[str]:
        """The names of what is put aside."""
        rows = self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [name for (name,) in rows if name.startswith(_PREFIX)]

    def clear_one(self) -> bool:
        """Drop one of them, which takes some milliseconds; False when there is none."""
        for table in self.tables():
            self._db.execute(f"DROP TABLE {table}")
            return True
        return False

    def clear(self) -> None:
        """All of it, now."""
        while self.clear_one():
            pass
