import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from emulator.cli.commands import main
from emulator.cli.init import FILES, TEMPLATES
from tests.cli.servers import CLEAN

ROOT = Path(__file__).parents[2]


def test_four_files_and_nothing_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "shop")]) == 0
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "shop" / name) for name in FILES]
    (tmp_path / "shop" / "config.yaml").unlink()
    assert main(["init", str(tmp_path / "shop")]) == 1
    assert "is there already: nothing was written" in capsys.readouterr().err
    assert not (tmp_path / "shop" / "config.yaml").exists()


def run_tests(folder: Path) -> str:
    """What pytest prints in a project."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{CLEAN['PATH']}"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder, env={**CLEAN, "PATH": path}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return run.stdout + run.stderr


@pytest.mark.slow
def test_the_test_that_it_writes_passes(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    assert "2 passed" in run_tests(tmp_path)


@pytest.mark.slow
def test_the_test_that_it_writes_says_why_it_fails(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text().replace("[OrderPlaced]", "[orderPlaced]"))
    assert "AssertionError: OrderPlaced matched no rule\nE         closest  charge-on-order  1/2\n" in run_tests(
        tmp_path
    )
    config.write_text("rules: {a: {patern: {}}}\n")
    said = run_tests(tmp_path)
    assert "the emulator did not start:\n" in said
    assert 'rules.a.patern: unknown key. Did you mean "pattern"?' in said


def test_the_compose_file_runs_the_image_as_the_repository_does() -> None:
    """It is the one built from a checkout: there is none to be pulled, and nobody else's may be."""
    theirs = yaml.safe_load((TEMPLATES / "docker-compose.yml").read_text())["services"]["aws"]
    ours = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["aws"]
    assert (theirs.pop("image"), theirs.pop("pull_policy"), ours.pop("build")) == ("eventbridge-local", "never", ".")
    assert theirs == ours
    assert "docker build --tag eventbridge-local ." in (ROOT / "docs" / "docker.md").read_text()
