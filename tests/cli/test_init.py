import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.cli.commands import main
from emulator.cli.init import FILES
from tests.cli.servers import CLEAN


def test_four_files_and_nothing_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "shop")]) == 0
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "shop" / name) for name in FILES]
    (tmp_path / "shop" / "config.yaml").unlink()
    assert main(["init", str(tmp_path / "shop")]) == 1
    assert "is there already: nothing was written" in capsys.readouterr().err
    assert not (tmp_path / "shop" / "config.yaml").exists()


@pytest.mark.slow
def test_the_test_that_it_writes_passes(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    path = f"{Path(sys.executable).parent}{os.pathsep}{CLEAN['PATH']}"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path, env={**CLEAN, "PATH": path}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "2 passed" in run.stdout, run.stdout + run.stderr
