"""The parent of all processes that run functions: a program of its own, started by path, on the standard library.

It has one thread, so that it may fork; it holds one end of a socket, so that it sees the emulator end, however that
ended, and takes everything with it. Orders come as lines of JSON, one with the file that the child is to write to:

    {"start": key, "argv": […], "env": {…}, "folder": cwd, "mounts": […] or null, "limits": {name: number}}
    {"signal": key, "number": n}                to the process and all of its group
    {"end": [key, …], "marker": "NAME=value"}   kill these and whatever came of them: everything that has the marker in
                                                its environment, also what made itself a daemon
    {"remove": folder}

What it tells: {"mapped": bool} once; {"started": key, "pid": n}; {"failed": key, "errno": n} when there is nothing to
execute; {"ended": key, "status": wait status}.
"""

import array
import contextlib
import ctypes
import json
import os
import resource
import selectors
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..")))
from emulator.runtime.children import mounts

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if _LINUX else None
_READ = 1 << 16


class Nursery:
    """`control` leads to the emulator; `folder` is removed at the end; `runtime` is the folder that is laid to
    /var/runtime, "" when no path is to be changed."""

    def __init__(self, control: socket.socket, folder: str, runtime: str) -> None:
        self._control = control
        self._folder = folder
        self._selector = selectors.DefaultSelector()
        self._pids: dict[int, int] = {}  # key -> pid, while it is not reaped
        self._keys: dict[int, int] = {}
        self._sessions: dict[int, int] = {}  # key -> pid, until it was ended: orphans may still be of that session
        self._told: dict[int, int] = {}  # key -> the pipe by which it says that nothing could be executed
        self._files: list[int] = []
        self._buffer = b""
        if _libc is not None:
            _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # what outlives its parent comes here
        mapped = bool(runtime) and mounts.possible(folder, runtime)
        if mapped:
            mounts.prepare(runtime)
        self._tell(mapped=mapped)

    def run(self) -> None:
        """Until the emulator is gone."""
        woken, wakes = os.pipe()
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the emulator says when it is over
        self._selector.register(self._control, selectors.EVENT_READ, self._ordered)
        self._selector.register(woken, selectors.EVENT_READ, lambda: self._reap(woken))
        try:
            while True:
                for ready, _ in self._selector.select():
                    ready.data()
        except (EOFError, ConnectionError):
            pass
        finally:
            for key in list(self._sessions):
                self._end([key], "")
            for pid in _children(os.getpid()):
                _kill_all([pid])
            shutil.rmtree(self._folder, ignore_errors=True)

    def _ordered(self) -> None:
        data, files = _receive(self._control)
        if not data:
            raise EOFError
        self._files += files
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "start" in order:
                self._start(order, self._files.pop(0))
            elif "signal" in order:
                self._signal(order["signal"], order["number"])
            elif "end" in order:
                self._end(order["end"], order["marker"])
            elif "remove" in order:
                shutil.rmtree(order["remove"], ignore_errors=True)

    def _start(self, order: dict[str, Any], output: int) -> None:
        key = order["start"]
        told, tells = os.pipe()  # closes when something is executed, or says why nothing is
        pid = os.fork()
        if not pid:
            _become(order, output, tells)
        os.close(output)
        os.close(tells)
        self._pids[key] = self._sessions[key] = pid
        self._keys[pid] = key
        self._tell(started=key, pid=pid)
        self._told[key] = told
        self._selector.register(told, selectors.EVENT_READ, lambda: self._executed(key))

    def _executed(self, key: int) -> None:
        told = self._told.pop(key, None)
        if told is None:  # it had ended, and was asked then
            return
        self._selector.unregister(told)
        failure = os.read(told, 100)
        os.close(told)
        if failure:
            self._tell(failed=key, errno=int(failure))

    def _reap(self, woken: int) -> None:
        os.read(woken, 4096)
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                key = self._keys.pop(pid, None)
                if key is not None:
                    self._executed(key)
                    del self._pids[key]
                    self._tell(ended=key, status=status)

    def _signal(self, key: int, number: int) -> None:
        pid = self._pids.get(key)
        if pid is not None:  # not reaped: the number is still its own
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, number)

    def _end(self, keys: list[int], marker: str) -> None:
        """What is killed may be about to fork: look again until there is nothing left."""
        sessions = {self._sessions.pop(key) for key in keys if key in self._sessions}
        for _ in range(20):
            roots = [pid for key in keys if (pid := self._pids.get(key)) is not None]
            for pid in roots:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
            orphans = [
                pid
                for pid in _children(os.getpid())
                if pid not in self._keys and (_session(pid) in sessions or _is_marked(pid, marker))
            ]
            if not _kill_all([*roots, *orphans]):
                return

    def _tell(self, **members: Any) -> None:
        with contextlib.suppress(ConnectionError):  # it is gone: the next look at the socket says so
            self._control.sendall(json.dumps(members).encode() + b"\n")


def _become(order: dict[str, Any], output: int, tells: int) -> None:
    """In the forked child: never returns."""
    code = 1
    try:
        os.setsid()
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)  # SIGXFSZ stays ignored: a file that is too large is an error
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, nothing), (1, output), (2, output)):
            os.dup2(source, target)
        for name, value in order["limits"].items():
            _limit(getattr(resource, name), value)
        if order["mounts"] is not None:
            mounts.lay(order["mounts"])
        os.chdir(order["folder"])
        os.execve(order["argv"][0], order["argv"], order["env"])
    except OSError as error:
        code = 127 if error.errno == 2 else 126
        os.write(tells, str(error.errno or 1).encode())
    finally:
        os._exit(code)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    files = array.array("i")
    data, ancillary, _, _ = control.recvmsg(_READ, socket.CMSG_SPACE(16 * files.itemsize))
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            files.frombytes(content[: len(content) - len(content) % files.itemsize])
    for file in files:
        os.set_inheritable(file, False)
    return data, list(files)


def _kill_all(roots: list[int]) -> int:
    """Kill these and all that they started; how many lived."""
    killed = 0
    for pid in [found for root in roots for found in (root, *_descendants(root))]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if _is_alive(pid):
                os.kill(pid, signal.SIGKILL)
                killed += 1
    return killed


def _is_alive(pid: int) -> bool:
    """Neither gone nor waiting to be reaped. Where there is no /proc, nobody is found twice."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in ("Z", "X")


def _session(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[3]) if fields else 0


def _stat(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _descendants(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _descendants(child)


def _children(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    found: list[int] = []
    for thread in threads:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
            found += map(int, file.read().split())
    return found


def _is_marked(pid: int, marker: str) -> bool:
    if not marker:
        return False
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return marker.encode() in file.read().split(b"\0")
    except OSError:
        return False


if __name__ == "__main__":
    Nursery(socket.socket(fileno=int(sys.argv[1])), *sys.argv[2:4]).run()
