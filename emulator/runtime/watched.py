"""Which files a function in a process of its own is made of, as far as they are watched for changes.

On a thread of ours the imports are known. Here they are not: so it is what lies in the function's folder, the nearest
first.
A function that is one file shares its folder with others, whose files are not its own.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from emulator.runtime.function import FunctionSpec, discover

MOST = 400
"""So many files are looked at before each invocation that does not follow at once on another."""

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})


def files(function: FunctionSpec) -> dict[str, os.stat_result]:
    """Each with its state now."""
    found: dict[str, os.stat_result] = {}
    for path in _paths(function.code):
        if len(found) == MOST:
            break
        try:
            found[path] = os.stat(path)
        except OSError:  # a link to nowhere, or just removed
            continue
    return found


def _paths(code: Path) -> Iterator[str]:
    if code.is_dir():
        yield from _below([os.fspath(code)], frozenset())
        return
    yield os.fspath(code)
    others = frozenset(os.fspath(path) for _, path in discover(code.parent))
    yield from _below([os.fspath(code.parent)], others)


def _below(folders: list[str], others: frozenset[str]) -> Iterator[str]:
    """Breadth first: the user's own lies above what was vendored."""
    for folder in folders:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.path in others or entry.name.startswith(".") or entry.name in _SKIPPED:
                continue
            if entry.is_dir():
                if not entry.is_symlink() and not entry.name.endswith((".dist-info", ".egg-info")):
                    folders.append(entry.path)
            elif not entry.name.endswith(".pyc"):
                yield entry.path
