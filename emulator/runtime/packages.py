"""Unpacked archives: a folder for each, shared by all that run from it, in a place that goes with this process.

Used on the event loop's thread; files are written and removed on others.
"""

import asyncio
import contextlib
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from emulator.ids import new_hex, new_secret
from emulator.runtime.unzip import MAX_UNZIPPED, remove, unzip
from emulator.store.lock import FileLock, Taken

_PREFIX = "ebl-code-"


class Package(NamedTuple):
    """`size`: how many bytes came out of the archive."""

    folder: Path
    size: int


class Packages:
    """`limit`: how many bytes may come out of an archive.  `secret` is in the URLs under which archives can be had:
    nobody guesses them."""

    def __init__(self, limit: int = MAX_UNZIPPED) -> None:
        self._limit = limit
        self.secret = new_secret()
        self._root: Path | None = None
        self._ready: dict[str, Package] = {}
        self._coming: dict[str, asyncio.Task[Package]] = {}
        self._held: Counter[str] = Counter()
        self._unwanted: set[str] = set()
        self._end: weakref.finalize[..., Packages] | None = None

    def find(self, digest: str) -> Package | None:
        """The archive's folder, if it is unpacked."""
        return self._ready.get(digest)

    async def unpack(self, digest: str, content: bytes) -> Package:
        """Once, however many ask for it at the same time.  Raises BadArchive, OSError."""
        self._unwanted.discard(digest)
        found = self._ready.get(digest)
        if found is not None:
            return found
        coming = self._coming.get(digest)
        if coming is None:
            coming = self._coming[digest] = asyncio.ensure_future(self._unpack(digest, content))
            coming.add_done_callback(lambda task: self._coming.pop(digest, None))
        return await asyncio.shield(coming)  # who stops waiting does not stop it for others

    @contextmanager
    def holding(self, digests: Iterable[str]) -> Iterator[None]:
        """Within, these are not removed."""
        held = tuple(digests)
        self.hold(held)
        try:
            yield
        finally:
            self.release(held)

    def hold(self, digests: Iterable[str]) -> None:
        self._held.update(digests)

    def release(self, digests: Iterable[str]) -> None:
        for digest in digests:
            self._held[digest] -= 1
            if not self._held[digest]:
                del self._held[digest]
                if digest in self._unwanted:
                    self._remove(digest)

    def keep(self, digests: set[str]) -> None:
        """Remove all others; those that are held, as soon as they are not."""
        self._unwanted = self._ready.keys() - digests
        for digest in self._unwanted - self._held.keys():
            self._remove(digest)

    def close(self) -> None:
        """Remove everything."""
        self._ready.clear()
        if self._end is not None:
            self._end()

    async def _unpack(self, digest: str, content: bytes) -> Package:
        folder = self._folder() / digest
        size = await asyncio.to_thread(unzip, content, folder, self._limit)
        made = self._ready[digest] = Package(folder, size)
        return made

    def _folder(self) -> Path:
        """Nobody else may look into it.  It is locked, so that others see whether anybody still has it."""
        if self._root is None:
            import tempfile  # with what it imports, 13 ms that not every start has to wait for

            root = Path(tempfile.gettempdir(), f"{_PREFIX}{new_hex(16)}")
            lock = FileLock(root)
            root.mkdir(mode=0o700)
            self._root, self._end = root, weakref.finalize(self, _end, root, lock)
            asyncio.get_running_loop().run_in_executor(None, _sweep, root.parent)
        return self._root

    def _remove(self, digest: str) -> None:
        """Put aside at once, so that it may come again, and then removed, which takes a while."""
        self._unwanted.discard(digest)
        package = self._ready.pop(digest, None)
        if package is not None:
            aside = package.folder.with_name(f"gone-{new_hex(16)}")
            package.folder.rename(aside)
            asyncio.get_running_loop().run_in_executor(None, _remove_quietly, aside)


def _end(root: Path, lock: FileLock) -> None:
    _remove_quietly(root)
    lock.release()


def _sweep(place: Path) -> None:
    """Remove the folders there that no process has any more."""
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(Taken, OSError):
            if folder.is_dir() and not folder.is_symlink():
                lock = FileLock(folder)
                remove(folder)
                lock.release()


def _remove_quietly(folder: Path) -> None:
    with contextlib.suppress(OSError):  # what cannot be removed is in nobody's way
        remove(folder)
