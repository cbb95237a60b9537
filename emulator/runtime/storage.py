"""How much a function has in its /tmp."""

import os
from pathlib import Path

from emulator.runtime import fault
from emulator.runtime.fault import Failure

_MOST_ENTRIES = 5_000
"""So many files are looked at: the event loop waits meanwhile."""


def used(folder: Path) -> int:
    """Bytes on disk, of what is there; of the first files only, where there are very many."""
    total, seen, waiting = 0, 0, [os.fspath(folder)]
    while waiting and seen < _MOST_ENTRIES:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    seen += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:  # it was removed meanwhile
            continue
    return total


def excess(folder: Path, limit_mb: int, request_id: str) -> Failure | None:
    """The failure of an invocation that left more there than the function may have.

    On AWS the write would have failed, with ENOSPC; here only a single file that grows too large does, with EFBIG.
    """
    megabytes = used(folder) >> 20
    if megabytes <= limit_mb:
        return None
    reason = f"No space left on device: /tmp holds {megabytes} MB, the function's ephemeral storage is {limit_mb} MB"
    return fault.of_platform("Sandbox.StorageExceeded", reason, request_id)
