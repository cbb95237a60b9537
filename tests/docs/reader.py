"""A reader who does what a page says: a folder, a terminal with a shell, and one in which the server runs."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from tests.docs.page import ROOT, Block, changed

VENV = Path(sys.executable).parent.parent
PATIENCE = 20.0  # seconds until something that must come is said to be missing
_END = "--- end of block "
_NO_BREAK_SPACE = "\u00a0"  # Lambda indents tracebacks with it


class Lines:
    """What a process prints, as it comes."""

    def __init__(self, stream: IO[str]) -> None:
        self.all: list[str] = []
        self.seen = 0
        self._ended = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def new(self) -> list[str]:
        """Those that nobody has taken yet."""
        lines, self.seen = self.all[self.seen :], len(self.all)
        return lines

    def wait(self, *texts: str, since: int = 0) -> None:
        """Until a line holds one of the texts."""
        with self._news:
            self._news.wait_for(lambda: self._ended or self._has(texts, since), PATIENCE)
            assert self._has(texts, since), f"{texts} did not come, but:\n" + "\n".join(self.all)

    def wait_for(self, number: int) -> None:
        """Until so many lines have come that nobody has taken."""
        with self._news:
            self._news.wait_for(lambda: self._ended or len(self.all) >= self.seen + number, PATIENCE)

    def _has(self, texts: Iterable[str], since: int) -> bool:
        return any(text in line for line in self.all[since:] for text in texts)

    def join(self) -> None:
        """Until nothing more can come."""
        self._thread.join(PATIENCE)

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            with self._news:
                self.all.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


class Reader:
    """Begins in `folder`, which holds the project's example.  Close it."""

    def __init__(self, folder: Path, *, activated: bool = True) -> None:
        self.folder = folder
        self.port = free_port()
        shutil.copy(ROOT / "config.yaml", folder)
        shutil.copytree(ROOT / "functions", folder / "functions", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / ".venv").symlink_to(VENV)
        path = os.environ["PATH"].split(os.pathsep)
        others = os.pathsep.join(place for place in path if Path(place) != VENV / "bin")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
            "PATH": f"{VENV / 'bin'}{os.pathsep}{others}" if activated else others,
            "HOME": str(folder),
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "EBL_PORT": str(self.port),
        }
        self._shell = self._popen(["bash", "--norc"])
        assert self._shell.stdout is not None
        self._shown = Lines(self._shell.stdout)
        self._server: subprocess.Popen[str] | None = None
        self._served: Path | None = None
        self.screen: Lines | None = None
        self._printed: list[str] = []

    def close(self) -> None:
        self.stop()
        end(self._shell, self._shown)

    def does(self, block: Block) -> None:
        """What the block says; AssertionError when it does not come out as the page has it."""
        if block.starts_a_server:
            self.start(block.text.split())
        elif block.language == "sh":
            self._runs(block)
        elif block.language == "text":
            self._compares(block)
        elif block.language == "diff":
            name, _ = changed("", block.text)
            self._writes(name, changed((self.here / name).read_text(), block.text)[1])
        else:
            assert block.file, f"line {block.line}: a block that nobody can run or write to a file"
            self._writes(block.file, block.text)

    @property
    def here(self) -> Path:
        """Where the shell is."""
        return Path(self._sends("pwd")[0][0])

    def start(self, words: Iterable[str]) -> None:
        """`make run` is `ebl start` (another test holds the Makefile to it)."""
        self.stop()
        words = [word for word in words if word not in ("make", "run", "ebl", "start")]
        self._served = self.here
        self._server = self._popen([str(VENV / "bin" / "ebl"), "start", *words], cwd=self._served)
        assert self._server.stdout is not None
        self.screen = Lines(self._server.stdout)
        self.screen.wait("Ready.", '"READY"')

    def stop(self) -> None:
        if self._server is not None and self.screen is not None:
            end(self._server, self.screen)
            self._server = self._served = None

    def _runs(self, block: Block) -> None:
        if _for_elsewhere(block.text):
            _only_reads(block.text)
            return
        self._printed, code = self._sends(self._local(block.text))
        assert code == block.exits, f"line {block.line}, exit code {code}:\n{block.text}\n" + "\n".join(self._printed)

    def _compares(self, block: Block) -> None:
        wanted = [plain(line) for line in block.text.splitlines()]
        if block.words == "server":
            assert self.screen is not None, f"line {block.line}: no server was started"
            self.screen.wait_for(len(wanted))
            got = [plain(line, self.port) for line in self.screen.new()]
            missing, more = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
            assert not missing - Counter(["…"]), f"never shown: {list(missing)}\nbut: {got}"
            assert not more or "…" in wanted, f"shown as well: {list(more)}"
        else:
            got = [plain(line, self.port) for line in self._printed]
            assert alike(wanted, got), f"line {block.line}, printed:\n" + "\n".join(self._printed)

    def _writes(self, name: str, text: str) -> None:
        """And waits until a server that runs there has seen it."""
        path = self.here / name
        is_applied = name == "config.yaml" or (name.startswith("functions/") and not path.exists())
        since = len(self.screen.all) if self.screen else 0
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._local(text), encoding="utf-8")
        if self.screen and is_applied and self._served == self.here:
            self.screen.wait("config.yaml applied", "config.yaml not applied", since=since)

    def _sends(self, commands: str) -> tuple[list[str], int]:
        """Run commands in the shell; what they printed, and the code of the last that failed (0: none did)."""
        assert self._shell.stdin is not None
        self._shown.new()
        since = len(self._shown.all)
        script = f"failed=0; trap 'failed=$?' ERR\n{commands}\ntrap - ERR; echo; echo '{_END}'$failed\n"
        self._shell.stdin.write(script)
        self._shell.stdin.flush()
        self._shown.wait(_END, since=since)
        *lines, end = self._shown.new()
        return lines[:-1] if lines and not lines[-1] else lines, int(end.removeprefix(_END))

    def _local(self, text: str) -> str:
        return text.replace("localhost:4566", f"localhost:{self.port}")

    def _popen(self, command: list[str], cwd: Path | None = None) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            command, cwd=cwd or self.folder, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip


def end(process: "subprocess.Popen[str]", lines: Lines) -> None:
    process.terminate()
    process.wait(PATIENCE)
    lines.join()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


_VARIABLE = (
    (re.compile(r" --endpoint http://localhost:4566"), ""),  # named because it is not the usual one
    (re.compile(r"\b\d\d:\d\d:\d\d\.\d{3}\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "MOMENT"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"(?<=/_ebl/e/)[0-9a-f]{6}\b|(?<=  )[0-9a-f]{6}$"), "ID"),
    (re.compile(r"\bin \d+\.\d+ ?s\b"), "in N s"),
    (re.compile(r"((<1|\b\d+(\.\d+)?) ms|\b\d+\.\d s)\b"), "N ms"),  # on a machine that is busy, seconds
    (re.compile(r"\bnext \w+ (?=\d\d:\d\d UTC)"), "next DAY "),
    (re.compile(r"\b\d+ MB\b"), "N MB"),
    (re.compile(r"(?<=\S)  +"), "  "),
)


def plain(line: str, port: int = 4566) -> str:
    """A line without what differs from run to run."""
    line = line.replace(f"localhost:{port}", "localhost:4566").replace(_NO_BREAK_SPACE, " ").rstrip()
    for pattern, word in _VARIABLE:
        line = pattern.sub(word, line)
    return line


def alike(wanted: list[str], got: list[str]) -> bool:
    """Line by line; … in a line stands for any text, and alone on a line for any number of lines."""
    if "…" in wanted:
        at = wanted.index("…")
        rests = (got[after:] for after in range(at, len(got) + 1))
        return alike(wanted[:at], got[:at]) and any(alike(wanted[at + 1 :], rest) for rest in rests)
    return len(wanted) == len(got) and all(map(_same, wanted, got))


def _same(wanted: str, got: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, wanted.split("…"))), got) is not None


def _for_elsewhere(commands: str) -> bool:
    """Commands that cannot be run here: there is no container engine, and `make` would run this very test."""
    return all(line.split()[0] in ("make", "docker") for line in commands.splitlines() if line.strip())


def _only_reads(commands: str) -> None:
    """As far as it goes: the shell takes them, and make knows its targets."""
    subprocess.run(["bash", "-n"], input=commands, text=True, check=True)
    for words in (shlex.split(line, comments=True) for line in commands.splitlines()):
        if words and words[0] == "make":
            subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
