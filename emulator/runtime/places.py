"""Where a process of a function finds its code, its layers and its temporary files, and what it calls them.

Where the system has mount namespaces to give away, the folders lie at /var/task, /opt and /tmp, as on AWS. Elsewhere
(macOS, a container without privileges) the process gets the real paths, and what comes back of them in error objects
and logs is put into AWS's words.
"""

import os
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from emulator.runtime.children.mounts import RUNTIME, TASK, Mount
from emulator.runtime.function import FunctionSpec
from emulator.runtime.loader import shared_root, task_root

PACKAGE = Path(__file__).resolve().parents[1]
_NAMED = re.compile(r"(^|:)(/var/task|/opt|/var/runtime)(?=/|:|$)")


@dataclass(frozen=True, slots=True)
class Places:
    """`task`, `opt` and `tmp` are the folders on this machine (`opt` None without layers), `package` is that of the
    emulator as the process sees it. `mounts` is None where the process sees the real paths.
    """

    task: Path
    opt: Path | None
    tmp: Path
    shared: Path | None
    mounts: list[Mount] | None
    _words: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def mapped(self) -> bool:
        return self.mounts is not None

    @property
    def package(self) -> str:
        return RUNTIME if self.mapped else str(PACKAGE)

    def seen(self, path: str) -> str:
        """AWS's path, as the process has to write it; in a list of paths (`A:B`) each."""
        return path if self.mapped else _NAMED.sub(lambda found: found[1] + self._real(found[2]), path)

    def told(self, text: bytes) -> bytes:
        """What the process wrote, in AWS's words."""
        for real, seen in self._words:
            if real in text:
                text = text.replace(real, seen)
        return text

    def told_path(self, path: str) -> str:
        return self.told(os.fsencode(path)).decode(errors="replace")

    def on_disk(self, path: str) -> Path | None:
        """The file of this machine behind one of the function's, None when it is none of its code."""
        return self.task / path.removeprefix(f"{TASK}/") if path.startswith(f"{TASK}/") else None

    def _real(self, path: str) -> str:
        if path == TASK:
            return str(self.task)
        if path == "/opt":
            return path if self.opt is None else str(self.opt)
        return str(PACKAGE.parent)


def root_of(function: FunctionSpec) -> Path:
    """The folder that is /var/task."""
    return task_root(function.code).resolve()


def places(function: FunctionSpec, opt: Path | None, tmp: Path, program: str, *, mapped: bool) -> Places:
    """For one environment; `program` is what will run, which has to stay where it is."""
    task, shared = root_of(function), shared_root(function.code)
    if mapped and not _hidden(program, opt):
        mounts = [["bind", TASK, str(task)], ["instead", "/tmp", str(tmp)]]
        if opt is not None:
            mounts.append(["over", "/opt", str(opt)])
        needed = [*_homes(program), *([str(shared.resolve())] if shared is not None else [])]
        mounts += [["keep", path, path] for path in dict.fromkeys(needed) if path.startswith("/tmp/")]
        return Places(task, opt, tmp, shared, mounts)
    words = [(task, TASK), (tmp, "/tmp"), *([(opt, "/opt")] if opt is not None else [])]
    return Places(
        task, opt, tmp, shared, None, [(os.fsencode(real), seen.encode()) for real, seen in words if str(real) != "/"]
    )


def _hidden(program: str, opt: Path | None) -> bool:
    """Would what runs be gone when the layers lie over /opt?"""
    laid = os.listdir(opt) if opt is not None else []
    return any(home.startswith(f"/opt/{name}/") for home in _homes(program) for name in laid)


def _homes(program: str) -> list[str]:
    """The folders that a program needs to be in their places."""
    if program == sys.executable:
        return [*{sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(program)) + "/"}]
    return [os.path.dirname(path) + "/" for path in {program, os.path.realpath(program)}]


def temporary_folder() -> Path:
    """For everything of one executor that lies on disk."""
    return Path(tempfile.mkdtemp(prefix="ebl-")).resolve()
