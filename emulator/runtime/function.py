"""What a function is to the runtime, and how functions are found that nobody configured.

Knows files and names; never imports the user's code.
"""

import ast
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from emulator.runtime.sources import NODE_SUFFIXES, bootstrap_file, node_file, node_handler

HANDLER_NAMES = ("handler", "lambda_handler", "handle")
"""Names under which a handler is found when the configuration names none, in this order."""

MAIN_FILES = ("app.py", "handler.py", "main.py", "lambda_function.py", "index.py")
"""Files in which a folder's handler is looked for, before `NAME.py` and `__init__.py`."""

TOO_DEEP = (RecursionError, MemoryError)
"""What Python's parser raises for expressions of thousands of levels."""

_FUNCTION_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One version of a function, as the runtime needs it.

    `code` is a .py file or a folder; `handler` is `app.handler`, `app:handler`, `functions/orders/app.py:handler`,
    or "" to find `handler`, `lambda_handler` or `handle`. `environment` holds the user's variables and whatever the
    caller wants the SDK to see (endpoint, region, keys). `timeout` in seconds. `real_aws` names the services that the
    function may call in the real AWS (`sts`). `runtime` is AWS's name of one, or empty. `layers` are folders, in order;
    of a file that several have, the last one's counts. `executor` is `in-process` or `process`, or empty for the
    default: `in-process` for a function of the project, `process` for one that came as a zip.  `initialization` is what
    the handler finds in AWS_LAMBDA_INITIALIZATION_TYPE.
    """

    name: str
    arn: str
    code: Path
    handler: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 3.0
    memory_mb: int = 128
    version: str = "$LATEST"
    log_group: str = ""
    real_aws: frozenset[str] = frozenset()
    runtime: str = ""
    layers: tuple[Path, ...] = ()
    executor: str = ""
    ephemeral_storage_mb: int = 512
    log_format: str = "Text"
    initialization: str = "on-demand"


def discover(folder: Path) -> list[tuple[str, Path]]:
    """The functions in `folder`, by name: every `NAME.py` (`.js`, `.mjs`, `.cjs`), and every `NAME/` with a main file,
    that has a handler; and every `NAME/` with a program `bootstrap`.

    A file that does not parse counts as a function: its error shows when it is invoked, instead of nothing at all.
    """
    return [(_name(path), path) for path in _candidates(folder) if _is_function(path)]


def unusable(folder: Path) -> list[tuple[Path, str]]:
    """What lies in `folder` as if it were a function and cannot be one, each with the reason.  Hangs on nothing."""
    try:
        if folder.is_dir():
            next(folder.iterdir(), None)
    except OSError as error:
        return [(folder, f"cannot be read: {error.strerror}")]
    return [(path, reason) for path in _candidates(folder) if (reason := _unusable(path))]


def main_file(code: Path) -> Path | None:
    """The file that holds the handler: `code` itself, or the first of a folder's main files that defines one."""
    if not code.is_dir():
        return code
    return _python_file(code) or node_file(code) or bootstrap_file(code)


def _python_file(code: Path) -> Path | None:
    candidates = [code / name for name in (*MAIN_FILES, f"{code.name}.py", "__init__.py")]
    existing = [path for path in candidates if path.is_file()]
    return next((path for path in existing if defines_handler(path)), None)


def defines_handler(path: Path) -> bool:
    """Does the file bind one of HANDLER_NAMES at its top level (or fail to parse)?"""
    return bool(_handler_in(path))


def handler_of(code: Path, named: str) -> str:
    """The handler as AWS spells it, `app.handler`: the one that is named, else the one that is found, else ""."""
    if named:
        return named
    path = main_file(code)
    name = (_handler_in(path) or node_handler(path)) if path is not None and path.is_file() else ""
    return f"{path.stem}.{name}" if path is not None and name else ""


def _handler_in(path: Path) -> str:
    """Which of HANDLER_NAMES, in their order, the file binds; the first when it does not parse, "" for none."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode) or path.suffix != ".py":  # who reads a FIFO waits for ever
            return ""
        return _parsed(path, state.st_mtime_ns, state.st_size, state.st_ino)[0]
    except OSError:
        return ""


@lru_cache(maxsize=1024)
def _parsed(path: Path, *state: int) -> tuple[str, bool]:
    """The name, and whether the file is too deep to be read.  `state` tells apart what the file has been."""
    try:
        tree = ast.parse(path.read_bytes())
        bound = {name for statement in _top_level(tree) for name in _bound(statement)}
    except (SyntaxError, ValueError):
        return HANDLER_NAMES[0], False
    except TOO_DEEP:
        return HANDLER_NAMES[0], True
    return next((name for name in HANDLER_NAMES if name in bound), ""), False


def _candidates(folder: Path) -> list[Path]:
    """Everything whose name says that it may be a function, in order."""
    try:
        found = sorted(folder.iterdir())
    except OSError:  # there is no folder, or none that may be read
        return []
    return [path for path in found if _FUNCTION_NAME.fullmatch(_name(path)) and not _is_aside(path.name)]


def _name(path: Path) -> str:
    return path.stem if path.suffix in (".py", *NODE_SUFFIXES) else path.name


def _is_aside(name: str) -> bool:
    aside = name.endswith(("_test.py", *(f".test{suffix}" for suffix in NODE_SUFFIXES)))
    return aside or name.startswith(("_", ".", "test_")) or name == "conftest.py"


def _is_function(path: Path) -> bool:
    if path.is_dir():
        return main_file(path) is not None
    return defines_handler(path) if path.suffix == ".py" else bool(node_handler(path))


def _unusable(path: Path) -> str:
    """Why, or an empty text."""
    try:
        if path.suffix != ".py" or path.is_dir():
            file = _python_file(path) if path.is_dir() else None
            return _unparsable(file) if file is not None else ""
        if not stat.S_ISREG(path.stat().st_mode):
            return "is no file that could be read: a pipe, socket or device"
        return _unparsable(path)
    except FileNotFoundError:
        return "is a link to nowhere"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _unparsable(path: Path) -> str:
    """Errors of syntax are no matter of this: they are told with their line."""
    state = path.stat()
    too_deep = _parsed(path, state.st_mtime_ns, state.st_size, state.st_ino)[1]
    return "Python cannot read it: an expression in it is nested too deeply" if too_deep else ""


def _top_level(block: ast.AST) -> Iterator[ast.AST]:
    """The statements of a module, those inside of its `if`, `try` and `with` included."""
    for child in ast.iter_child_nodes(block):
        yield child
        if isinstance(child, ast.If | ast.Try | ast.ExceptHandler | ast.With):
            yield from _top_level(child)


def _bound(statement: ast.AST) -> list[str]:
    """The names that a statement binds."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
    return []
