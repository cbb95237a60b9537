"""What must be true of a state file before it is used: that it is ours, whole, and of a version that is understood.

A file that is refused has not been written to.

    StateRefused     the sentence names the file and says what to do
    ├── StateTaken   another process has it
    └── StateTooNew  a newer version of this program wrote it
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emulator.errors import EblError
from emulator.store.lock import FileLock, Taken

APPLICATION_ID = 0x45626C31
"""In the header of every state file (schema.sql sets it): "Ebl1"."""

_MAGIC = b"SQLite format 3\0"
_ELSE = "Name another file, or move this one away to begin anew."


class StateRefused(EblError):
    """A state file, or a snapshot, that cannot be used."""


class StateTaken(StateRefused):
    """Another process has it open."""


class StateTooNew(StateRefused):
    """A newer version of this program wrote it."""


def lock(path: Path) -> FileLock:
    """Keep others away from the state file."""
    try:
        return FileLock(path)
    except Taken as error:
        whose = f"process {error.pid}" if error.pid else "another process"
        raise StateTaken(f"{path}: in use by {whose}. Stop that one, or name another file.") from error
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror}). Make its folder, or name another file."
        raise StateRefused(message) from error


@contextmanager
def refusals(path: Path | str) -> Iterator[None]:
    """What SQLite says of a file inside, as StateRefused."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise _no_database(path) from error
        if isinstance(error, sqlite3.OperationalError):
            raise StateRefused(f"{path}: {error}. {_ELSE}") from error
        raise _damaged(path, str(error)) from error


def look_at_head(path: Path) -> None:
    """Before SQLite sees it: is it a database at all?  A new or empty file may become one."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StateRefused(f"{path}: cannot be read ({error.strerror}). {_ELSE}") from error
    if head and head != _MAGIC:
        raise _no_database(path)


def look_inside(connection: sqlite3.Connection, path: Path | str) -> None:
    """Is it ours, and whole?  Reads all of it: 20 ms for the 10,000 events that a journal has at most, if they are
    small."""
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
    if tables and mark != APPLICATION_ID:
        raise StateRefused(f"{path}: a database of another program, which is left as it is. {_ELSE}")
    found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _damaged(path, " ".join(found.split()))


def compare_tables(connection: sqlite3.Connection, schema: str, path: Path | str) -> None:
    """Has it every table and column that `schema` makes?  One of the same number may come from between two versions."""
    pattern = sqlite3.connect(":memory:", isolation_level=None)
    try:
        pattern.executescript(schema)
        missing = sorted(_columns(pattern) - _columns(connection))
    finally:
        pattern.close()
    if missing:
        named = ", ".join(missing[:3]) + (" and more" if len(missing) > 3 else "")
        raise StateRefused(f"{path}: written by a version between two releases: it has no {named}. {_ELSE}")


def _columns(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute(
        "SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
    )
    return {name for (name,) in rows}


def _no_database(path: Path | str) -> StateRefused:
    return StateRefused(f"{path}: not a SQLite database, and left as it is. Name another file.")


def _damaged(path: Path | str, how: str) -> StateRefused:
    return StateRefused(
        f"{path}: damaged, and left as it is ({how}). Move it away to begin anew, or put a snapshot in its place:"
        f" .ebl/snapshots/NAME.db is such a file, too."
    )
