"""The watcher outlives whatever happens to it."""

import asyncio
from pathlib import Path

import pytest

from emulator.cli import watch
from emulator.cli.watch import Watcher


def test_what_fails_is_logged_and_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watch, "_PAUSE", 0.01)
    file = tmp_path / "config.yaml"
    seen: list[str] = []

    async def run() -> None:
        done = asyncio.Event()

        async def on_change() -> None:
            seen.append(file.read_text())
            if len(seen) == 1:
                raise RuntimeError("unforeseen")
            done.set()

        watcher = Watcher(lambda: (file, tmp_path / "functions"), on_change)
        task = asyncio.create_task(watcher.run())
        file.write_text("a")
        await asyncio.wait_for(done.wait(), 10)
        task.cancel()

    asyncio.run(run())
    assert seen == ["a", "a"]
    assert "unforeseen" in caplog.text
