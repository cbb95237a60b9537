from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.config import Config, parse
from emulator.errors import ConfigError

Project = Callable[[str], Config]
HANDLER = "def handler(event, context): ...\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Parses a text as the config.yaml of a project with the functions charge, ship and report."""
    folder = tmp_path / "functions"
    (folder / "report").mkdir(parents=True)
    for name in ("charge.py", "ship.py", "report/app.py"):
        (folder / name).write_text(HANDLER)
    return lambda text: parse(text, tmp_path / "config.yaml", {"STAGE": "dev"})


@pytest.fixture
def problems(project: Project) -> Callable[[str], list[str]]:
    """What is wrong with a config.yaml, without the folder before the file's name."""

    def found(text: str) -> list[str]:
        with pytest.raises(ConfigError) as raised:
            project(text)
        return [str(problem).partition("/config.yaml:")[2] for problem in raised.value.problems]

    return found
