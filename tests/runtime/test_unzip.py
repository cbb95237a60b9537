"""Unpacking a zip file that nobody vouches for."""

import os
import stat
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.runtime.unzip import BadArchive, TooLarge, remove, unzip

Entry = tuple[str, bytes, int]
LINK, DEVICE, FILE = stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o666, stat.S_IFREG | 0o644


def zipped(*entries: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip as Unix writes it."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = mode << 16
            info.compress_type = method
            archive.writestr(info, content)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "unpacked"


def test_files_come_out_read_only_and_what_could_be_run_still_can(folder: Path) -> None:
    size = unzip(
        zipped(("bootstrap", b"#!/bin/sh", 0o100755), ("lib/a.py", b"x = 1", FILE), ("empty/", b"", 0o40755)), folder
    )
    assert size == len(b"#!/bin/sh") + len(b"x = 1")
    assert (folder / "lib/a.py").read_bytes() == b"x = 1"
    assert (folder / "empty").is_dir()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert modes == {"unpacked": 0o500, "lib": 0o500, "empty": 0o500, "bootstrap": 0o500, "a.py": 0o400}
    remove(folder)
    assert not folder.exists()


def test_setuid_is_left_behind(folder: Path) -> None:
    unzip(zipped(("a", b"", stat.S_IFREG | 0o6777)), folder)
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o500


def test_a_link_inside_is_a_link(folder: Path) -> None:
    unzip(zipped(("bin/run", b"../lib/run", LINK), ("lib/run", b"code", FILE)), folder)
    assert (folder / "bin/run").is_symlink()
    assert (folder / "bin/run").read_bytes() == b"code"


def test_names_are_utf_8_whether_the_archive_says_so_or_not(folder: Path) -> None:
    archive = bytearray(zipped(("grüße.py", b"", FILE)))
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = archive.index(header) + offset
        flags = struct.unpack_from("<H", archive, start)[0]
        struct.pack_into("<H", archive, start, flags & ~0x800)
    unzip(bytes(archive), folder)
    assert (folder / "grüße.py").is_file()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_entries_of_one_name_the_later_one_counts(folder: Path) -> None:
    unzip(zipped(("a", b"1", FILE), ("./a", b"2", FILE), ("a", b"3", FILE)), folder)
    assert (folder / "a").read_bytes() == b"3"


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([("../evil", b"", FILE)], "leads out"),
        ([("a/../../evil", b"", FILE)], "leads out"),
        ([("a/../b", b"", FILE)], "leads out"),
        ([("/etc/evil", b"", FILE)], "leads out"),
        ([("link", b"/etc/passwd", LINK)], "leads out"),
        ([("link", b"../x", LINK)], "leads out"),
        ([("a/link", b"../../x", LINK)], "leads out"),
        ([("here", b".", LINK), ("link", b"here/here/..", LINK)], "leads out"),
        ([("link", b"", LINK)], "leads out"),
        ([("link", b"sub", LINK), ("link/evil", b"", FILE)], "at once"),
        ([("a", b"", FILE), ("a/b", b"", FILE)], "a/b is a file and a folder at once"),
        ([("a/b", b"", FILE), ("a", b"", FILE)], "a is a file and a folder at once"),
        ([("a", b"", DEVICE)], "device, pipe or socket"),
        ([("a", b"", stat.S_IFIFO | 0o666)], "device, pipe or socket"),
        ([("n" * 300, b"", FILE)], "no file can have the name"),
        ([("/".join(["d" * 200] * 30), b"", FILE)], "no file can have the name"),
        ([("d/" * 101 + "a", b"", FILE)], "more than 100 folders"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_would_do_harm_is_refused(tmp_path: Path, folder: Path, entries: list[Entry], reason: str) -> None:
    with pytest.raises(BadArchive, match=reason):
        unzip(zipped(*entries), folder)
    assert list(tmp_path.iterdir()) == []


def broken_crc(archive: bytes) -> bytes:
    return archive.replace(b"text", b"texT", 1)


def encrypted(archive: bytes) -> bytes:
    data = bytearray(archive)
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def smaller_than_it_is(archive: bytes) -> bytes:
    """The headers say that one byte comes out."""
    data = bytearray(archive)
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 1)
    return bytes(data)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda archive: b"no zip", "^$"),
        (lambda archive: b"", "^$"),
        (lambda archive: archive[:-10], "^$"),
        (broken_crc, "CRC"),
        (encrypted, "encrypted"),
        (smaller_than_it_is, "CRC"),
    ],
)
def test_a_broken_archive_is_refused(
    tmp_path: Path, folder: Path, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    with pytest.raises(BadArchive, match=reason):
        unzip(spoil(zipped(("a.txt", b"text", FILE), method=zipfile.ZIP_STORED)), folder)
    assert list(tmp_path.iterdir()) == []


def test_a_method_that_lambda_does_not_know_is_refused(folder: Path) -> None:
    with pytest.raises(BadArchive, match="method 12"):
        unzip(zipped(("a", b"text", FILE), method=zipfile.ZIP_BZIP2), folder)


def test_a_bomb_is_stopped_when_too_much_has_come_out(tmp_path: Path, folder: Path) -> None:
    zeros = bytes(500_000)
    bomb = zipped(("a", zeros, FILE), ("b", zeros, FILE))
    with pytest.raises(TooLarge, match="more than 999999 bytes"):
        unzip(bomb, folder, 999_999)
    assert list(tmp_path.iterdir()) == []
    assert unzip(bomb, folder, 1_000_000) == 1_000_000


def test_so_many_entries_are_refused_before_they_are_read(folder: Path) -> None:
    with pytest.raises(BadArchive, match="more than 100,000 entries"):
        unzip(zipped(("a", b"PK\x01\x02" * 200_001, FILE), method=zipfile.ZIP_STORED), folder)


def test_what_was_left_by_one_that_was_interrupted_is_in_nobodys_way(folder: Path) -> None:
    left = folder.with_name("unpacked.draft")
    left.mkdir()
    (left / "half").write_text("")
    unzip(zipped(("a", b"", FILE)), folder)
    assert os.listdir(folder) == ["a"]


GOOD = zipped(("a/b.py", b"x = 1\n" * 50, FILE), ("run", b"../lib", LINK), ("lib", b"text", FILE))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_whatever_bytes_are_wrong_nothing_else_is_raised(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    data, folder = bytearray(GOOD), tmp_path / "fuzzed"
    for place, byte in changes:
        data[place] = byte
    remove(folder)
    try:
        unzip(bytes(data), folder)
    except BadArchive:
        assert not folder.exists()
    assert {path.name for path in tmp_path.iterdir()} <= {"fuzzed"}
