"""The emulator's side of the nursery: starts it when it is first needed, gives orders, hears what became of children.

On the event loop's thread. Orders are small, and the nursery takes them at once: so they are simply written.
"""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from emulator.runtime.children import nursery
from emulator.runtime.children.mounts import Mount
from emulator.runtime.places import PACKAGE

_SEND_SECONDS = 5.0
_KILLED = 9


class Child(Protocol):
    """Who is told of one process."""

    def started(self, pid: int) -> None: ...

    def failed(self, errno: int) -> None:
        """There was nothing to execute; `ended` follows."""
        ...

    def ended(self, status: int) -> None:
        """`status` as os.wait gives it."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What is started: where, with which folders mounted (None: none), and with which limits (RLIMIT_… → number)."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    mounts: list[Mount] | None
    limits: Mapping[str, int]


class Spawner:
    """`folder` is the nursery's to remove. `mapped` says whether children may have mounts, once it is started."""

    def __init__(self, folder: Path, *, map_paths: bool = True) -> None:
        self._folder = folder
        self._map_paths = map_paths
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nursery: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._buffer = b""
        self._greeting: asyncio.Future[None] | None = None
        self._children: dict[int, Child] = {}
        self._next = 0
        self.mapped = False
        self.on_loss: Callable[[], None] = lambda: None

    @property
    def alive(self) -> bool:
        return self._control is not None

    async def ready(self) -> None:
        """The nursery runs. Raises OSError."""
        if self._control is not None and self._greeting is not None:
            await asyncio.shield(self._greeting)
            return
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-S", "-E", nursery.__file__, str(theirs.fileno()), str(self._folder)]
        self._nursery = subprocess.Popen(
            [*command, str(PACKAGE) if self._map_paths else ""], pass_fds=[theirs.fileno()], start_new_session=True,
            stdin=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        theirs.close()
        ours.settimeout(_SEND_SECONDS)
        self._loop = asyncio.get_running_loop()
        greeting: asyncio.Future[None] = self._loop.create_future()
        self._control, self._greeting = ours, greeting
        self._loop.add_reader(ours.fileno(), self._hear)
        await greeting

    def start(self, order: Order, output: int, child: Child) -> int:
        """Start a process that writes to the file `output`; the key by which it is known."""
        self._next += 1
        self._children[self._next] = child
        if self._control is None:
            self._abandon()
        self._order(
            {
                "start": self._next, "argv": list(order.argv), "env": dict(order.environment), "folder": order.folder,
                "mounts": order.mounts, "limits": dict(order.limits),
            },
            output,
        )  # fmt: skip
        return self._next

    def signal(self, key: int, number: int) -> None:
        """To the process and its group, unless it has ended."""
        self._order({"signal": key, "number": number})

    def end(self, keys: Sequence[int], marker: str) -> None:
        """Kill these, whatever they started, and whatever has `marker` (`NAME=value`) in its environment."""
        self._order({"end": list(keys), "marker": marker})

    def remove(self, folder: Path) -> None:
        self._order({"remove": str(folder)})

    def close(self) -> None:
        """Everything ends with the nursery, and nobody is told any more."""
        self._children.clear()
        if self._control is not None and self._loop is not None:
            if not self._loop.is_closed():
                self._loop.remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        if self._nursery is not None:
            self._nursery.wait(_SEND_SECONDS)
            self._nursery = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _order(self, members: dict[str, Any], *files: int) -> None:
        if self._control is None:
            return
        line = json.dumps(members).encode() + b"\n"
        try:
            sent = socket.send_fds(self._control, [line], files) if files else 0
            self._control.sendall(line[sent:])
        except OSError:
            self._lost()

    def _hear(self) -> None:
        assert self._control is not None
        try:
            data = self._control.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, told: dict[str, Any]) -> None:
        if "mapped" in told:
            self.mapped = told["mapped"]
            if self._greeting is not None and not self._greeting.done():
                self._greeting.set_result(None)
        elif "started" in told and (child := self._children.get(told["started"])):
            child.started(told["pid"])
        elif "failed" in told and (child := self._children.get(told["failed"])):
            child.failed(told["errno"])
        elif "ended" in told and (child := self._children.pop(told["ended"], None)):
            child.ended(told["status"])

    def _lost(self) -> None:
        """The nursery is gone, and all children with it: somebody has killed it. Another one comes with `ready`."""
        assert self._control is not None
        assert self._loop is not None
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        self._control, self._buffer = None, b""
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.wait()
        self._folder.mkdir(exist_ok=True)
        if self._greeting is not None and not self._greeting.done():
            self._greeting.set_exception(OSError("the process that starts functions could not be started"))
        self._abandon()
        self._loop.call_soon(self.on_loss)

    def _abandon(self) -> None:
        assert self._loop is not None
        children, self._children = self._children, {}
        for child in children.values():
            self._loop.call_soon(child.ended, _KILLED)
