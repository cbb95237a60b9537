"""Snapshots: the whole state under a name, in a folder; each is a state file of its own.

A snapshot is written beside its place and then put there at once, so that there is never half of one.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emulator.errors import EblError
from emulator.store.database import Store

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class BadName(EblError):
    """Not a name for a snapshot."""


class NoSnapshot(EblError):
    """There is none of that name."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`size` in bytes, `saved` in seconds since 1970."""

    name: str
    size: int
    saved: float
    path: Path


class Snapshots:
    """The snapshots in `folder`, which is made when the first one is saved."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, name: str, store: Store) -> Snapshot:
        """All that `store` has; a snapshot of that name is replaced.  Raises BadName, OSError."""
        path = self._path(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".tmp")
        try:
            draft.unlink(missing_ok=True)
            store.copy_to(draft)
            draft.replace(path)
        finally:
            with suppress(OSError):
                draft.unlink()
        return _seen(path)

    def load(self, name: str, store: Store) -> Snapshot:
        """Replace everything in `store`, or (when it raises) nothing.  Raises BadName, NoSnapshot, StateRefused."""
        path = self._existing(name)
        store.replace_from(path)
        return _seen(path)

    def all(self) -> list[Snapshot]:
        """By name."""
        return [_seen(path) for path in sorted(self.folder.glob("*.db")) if _NAME.fullmatch(path.stem)]

    def delete(self, name: str) -> None:
        """Raises BadName, NoSnapshot."""
        self._existing(name).unlink()

    def _existing(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_file():
            known = ", ".join(snapshot.name for snapshot in self.all()[:20])
            raise NoSnapshot(f"no snapshot {name!r} in {self.folder}; there is: {known or 'none'}.")
        return path

    def _path(self, name: str) -> Path:
        """Nothing that a name may hold leads out of the folder."""
        if not _NAME.fullmatch(name):
            raise BadName(
                f"{name[:80]!r} is no name for a snapshot: letters, digits, dot, dash and underscore,"
                " at most 64, the first a letter or digit."
            )
        return self.folder / f"{name}.db"


def _seen(path: Path) -> Snapshot:
    status = path.stat()
    return Snapshot(path.stem, status.st_size, status.st_mtime, path)
