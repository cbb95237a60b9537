"""Which of a function's files have changed since they were loaded?

Compares what the file system says now with what it said before the file was read: exact, also in the instant after a
save, on any file system. One `stat` per file, so the caller asks once per batch of invocations. No watcher: it would
report late, and not at all across some container mounts.
"""

import os
from collections.abc import Iterable

MAX_DATA_FILES = 200
_SKIPPED = frozenset({"__pycache__", "node_modules"})


class Files:
    """`modules` are the files that were imported, growing as more are; a folder's other files are watched too."""

    def __init__(self, modules: dict[str, os.stat_result]) -> None:
        self._modules = modules
        self._data: dict[str, os.stat_result] = {}

    def watch_data(self, folder: str | os.PathLike[str]) -> None:
        """Also watch what is no Python in this folder, unless that is a lot (MAX_DATA_FILES)."""
        found: dict[str, os.stat_result] = {}
        for path in _data_files(folder):
            if len(found) == MAX_DATA_FILES:
                return
            found[path] = os.stat(path)
        self._data = found

    def changed(self) -> list[str]:
        """Paths of the files that are not any more what they were, sorted."""
        return sorted(
            path for known in (self._modules, self._data) for path, stat in list(known.items()) if _differs(path, stat)
        )


def _differs(path: str, known: os.stat_result) -> bool:
    try:
        now = os.stat(path)
    except OSError:
        return True
    return (now.st_mtime_ns, now.st_size, now.st_ino) != (known.st_mtime_ns, known.st_size, known.st_ino)


def _data_files(folder: str | os.PathLike[str]) -> Iterable[str]:
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _SKIPPED and not name.startswith(".")]
        yield from (os.path.join(path, name) for name in names if not name.endswith((".py", ".pyc")) and name[0] != ".")
