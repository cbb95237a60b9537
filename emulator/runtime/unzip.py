"""Unpack a zip file that nobody vouches for.  Runs off the event loop; knows files, and nothing of functions.

Nothing that the file says about itself is trusted: sizes are counted while they come out, and no name leads out of the
folder.  What it leaves is read-only, as /var/task is on AWS.
"""

import errno
import os
import stat
import struct
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.errors import EblError

if TYPE_CHECKING:
    import zipfile

MAX_UNZIPPED = 262_144_000
"""Bytes of what is in a package, and in its layers together (AWS Lambda quotas; the number recorded in 2025)."""

MAX_ENTRIES = 100_000
_HEADER = b"PK\x01\x02"
_METHODS = (0, 8)  # stored, deflated
_KINDS = (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)
_BROKEN = (zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, IndexError, struct.error)
_CHUNK = 1 << 18
_LONGEST_LINK = 4096
_DEEPEST = 100
_ENCRYPTED = 0x1
_UTF_8 = 0x800
_UNIX = 3
_READ, _WRITE, _RUN = 0o400, 0o200, 0o100


class BadArchive(EblError):
    """Not a zip file that can be unpacked; `str()` is the end of a sentence why, or empty when it is no zip at all."""


class TooLarge(BadArchive):
    """More comes out of it than may."""


def unzip(content: bytes, folder: Path, limit: int = MAX_UNZIPPED) -> int:
    """Unpack into `folder`, which must not exist; how many bytes came out, which are no more than `limit`.  Raises
    BadArchive, TooLarge, OSError: then there is no folder."""
    draft = folder.with_name(f"{folder.name}.draft")
    remove(draft)
    try:
        draft.mkdir(mode=0o700)
        size = _unpack(content, draft, limit)
        _make_read_only(draft)
        draft.rename(folder)
    except BaseException:
        remove(draft)
        raise
    return size


def remove(folder: Path) -> None:
    """A folder with all that is in it, read-only or not; nothing happens when there is none, or somebody else is
    removing it at the same time."""
    with suppress(FileNotFoundError):
        folder.chmod(stat.S_IRWXU)
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            remove(Path(entry.path))
        else:
            with suppress(FileNotFoundError):
                os.unlink(entry.path)
    with suppress(FileNotFoundError):
        folder.rmdir()


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def _unpack(content: bytes, root: Path, limit: int) -> int:
    import zipfile  # 15 ms, which not every start has to wait for

    try:
        if content.count(_HEADER) > 2 * MAX_ENTRIES:  # before all of them are read; files inside may have some as well
            raise BadArchive(f"it has more than {MAX_ENTRIES:,} entries")
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise BadArchive(f"it has more than {MAX_ENTRIES:,} entries")
            return _Unpacking(archive, root, limit).write(entries)
    except zipfile.BadZipFile as error:
        raise BadArchive("" if "not a zip" in str(error) else str(error)) from error
    except _BROKEN as error:  # what `zipfile` meets in headers that were made by hand
        raise BadArchive(str(error)) from error


class _Unpacking:
    """One archive on its way into the folder `root`; `size` is what has come out so far."""

    def __init__(self, archive: "zipfile.ZipFile", root: Path, limit: int) -> None:
        self._archive = archive
        self._root = root
        self._limit = limit
        self._size = 0
        self._links: dict[Path, str] = {}

    def write(self, entries: "list[zipfile.ZipInfo]") -> int:
        for entry in entries:
            name = _name(entry)
            path = _inside(self._root, name)
            try:
                if path != self._root:
                    self._entry(entry, name, path)
            except OSError as error:
                raise _refusal(error, name) or error from None
        self._link()
        return self._size

    def _entry(self, entry: "zipfile.ZipInfo", name: str, path: Path) -> None:
        kind = stat.S_IFMT(_mode(entry))
        if kind not in _KINDS:
            raise BadArchive(f"{name} is a device, pipe or socket")
        if name.endswith("/") or kind == stat.S_IFDIR:
            path.mkdir(parents=True, exist_ok=True)
            return
        if entry.flag_bits & _ENCRYPTED:
            raise BadArchive(f"{name} is encrypted")
        if entry.compress_type not in _METHODS:
            raise BadArchive(f"{name} is compressed with method {entry.compress_type}, not deflate")
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == stat.S_IFLNK:
            self._links[path] = self._target(entry, name, path)
        else:
            self._links.pop(path, None)  # of two entries of one name the later one counts
            self._copy(entry, path)

    def _copy(self, entry: "zipfile.ZipInfo", path: Path) -> None:
        with self._archive.open(entry) as source, path.open("wb") as target:
            while chunk := source.read(_CHUNK):
                self._size += len(chunk)
                if self._size > self._limit:
                    raise TooLarge(f"more than {self._limit} bytes come out of it")
                target.write(chunk)
        path.chmod(_READ | _WRITE | (_RUN if _mode(entry) & 0o111 else 0))

    def _target(self, entry: "zipfile.ZipInfo", name: str, path: Path) -> str:
        """Where a link points: up as often as there are folders above it, and then down.  So it stays inside whatever
        other links it goes through."""
        with self._archive.open(entry) as source:
            target = os.fsdecode(source.read(_LONGEST_LINK))
        parts = [part for part in target.split("/") if part not in ("", ".")]
        up = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
        above = len(path.relative_to(self._root).parts) - 1
        if target.startswith("/") or not target or "\0" in target or ".." in parts[up:] or up > above:
            raise BadArchive(f"{name} is a link that leads out of the archive")
        return target

    def _link(self) -> None:
        """Last of all, so that nothing is written through a link."""
        for path in self._links:
            if path.exists():
                raise BadArchive(f"{path.relative_to(self._root)} is a link and a file or folder at once")
        for path, target in self._links.items():
            path.symlink_to(target)


def _refusal(error: OSError, name: str) -> BadArchive | None:
    """None: it is not the archive's fault (the disk is full, say)."""
    if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
        return BadArchive(f"{name} is a file and a folder at once")
    if error.errno in (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL):
        return BadArchive(f"no file can have the name {name[:80]}…")
    return None


def _mode(entry: "zipfile.ZipInfo") -> int:
    """What Unix knows of the entry; 0 when something else has written the archive."""
    return entry.external_attr >> 16 if entry.create_system == _UNIX else 0


def _name(entry: "zipfile.ZipInfo") -> str:
    """Many programs write UTF-8 without saying so; what says nothing and is none is read as the format has it."""
    name = entry.filename
    if not entry.flag_bits & _UTF_8 and not name.isascii():
        try:
            name = name.encode("cp437").decode()
        except ValueError:
            name = entry.filename
    return name


def _inside(root: Path, name: str) -> Path:
    """Where the entry belongs.  Links are made last, so that the path alone decides."""
    path = Path(os.path.normpath(os.path.join(root, name)))
    if not path.is_relative_to(root) or ".." in name.split("/") or "\0" in name:
        raise BadArchive(f"{name} leads out of the archive")
    if len(path.relative_to(root).parts) > _DEEPEST:
        raise BadArchive(f"{name[:80]}… lies in more than {_DEEPEST} folders")
    return path


def _make_read_only(root: Path) -> None:
    for path, _, files in os.walk(root, topdown=False):
        for name in files:
            file = os.path.join(path, name)
            if not os.path.islink(file):
                os.chmod(file, os.stat(file).st_mode & (_READ | _RUN))
        os.chmod(path, _READ | _RUN)
