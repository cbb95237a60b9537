"""What the code of a function is written in: Python, Node.js, or a program of its own; told by names and a look inside.

Knows no runtime's name but as a default for code that nobody said anything about.
"""

import os
import re
import stat
from functools import lru_cache
from pathlib import Path

NODE_SUFFIXES = (".mjs", ".js", ".cjs")
NODE_RUNTIME = "nodejs22.x"
BOOTSTRAP = "bootstrap"
BOOTSTRAP_RUNTIME = "provided.al2023"

_NODE_STEMS = ("index", "app", "handler", "main")
_MOST_BYTES = 10_000_000  # of a bundle that is read to find its handler
# `exports.handler =`, `export const handler =`, `export async function handler(`, `export { x as handler }`,
# `module.exports = { handler }`, and what bundlers make of these.
_EXPORTED = re.compile(
    rb"exports\s*\.\s*(handler|handle)\b|exports\s*=\s*\{[^}]*\b(handler|handle)\b"
    rb"|export\s+(?:async\s+)?(?:const|let|var|function)\s*\*?\s*(handler|handle)\b"
    rb"|export\s*\{[^}]*\b(handler|handle)\b|__export\(\w+,\s*\{[^}]*\b(handler|handle)\b"
)


def node_file(code: Path) -> Path | None:
    """The file with the exported handler: `code` itself, or the first of a folder's that has one."""
    if not code.is_dir():
        return code if code.suffix in NODE_SUFFIXES and node_handler(code) else None
    stems = (*_NODE_STEMS, code.name)
    candidates = [code / (stem + suffix) for stem in stems for suffix in NODE_SUFFIXES]
    return next((path for path in candidates if node_handler(path)), None)


def node_handler(path: Path) -> str:
    """The name under which a file exports a handler, `handler` or `handle`; "" when it does not."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode) or path.suffix not in NODE_SUFFIXES:
            return ""
        return _exported(path, state.st_mtime_ns, state.st_size, state.st_ino)
    except OSError:
        return ""


def bootstrap_file(code: Path) -> Path | None:
    """A folder's program that speaks the Runtime API by itself."""
    path = code / BOOTSTRAP
    return path if code.is_dir() and path.is_file() and os.access(path, os.X_OK) else None


def runtime_of(code: Path) -> str:
    """The runtime that code asks for by what it is; "" for Python."""
    if code.suffix == ".py" or (code.is_dir() and any(code.glob("*.py"))):
        return ""
    if node_file(code) is not None:
        return NODE_RUNTIME
    return BOOTSTRAP_RUNTIME if bootstrap_file(code) is not None else ""


@lru_cache(maxsize=1024)
def _exported(path: Path, *state: int) -> str:
    """`state` tells apart what the file has been."""
    with path.open("rb") as file:
        found = _EXPORTED.search(file.read(_MOST_BYTES))
    return next(name for name in found.groups() if name).decode() if found else ""
