"""The zip that a function of the project would be deployed as.  Runs off the event loop; knows files alone."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from emulator.runtime.fault import Fault
from emulator.runtime.function import handler_of
from emulator.runtime.loader import find_file, shared_root, task_root
from emulator.runtime.unzip import MAX_UNZIPPED, TooLarge

_LEFT_OUT = frozenset({"__pycache__"})
_EPOCH = (1980, 1, 1, 0, 0, 0)


def zip_of(code: Path) -> bytes:
    """A function's folder (that in which its file lies) with what it shares, as an archive; the same files make the
    same bytes.  Hidden ones, bytecode and virtual environments are left out.  Raises TooLarge, OSError."""
    import zipfile  # see unzip

    out, size = BytesIO(), 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in sorted(_files(code)):
            content = path.read_bytes()
            size += len(content)
            if size > MAX_UNZIPPED:
                raise TooLarge(f"{task_root(code)} has more than {MAX_UNZIPPED} bytes")
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.compress_type = 3, zipfile.ZIP_DEFLATED
            info.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
            archive.writestr(info, content)
    return out.getvalue()


def handler_in_zip(code: Path, handler: str) -> str:
    """The handler as AWS spells it, relative to the archive's root; empty when there is none to be found."""
    module, colon, attribute = handler.rpartition(":")
    if not colon:
        return handler_of(code, handler)
    if not module.endswith(".py"):
        return f"{module}.{attribute}"
    try:
        path = find_file(code, module)
    except Fault:  # there is no such file: the invocation says so
        return handler
    return f"{path.relative_to(task_root(code).absolute()).with_suffix('').as_posix()}.{attribute}"


def _files(code: Path) -> Iterator[tuple[str, Path]]:
    """Name in the archive, and file.  What is shared lies beside the folder."""
    root, shared = task_root(code), shared_root(code)
    found = dict(_below(root))
    if shared is not None:
        found = {name: path for name, path in _below(shared) if name.startswith("_")} | found
    yield from found.items()


def _below(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if _is_kept(name) and not os.path.exists(f"{folder}/{name}/pyvenv.cfg")]
        for name in names:
            path = Path(folder, name)
            if _is_kept(name) and path.is_file():
                yield path.relative_to(root).as_posix(), path


def _is_kept(name: str) -> bool:
    return name not in _LEFT_OUT and not name.startswith(".") and not name.endswith(".pyc")
