"""A Dockerfile without an engine: its instructions, and their effect below a folder that stands for /.

Knows what our Dockerfile uses and refuses the rest: FROM, COPY, RUN, WORKDIR, ENV, USER, EXPOSE, HEALTHCHECK,
ENTRYPOINT, CMD.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

# What only a container can do; the rest of a RUN is run.
_SYSTEM = ("useradd", "install")
_OWN_PLACES = re.compile(r"(?<![\w./])/(opt|src|app|state)\b")


def instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", dockerfile, flags=re.MULTILINE))
    for line in filter(None, map(str.strip, joined.splitlines())):
        name, _, rest = line.partition(" ")
        yield name, rest.strip()


def context(project: Path, to: Path) -> None:
    """The build context: what .dockerignore lets through (all is ignored but what `!` names)."""
    first, *lines = (project / ".dockerignore").read_text().split()
    assert first == "*"
    to.mkdir()
    for line in lines:
        source = project / line.removeprefix("!")
        if line == "**/__pycache__":
            continue
        assert line.startswith("!"), line
        if source.is_dir():
            shutil.copytree(source, to / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to)


class Image:
    """Built below `root`; `environment`, `user`, `healthcheck` and `command` are those of the last stage."""

    def __init__(self, root: Path, context: Path) -> None:
        self.root = root
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "EBL_"))}
        self.user = "root"
        self.healthcheck: list[str] = []
        self.command: list[str] = []
        self.workdir = root
        self._entrypoint: list[str] = []
        for name, rest in instructions((context.parent / "Dockerfile").read_text()):
            self._does(name, rest, context)

    def place(self, path: str) -> str:
        """An absolute path of the image's own, below the root."""
        return _OWN_PLACES.sub(lambda found: str(self.root / found[1]), path)

    def _does(self, name: str, rest: str, context: Path) -> None:
        match name:
            case "FROM":
                self.workdir = self.root
            case "WORKDIR":
                self.workdir = Path(self.place(rest))
                self.workdir.mkdir(parents=True)
            case "COPY":
                self._copy(rest.split(), context)
            case "RUN":
                self._run(rest)
            case "ENV":
                for word in shlex.split(rest):
                    variable, _, value = word.partition("=")
                    path = self.environment["PATH"]
                    self.environment[variable] = self.place(value).replace("$PATH", path)
            case "USER":
                self.user = rest
            case "HEALTHCHECK":
                self.healthcheck = json.loads(rest.partition("CMD ")[2])
            case "ENTRYPOINT":
                self._entrypoint = json.loads(rest)
            case "CMD":
                self.command = [*self._entrypoint, *json.loads(rest)]
            case _:
                assert name == "EXPOSE", name

    def _copy(self, words: list[str], context: Path) -> None:
        if words[0] == "--from=build":  # the same root: it is there already
            assert Path(self.place(words[2])).exists()
            return
        *sources, target = words
        for source in sources:
            if (context / source).is_dir():
                shutil.copytree(context / source, self.workdir / target)
            else:
                shutil.copy(context / source, self.workdir / target)

    def _run(self, commands: str) -> None:
        for command in commands.split(" && "):
            if not command.startswith(_SYSTEM):
                # With the machine's own cache of packages, because only the time is another.
                words = [word for word in shlex.split(self.place(command)) if word != "--no-cache-dir"]
                subprocess.run(words, cwd=self.workdir, env=self.environment, check=True, capture_output=True)
