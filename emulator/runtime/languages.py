"""How each runtime is run here: by which program, found where, and what stands in the way.

python3.X       the Python that runs the emulator, when it is of that version or there is none such on PATH
nodejsX.x       `nodeX` on PATH, else `node`
provided…, custom   the executable `bootstrap` of the code, or of a layer
"""

import os
import re
import shutil
import sys
from pathlib import Path

from emulator.runtime.function import FunctionSpec

OLDEST_PYTHON = (3, 10)
"""What the program in children/python.py needs."""

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
    """The interpreter."""
    found = _PYTHON.fullmatch(runtime)
    if found is not None:
        version = int(found[1]), int(found[2])
        if version != sys.version_info[:2] and version >= OLDEST_PYTHON:
            return shutil.which(runtime) or sys.executable
    return sys.executable


def program(function: FunctionSpec, task: Path, opt: Path | None) -> list[str]:
    """What is executed, before its arguments: an interpreter, or "bootstrap" as the function will see it.

    Raises NoEntrypoint.
    """
    if is_custom(function.runtime):
        return [_bootstrap(task, opt)]
    problem = unavailable(function.runtime)
    if problem is not None:
        raise NoEntrypoint(problem)
    if is_python(function.runtime):
        return [python(function.runtime), "-B"]
    node = _node(function.runtime)
    assert node is not None
    # What V8 would take for a machine of this size would never let it collect; so much is kept for the rest of Node.
    return [node, f"--max-old-space-size={max(64, function.memory_mb * 9 // 10)}"]


def _node(runtime: str) -> str | None:
    major = _NODE.fullmatch(runtime)
    return (shutil.which(f"node{major[1]}") if major else None) or shutil.which("node")


def _bootstrap(task: Path, opt: Path | None) -> str:
    for folder, seen in ((task, "/var/task"), (opt, "/opt")):
        if folder is not None and os.path.isfile(folder / "bootstrap"):
            return f"{seen}/bootstrap"
    raise NoEntrypoint("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
