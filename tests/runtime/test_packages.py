"""The folders of unpacked archives: shared, held while somebody uses them, and gone with the process."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from emulator.runtime.packages import Packages
from emulator.runtime.unzip import BadArchive
from tests.runtime.zips import zipped

ONE = zipped({"app.py": "x = 1"})
Scenario = Callable[[Packages], Coroutine[Any, Any, None]]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scenario], None]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def run(scenario: Scenario) -> None:
        async def main() -> None:
            packages = Packages()
            try:
                await scenario(packages)
            finally:
                packages.close()

        asyncio.run(main())
        assert list(tmp_path.iterdir()) == []

    return run


def test_an_archive_is_unpacked_once_for_all_who_ask(play: Callable[[Scenario], None], tmp_path: Path) -> None:
    async def scenario(packages: Packages) -> None:
        first, second = await asyncio.gather(packages.unpack("a", ONE), packages.unpack("a", ONE))
        assert first is second is packages.find("a") is await packages.unpack("a", b"not looked at")
        assert first.size == 5
        assert (first.folder / "app.py").read_text() == "x = 1"
        root = first.folder.parent
        assert root.parent == tmp_path
        assert root.stat().st_mode & 0o077 == 0

    play(scenario)


def test_one_that_cannot_be_unpacked_may_be_tried_again(play: Callable[[Scenario], None]) -> None:
    async def scenario(packages: Packages) -> None:
        with pytest.raises(BadArchive):
            await packages.unpack("a", b"no zip")
        assert packages.find("a") is None
        assert (await packages.unpack("a", ONE)).size == 5

    play(scenario)


def test_what_is_held_stays_until_it_is_not(play: Callable[[Scenario], None]) -> None:
    async def scenario(packages: Packages) -> None:
        folders = {name: (await packages.unpack(name, ONE)).folder for name in "abc"}
        with packages.holding("a"), packages.holding("a"):
            packages.keep({"c"})
            assert {name: folder.exists() for name, folder in folders.items()} == {"a": True, "b": False, "c": True}
            assert packages.find("a") is not None
        assert not folders["a"].exists()
        assert packages.find("a") is None

    play(scenario)


def test_what_is_wanted_again_is_not_removed(play: Callable[[Scenario], None]) -> None:
    async def scenario(packages: Packages) -> None:
        folder = (await packages.unpack("a", ONE)).folder
        with packages.holding("a"):
            packages.keep(set())
            await packages.unpack("a", ONE)
        assert folder.exists()

    play(scenario)


def test_one_that_was_removed_comes_back(play: Callable[[Scenario], None]) -> None:
    async def scenario(packages: Packages) -> None:
        await packages.unpack("a", ONE)
        packages.keep(set())
        assert (await packages.unpack("a", ONE)).folder.exists()

    play(scenario)


def test_what_a_killed_process_left_is_swept_up(play: Callable[[Scenario], None], tmp_path: Path) -> None:
    script = f"""
import asyncio, os, sys, tempfile
tempfile.tempdir = {str(tmp_path)!r}
from emulator.runtime.packages import Packages
async def main():
    packages = Packages()
    await packages.unpack("a", {ONE!r})
    os._exit(0)
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    left = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert len(left) == 1

    async def scenario(packages: Packages) -> None:
        other = Packages()
        folder = (await other.unpack("a", ONE)).folder
        await asyncio.get_running_loop().shutdown_default_executor()
        assert not left[0].exists()
        assert folder.exists()  # that of a process that lives is not swept up
        other.close()

    play(scenario)
