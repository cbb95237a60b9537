"""A lock on a state file: one process at a time, and it goes with the process, however that ends.

It stands on a file of its own beside (`ebl.db.lock`), which also says whose it is.  Not on the database itself: SQLite
has its own locks there, and closing any other handle on a file drops them.
"""

import contextlib
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        os.lseek(handle, 1 << 20, os.SEEK_SET)  # beyond what is read: there a lock keeps readers away, too
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Taken(Exception):
    """Somebody has it; `pid` is the number of its process, where it is known."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(pid)
        self.pid = pid


class FileLock:
    """Held from the moment it is made until `release`.  Raises Taken, or OSError when there can be no file there."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        while True:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                _take(self._handle)
            except OSError as error:
                pid = self._owner()
                os.close(self._handle)
                raise Taken(pid) from error
            if self._is_still_there():
                break
            os.close(self._handle)  # the one before us has just removed it: what we hold nobody else can find
        os.ftruncate(self._handle, 0)
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.write(self._handle, b"%d\n" % os.getpid())

    def release(self) -> None:
        """Let others have it; once is enough."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):  # Windows does not remove a file that is open; there it stays
                self._path.unlink()
            os.close(self._handle)
            self._handle = -1

    def _is_still_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._handle), self._path.stat())
        except FileNotFoundError:
            return False

    def _owner(self) -> int | None:
        text = os.read(self._handle, 32).strip()
        return int(text) if text.isdigit() else None
