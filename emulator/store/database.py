"""The database: one SQLite connection, used by one thread (the event loop's), and the transaction around a change.

Knows tables only to create, migrate and empty them; what is in them belongs to the module of each noun
(`buses.py`, `rules.py`, …), where short statements stand beside the dataclass that they fill.
"""

import contextlib
import re
import sqlite3
from collections.abc import Callable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import TracebackType

from emulator.store.applied import AppliedTable
from emulator.store.archives import Archives
from emulator.store.buses import Buses
from emulator.store.capacity import CapacityProviders
from emulator.store.code_signing import CodeSigning
from emulator.store.deliveries import Deliveries
from emulator.store.forwards import Forwards
from emulator.store.functions import Functions
from emulator.store.journal import Journal
from emulator.store.layers import Layers
from emulator.store.letters import Letters
from emulator.store.opening import StateTooNew, compare_tables, lock, look_at_head, look_inside, refusals
from emulator.store.queues import Queues
from emulator.store.rules import Rules
from emulator.store.tags import Tags
from emulator.store.waste import Waste

_HERE = files("emulator.store")


Unwritable = sqlite3.OperationalError
"""What a statement raises when there is no writing now, whatever is to be written: the disk is full, say."""

# What somebody made, and not what came of it: `reset(keep_rules=True)` leaves these.
_MADE = frozenset({
    "buses", "rules", "targets", "tags", "queues", "applied",
    "functions", "versions", "aliases", "layers", "layer_versions", "code_signing_configs", "archives",
    "function_settings", "capacity_providers",
})  # fmt: skip
_LARGE = frozenset({"received", "deliveries", "attempts", "letters"})
# Pages of 4 kB that the log of a file takes in before they are copied into the file: with SQLite's own 1,000 an event
# costs a tenth more.
_LOG_PAGES = 4_000


class Store:
    """Everything that is remembered.

    `path` is a file, or `":memory:"`.  The connection belongs to the thread that made the Store; another thread
    that touches it gets a `sqlite3.ProgrammingError`.  Of events that are finished with, the newest `keep_events` stay.
    A file belongs to one Store at a time.  Raises StateRefused for one that cannot be used; it is left as it was.
    """

    def __init__(self, path: str | Path = ":memory:", *, keep_events: int = 10_000) -> None:
        self._lock = None if str(path) == ":memory:" else lock(Path(path))
        try:
            self._connection = _connect(path)
        except BaseException:
            self._unlock()
            raise
        self.buses = Buses(self._connection)
        self.rules = Rules(self._connection)
        self.tags = Tags(self._connection)
        self.functions = Functions(self._connection)
        self.aliases = self.functions.aliases
        self.settings = self.functions.settings
        self.capacity = CapacityProviders(self._connection)
        self.archives = Archives(self._connection)
        self.layers = Layers(self._connection)
        self.code_signing = CodeSigning(self._connection)
        self._transaction = Transaction(self._connection, undone=self._forget)
        self.applied = AppliedTable(self._connection)
        self.deliveries = Deliveries(self._connection, keep_events)
        self.journal = Journal(self._connection)
        self.queues = Queues(self._connection)
        self.letters = Letters(self._connection)
        self.forwards = Forwards(self._connection)
        self.waste = Waste(self._connection)
        self.waste.clear()

    def transaction(self) -> "Transaction":
        """`with store.transaction():` all of the block is kept, or (when it raises) none of it.

        A transaction inside another one joins it: only the outermost commits, and an exception that leaves an
        inner block must leave the outer one too.
        """
        return self._transaction

    def reset(self, *, keep_rules: bool = False) -> None:
        """Forget everything, or (`keep_rules`) all but buses, rules, targets, functions, tags and permissions.

        What was a lot is only put aside: `waste` is to be cleared some time.
        """
        rows = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name for (name,) in rows} - set(self.waste.tables())
        with self.transaction():
            self._connection.execute("PRAGMA defer_foreign_keys = ON")
            for table in sorted(tables - _MADE if keep_rules else tables):
                if table in _LARGE:
                    self.waste.put_aside(table)
                else:
                    self._connection.execute(f'DELETE FROM "{table}"')
            self.queues.forget_counts()
            self._forget_all()

    def copy_to(self, path: Path) -> None:
        """Write all of it to a new file, which is a state file of its own."""
        self.waste.clear()
        copy = sqlite3.connect(path)
        try:
            self._connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # it comes with that of the original; a log is no part of it
        finally:
            copy.close()

    def replace_from(self, path: Path) -> None:
        """Put what another state file has into the place of everything here, in one step: all of it or nothing.

        Raises StateRefused; an older file is brought up to date on the way, and is itself left as it is.
        """
        found = sqlite3.connect(":memory:", isolation_level=None)
        try:
            with refusals(path):
                look_at_head(path)
                file = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
                try:
                    look_inside(file, path)
                    file.backup(found)
                finally:
                    file.close()
                migrate(found, path)
                compare_tables(found, _schema(), path)
            found.backup(self._connection)
            self.waste.clear()
        finally:
            found.close()
        self._forget_all()

    def _forget_all(self) -> None:
        """The tables were emptied or replaced."""
        self._forget()
        self.deliveries.forget()

    def _forget(self) -> None:
        self.buses.forget()
        self.functions.forget()
        self.deliveries.count_again()
        self.applied.forget()

    def close(self) -> None:
        self._connection.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()


class Transaction:
    """A re-entrant BEGIN … COMMIT.  A class with two methods, not a generator: it stands in the way of every event."""

    __slots__ = ("_connection", "_depth", "_undone")

    def __init__(self, connection: sqlite3.Connection, undone: Callable[[], None]) -> None:
        """`undone` is called after a transaction was rolled back."""
        self._connection = connection
        self._undone = undone
        self._depth = 0

    def __enter__(self) -> None:
        if self._depth == 0:
            self._connection.execute("BEGIN IMMEDIATE")
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            if kind is not None:
                self._roll_back()
                return
            try:
                self._connection.execute("COMMIT")
            except BaseException:  # the disk is full, say: it would stay open, and every later one would fail
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite does it by itself when it has no room to go on
            self._connection.execute("ROLLBACK")
        self._undone()


def migrate(connection: sqlite3.Connection, path: str | Path = ":memory:", folder: Traversable = _HERE) -> None:
    """Bring the tables to today's shape: that of `folder`, schema.sql and migrations/.

    A new database gets schema.sql.  An older one gets each file of migrations/ (`0002_what_for.sql`) whose number is
    above its `user_version`, in order.  Raises StateTooNew for one from the future.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    migrations = _migrations(folder)
    latest = max(migrations, default=1)
    if version > latest:
        raise StateTooNew(
            f"{path}: written by a newer version (schema {version}, this one knows {latest})."
            " Use that version, or name another file."
        )
    if version == latest:
        return
    steps = {latest: folder / "schema.sql"} if version == 0 else migrations
    for number in sorted(step for step in steps if step > version):
        script = steps[number].read_text(encoding="utf-8")
        connection.executescript(f"BEGIN;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


def _migrations(folder: Traversable) -> dict[int, Traversable]:
    steps = folder / "migrations"
    if not steps.is_dir():  # neither git nor a wheel keeps an empty folder
        return {}
    named = ((re.match(r"(\d{4})_\w+\.sql$", file.name), file) for file in steps.iterdir())
    return {int(match[1]): file for match, file in named if match}


class _Connection(sqlite3.Connection):
    """Closes itself when nobody has it any more (Python 3.13 warns of one that does not)."""

    def __del__(self) -> None:
        with contextlib.suppress(sqlite3.ProgrammingError):  # the last one who had it was another thread
            self.close()


def _schema() -> str:
    return (_HERE / "schema.sql").read_text(encoding="utf-8")


def _connect(path: str | Path) -> sqlite3.Connection:
    """A connection to tables of today's shape."""
    if str(path) == ":memory:":
        connection = _open(path)
        migrate(connection)
        return connection
    look_at_head(Path(path))
    with refusals(path):
        connection = _open(path)
        connection.text_factory = _text
        try:
            look_inside(connection, path)
            migrate(connection, path)
            compare_tables(connection, _schema(), path)
            # A log, written to the disk when it is taken into the file: what was committed survives the end of the
            # process, however it comes; a crash of the machine may cost the last transactions, never the file.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        except BaseException:
            connection.close()
            raise
    return connection


def _text(value: bytes) -> str:
    """A file may have bytes that are no text, where a disk has failed: what reads a thousand rows must not fail on one,
    nor the worker on a payload."""
    return value.decode(errors="replace")


def _open(path: str | Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=256, factory=_Connection)
    connection.execute("PRAGMA foreign_keys = ON")
    # Debian's SQLite overwrites what it deletes with zeros: a reset of a full journal took 77 ms of a file, 5 without.
    connection.execute("PRAGMA secure_delete = OFF").fetchone()
    return connection
