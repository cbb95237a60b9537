"""Has something changed that the configuration is made of?  Says when, knows nothing of what it means."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

# Milliseconds: long enough for an editor's several writes to be one change, short enough not to be noticed.
_STEP, _LONGEST = 50, 400

# Seconds until it is tried again, when the system does not tell of changes: so long, and so often, it looks by itself.
_PAUSE = 1

logger = logging.getLogger(__name__)

Places = tuple[Path, Path]
"""The file, and the folder of the functions."""

Signature = tuple[object, ...]


def signature(places: Places) -> Signature:
    """Equal as long as a configuration that was read from there is still what it would be: the file and the `.env`
    beside it are the same, and so are the names in the folder (what is in a handler, the runtime sees by itself)."""
    file, folder = places
    patterns = ("*.py", "*.js", "*.[mc]js", "bootstrap")
    names = sorted(str(path) for name in patterns for within in ("", "*/") for path in folder.glob(within + name))
    return (_stamp(file), _stamp(file.with_name(".env")), *names)


class Watcher:
    """Calls `on_change` whenever the signature is not any more what it was.

    `places` is asked again after each change: the file may name another folder now, or the folder may be new.
    What fails is logged, and it goes on.
    """

    def __init__(self, places: Callable[[], Places], on_change: Callable[[], Awaitable[None]]) -> None:
        self._places = places
        self._on_change = on_change
        self._known = signature(places())
        self._stop = asyncio.Event()
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Never returns; cancel it."""
        said = ""
        while True:
            try:
                await self._watch()
            except Exception as error:
                if repr(error) != said:
                    said = repr(error)
                    logger.exception("watching the configuration failed; trying again every %s s", _PAUSE)
                await asyncio.sleep(_PAUSE)

    async def _watch(self) -> None:
        """Until there are other places to watch."""
        file, folder = self._watched = self._places()
        self._folder_is_there = folder.is_dir()
        self._stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            # The file's folder, because editors replace files; not what is below it, which may be a whole project.
            group.create_task(self._follow(file.parent, recursive=False))
            if self._folder_is_there:
                group.create_task(self._follow(folder, recursive=True))
            await asyncio.sleep(0)  # both listen from here on; what changed before, is seen now
            await self._look()

    async def _follow(self, path: Path, *, recursive: bool) -> None:
        from watchfiles import awatch  # here: it takes a moment, and nobody waits for it

        try:
            async for _ in awatch(path, recursive=recursive, debounce=_LONGEST, step=_STEP, stop_event=self._stop):
                await self._look()
        except FileNotFoundError:  # it went away while we set out
            await asyncio.sleep(_PAUSE)
            self._stop.set()

    async def _look(self) -> None:
        async with self._looking:  # both followers look, and a change takes a while
            now = signature(self._places())
            if now != self._known:
                await self._on_change()
                self._known = now  # after it: what was interrupted by another follower's end is to be seen again
        if self._places() != self._watched or self._watched[1].is_dir() != self._folder_is_there:
            self._stop.set()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
