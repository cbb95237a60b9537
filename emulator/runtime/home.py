"""The folder that the server was started in, whatever handlers make the working directory since: paths start here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_home: Path | None = None


def home() -> Path:
    """Without a server, the working directory."""
    return _home or Path.cwd()


@contextmanager
def staying_home() -> Iterator[None]:
    """Within, the working directory of this moment is the home.  To be entered before any handler runs."""
    global _home
    before, _home = _home, Path.cwd()
    try:
        yield
    finally:
        _home = before


def shown(path: str | os.PathLike[str]) -> str:
    """A path as the user knows it: relative to home when it lies inside, absolute otherwise."""
    text, start = os.fspath(path), home()
    relative = os.path.relpath(start / text, start)
    return text if relative.startswith("..") else relative


def nowhere() -> None:
    """For a process that is one function's alone: every path is shown as it is."""
    global _home
    _home = Path("/nonexistent/home")
