"""How much memory processes use, where the system says (/proc): resident, and at most so far."""

import os
import sys
from collections.abc import Iterable

KNOWN = sys.platform == "linux"
_PAGE = os.sysconf("SC_PAGE_SIZE") if KNOWN else 0


def resident(pids: Iterable[int]) -> int:
    """Bytes that these and all they started hold now. What they share is counted for each."""
    return sum(_resident(pid) for root in pids for pid in family(root))


def proportional(pids: Iterable[int]) -> int:
    """The same, with what they share counted once: slower to find out."""
    return sum(_proportional(pid) for root in pids for pid in family(root))


def peak(pids: Iterable[int]) -> int:
    """Bytes that each held at most, together."""
    return sum(_field(f"/proc/{pid}/status", "VmHWM:") for pid in pids)


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for parent in found:
        found += _children(parent)
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except OSError:  # it has ended
        pass
    return found


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    return _field(f"/proc/{pid}/smaps_rollup", "Pss:") or _resident(pid)


def _field(path: str, name: str) -> int:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(name):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0
