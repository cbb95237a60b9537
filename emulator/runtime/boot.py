"""The processes of one environment, from their start to their end: the extensions, and after them the runtime."""

import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from emulator.runtime.drain import Drain
from emulator.runtime.function import FunctionSpec
from emulator.runtime.languages import is_custom, is_python
from emulator.runtime.places import Places
from emulator.runtime.spawner import Order
from emulator.runtime.world import World

_OPEN_FILES = 1024  # AWS, recorded in November 2025
_WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is started: the runtime's words, the variables, and the extensions (name → words)."""

    words: Sequence[str]
    environment: Mapping[str, str]
    extensions: Mapping[str, Sequence[str]]


def plan(
    function: FunctionSpec, places: Places, program: Sequence[str], environment: Mapping[str, str],
    extensions: Sequence[tuple[str, str]],
) -> Plan:  # fmt: skip
    words = [places.seen(program[0]), *program[1:]]
    if not is_custom(function.runtime):
        file = "python.py" if is_python(function.runtime) else "node.mjs"
        words += [f"{places.package}/runtime/children/{file}", json.dumps(_settings(function, places))]
        if _WRAPPER in environment:  # as AWS's own runtimes do: what comes of a wrong path is the shell's to say
            words = ["/bin/sh", "-c", f'exec "${_WRAPPER}" "$@"', "/var/runtime/bootstrap", *words]
    return Plan(words, environment, {name: [places.seen(path)] for name, path in extensions})


def _settings(function: FunctionSpec, places: Places) -> dict[str, object]:
    return {
        "real_aws": sorted(function.real_aws),
        "opt": places.seen("/opt") if places.opt is not None else None,
        "shared": str(places.shared.resolve()) if places.shared is not None else None,
    }


class Listener(Protocol):
    def runtime_ended(self, status: int) -> None:
        """`status` as os.wait gives it."""
        ...

    def extension_ended(self, name: str, status: int) -> None: ...


class Boot:
    """`take` gets what they print; `errno` is why the runtime could not be executed, 0 when it was."""

    def __init__(
        self, world: World, function: FunctionSpec, places: Places, address: str, take: Callable[[str], None],
        listener: Listener,
    ) -> None:  # fmt: skip
        self._spawner = world.spawner
        self._function = function
        self._places = places
        self._marker = f"AWS_LAMBDA_RUNTIME_API={address}"
        self._listener = listener
        self._runtime: _Process | None = None
        self._extensions: list[_Process] = []
        self._over = False
        self.drain = Drain(world.loop, take)
        self.errno = 0

    @property
    def has_runtime(self) -> bool:
        return self._runtime is not None

    @property
    def pids(self) -> list[int]:
        """Of the processes that run."""
        every = [*self._extensions, *([self._runtime] if self._runtime else [])]
        return [process.pid for process in every if process.pid]

    @property
    def extensions_live(self) -> bool:
        return any(process.pid for process in self._extensions)

    def start_extensions(self, plan: Plan) -> None:
        for name, words in plan.extensions.items():
            self._extensions.append(_Process(self, name))
            self._start(self._extensions[-1], words, plan, "/")

    def start_runtime(self, plan: Plan) -> None:
        self._runtime = _Process(self, "")
        self._start(self._runtime, plan.words, plan, self._places.seen("/var/task"))
        self.drain.started()

    def kill_runtime(self) -> None:
        if self._runtime is not None:
            self._spawner.signal(self._runtime.key, signal.SIGKILL)

    def ask_to_end(self) -> None:
        if self._runtime is not None:
            self._spawner.signal(self._runtime.key, signal.SIGTERM)

    def end(self) -> None:
        """Nothing of it is left, and nobody is told."""
        self._over = True
        self.drain.empty()
        self.drain.close()
        keys = [process.key for process in (*self._extensions, *([self._runtime] if self._runtime else []))]
        if keys:
            self._spawner.end(keys, self._marker)

    def _start(self, process: "_Process", words: Sequence[str], plan: Plan, folder: str) -> None:
        limits = {
            "RLIMIT_CORE": 0, "RLIMIT_NOFILE": _OPEN_FILES, "RLIMIT_FSIZE": self._function.ephemeral_storage_mb << 20,
        }  # fmt: skip
        order = Order(words, plan.environment, folder, self._places.mounts, limits)
        process.key = self._spawner.start(order, self.drain.end, process)

    def _ended(self, process: "_Process", status: int) -> None:
        if self._over:
            return
        if process is self._runtime:
            self._listener.runtime_ended(status)
        else:
            self._listener.extension_ended(process.name, status)

    def _failed(self, process: "_Process", errno: int) -> None:
        if process is self._runtime:
            self.errno = errno


class _Process:
    """One of them; `pid` is 0 while it does not run. `name` is the extension's, "" for the runtime."""

    def __init__(self, boot: Boot, name: str) -> None:
        self._boot = boot
        self.name = name
        self.key = 0
        self.pid = 0

    def started(self, pid: int) -> None:
        self.pid = pid

    def failed(self, errno: int) -> None:
        self._boot._failed(self, errno)

    def ended(self, status: int) -> None:
        self.pid = 0
        self._boot._ended(self, status)


def reason_of(errno: int, path: str) -> str:
    """Why it could not be executed, as Go says it."""
    return f"fork/exec {path}: {os.strerror(errno).lower()}"
