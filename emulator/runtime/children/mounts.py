"""/var/task, /opt and /tmp as a function finds them on AWS: a mount namespace of its own over the host's folders.

Needs Linux and either the right to mount or user namespaces; `possible` tries. The nursery prepares the places once for
all of its children; each child then lays its own folders there. A mount is [kind, path, folder]:

    ["bind", "/var/task", folder]     read-only
    ["over", "/opt", folder]          the entries of `folder`, and beside them the host's that have no such name
    ["instead", "/tmp", folder]       `folder` and nothing of the host's but what is listed as
    ["keep", "/tmp/venv", same]       of the host's, visible also where something else was laid over it
"""

import ctypes
import os
import sys

_NEWNS, _NEWUSER = 0x00020000, 0x10000000
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_FLAGS = ((2, 2), (4, 4), (8, 8), (1024, 1024), (2048, 2048), (4096, 1 << 21))
"""Of a file system as statvfs tells them, and as mount wants them: nosuid, nodev, noexec and how times are kept."""

TASK, RUNTIME = "/var/task", "/var/runtime/emulator"

Mount = list[str]


def possible(folder: str, runtime: str) -> bool:
    """Does this system let us?  Tried in a child, with mounts such as functions get."""
    if sys.platform != "linux" or not all(os.path.isdir(path) for path in ("/var", "/opt", "/tmp")):
        return False
    staged = os.path.join(folder, "probe")
    os.makedirs(staged, exist_ok=True)
    pid = os.fork()
    if not pid:
        try:
            prepare(runtime)
            lay([["bind", TASK, staged], ["over", "/opt", staged], ["instead", "/tmp", staged]])
            os._exit(0 if os.listdir(RUNTIME) and not os.listdir("/tmp") else 1)
        except BaseException:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def prepare(runtime: str) -> None:
    """For this process and its children: /var/task, still empty, and `runtime` in its place. Raises OSError."""
    uid, gid = os.geteuid(), os.getegid()
    if _libc().unshare(_NEWNS):
        _call(_libc().unshare(_NEWNS | _NEWUSER))
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    _mount(None, "/", _REC | _PRIVATE)
    held = _held(runtime)
    _cover("/var", {"task", "runtime"})
    os.mkdir(TASK)
    _bind(held, RUNTIME, read_only=True)


def lay(wanted: list[Mount]) -> None:
    """In this process and what it will start, after `prepare`. Raises OSError."""
    _call(_libc().unshare(_NEWNS))
    held = [(kind, path, _held(source)) for kind, path, source in wanted]
    for kind, path, source in held:
        if kind == "bind":
            _bind(source, path, read_only=True)
        elif kind == "over":
            entries = os.listdir(source)
            _cover(path, set(entries))
            for entry in entries:
                _bind_entry(source, path, entry, read_only=True)
        elif kind == "instead":
            _mount(source, path, _BIND | _REC)
        elif not os.path.exists(path):
            _bind(source, path)


def _held(path: str) -> str:
    """A name for what lies there now, whatever is laid over it later."""
    return f"/proc/self/fd/{os.open(path, os.O_PATH)}"  # type: ignore[attr-defined, unused-ignore]


def _cover(path: str, without: set[str]) -> None:
    """An empty folder in its place, with the entries that were there, but for some names."""
    old = _held(path)
    _mount("ebl", path, 0, "tmpfs", "size=1m,mode=755")
    for name in os.listdir(old):
        if name not in without:
            _bind_entry(old, path, name)


def _bind_entry(folder: str, target: str, name: str, *, read_only: bool = False) -> None:
    source = f"{folder}/{name}"
    if os.path.islink(source):
        os.symlink(os.readlink(source), f"{target}/{name}")
    elif os.path.isdir(source) or os.path.isfile(source):
        _bind(source, f"{target}/{name}", read_only=read_only)


def _bind(source: str, target: str, *, read_only: bool = False) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
    _mount(source, target, _BIND | _REC)
    if read_only:
        given = os.statvfs(target).f_flag
        flags = sum(as_mount for as_told, as_mount in _FLAGS if given & as_told)
        _mount(None, target, _REMOUNT | _BIND | _RDONLY | flags)


def _mount(source: str | None, target: str, flags: int, kind: str | None = None, data: str | None = None) -> None:
    words = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    _call(_libc().mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
