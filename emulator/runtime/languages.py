"""How each runtime is run here: by which program, found where, and what stands in the way.

`python3.X` by that Python when it is on the PATH, else by the one that runs the emulator; `nodejsX.x` by `nodeX` on the
PATH, else by `node`; `provided…` and `custom` by the executable `bootstrap` of the code, or of a layer.
"""

import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from emulator.runtime.function import FunctionSpec

OLDEST_PYTHON = (3, 10)
"""What the program in children/python.py needs."""

_SECONDS = 20.0
_PYTHON = re.compile(r"python(\d+)\.(\d+)")
_NODE = re.compile(r"nodejs(\d+)\.x")
_CUSTOM = re.compile(r"provided(\..+)?|custom")


class NoEntrypoint(Exception):
    """There is no program to run; the message is AWS's where it has one."""


def is_python(runtime: str) -> bool:
    """Could it run on a thread of this process?"""
    return not runtime or runtime.startswith("python")


def is_custom(runtime: str) -> bool:
    return _CUSTOM.fullmatch(runtime) is not None


def shown_runtime(function: FunctionSpec) -> str:
    """AWS's name of what the function asked for."""
    return function.runtime or f"python{sys.version_info.major}.{sys.version_info.minor}"


def unavailable(runtime: str) -> str | None:
    """A sentence why functions of this runtime cannot run on this machine, None when they can."""
    if is_python(runtime) or is_custom(runtime):
        return None
    if _NODE.fullmatch(runtime):
        if _node(runtime) is not None:
            return None
        return f"the runtime {runtime} needs Node.js, and there is no `node` on the PATH; install it, and start again"
    return (
        f"the runtime {runtime} is not emulated: functions run as Python, as Node.js, or by a `bootstrap` of their own "
        "(provided.al2023)"
    )


def python(runtime: str) -> str:
    """The interpreter.  May take a moment."""
    found = _PYTHON.fullmatch(runtime)
    version = (int(found[1]), int(found[2])) if found is not None else sys.version_info[:2]
    if version == sys.version_info[:2] or version < OLDEST_PYTHON:
        return sys.executable
    path = shutil.which(runtime)
    return (path and _itself(path, "-c", "import sys; print(sys.executable)")) or sys.executable


def program(function: FunctionSpec, task: Path, opt: Path | None) -> list[str]:
    """What is executed, before its arguments: an interpreter, or "bootstrap" as the function will see it.

    May take a moment.  Raises NoEntrypoint.
    """
    if is_custom(function.runtime):
        return [_bootstrap(task, opt)]
    problem = unavailable(function.runtime)
    if problem is not None:
        raise NoEntrypoint(problem)
    if is_python(function.runtime):
        return [python(function.runtime), "-B"]
    path = _node(function.runtime)
    node = _itself(path, "-p", "process.execPath") if path is not None else None
    if node is None:
        raise NoEntrypoint(f"{path} is on the PATH and does not run")
    # What V8 would take for a machine of this size would never let it collect; so much is kept for the rest of Node.
    return [node, f"--max-old-space-size={max(64, function.memory_mb * 9 // 10)}"]


def _node(runtime: str) -> str | None:
    major = _NODE.fullmatch(runtime)
    return (shutil.which(f"node{major[1]}") if major else None) or shutil.which("node")


@lru_cache
def _itself(path: str, *question: str) -> str | None:
    """Where a program says it is: what is on the PATH may be the shim of a manager of versions, which leads to another
    one by the working directory, or to none."""
    try:
        done = subprocess.run(
            [path, *question], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    told = done.stdout.strip()
    return told if os.path.isfile(told) else None


def _bootstrap(task: Path, opt: Path | None) -> str:
    for folder, seen in ((task, "/var/task"), (opt, "/opt")):
        if folder is not None and os.path.isfile(folder / "bootstrap"):
            return f"{seen}/bootstrap"
    raise NoEntrypoint("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
