"""The functions of a project: what lies in functions/, and what the file adds to it.  Imports no handler."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from emulator.config.problems import Problems
from emulator.config.result import Function
from emulator.config.shapes import FileShape, FunctionShape
from emulator.config.targets import no_function

# botocore, lambda: FunctionName without its ARN forms, 64 characters as its documentation says.
FUNCTION_NAME = re.compile(r"[a-zA-Z0-9\-_]{1,64}")


def build_functions(shape: FileShape, root: Path, problems: Problems) -> tuple[Function, ...]:
    """Every function, by name: those in `functions_dir`, and those that the file gives a `path` of their own."""
    found = dict(_found(_beneath(root, shape.functions_dir), set(shape.functions), problems))
    for name, item in shape.functions.items():
        if not FUNCTION_NAME.fullmatch(name):
            text = "a function's name has 1 to 64 letters, digits and - _, as on AWS"
            problems.add(("functions", name), text, at_key=True)
        elif item.path is not None:
            _check_path(name, item.path, root, problems)
            found[name] = _beneath(root, item.path)
        elif name not in found:
            where = f"{shape.functions_dir}/{name}.py"
            text = f"{no_function(name, set(found))} (neither {where} nor a folder {name}/ with Python in it)"
            problems.add(("functions", name), text, at_key=True)
    blank = FunctionShape()
    return tuple(_function(name, found[name], shape.functions.get(name, blank)) for name in sorted(found))


def _found(folder: Path, named: set[str], problems: Problems) -> Iterator[tuple[str, Path]]:
    """Names that begin with `_` or `.` are not functions: helpers can be kept beside them."""
    entries: dict[str, Path] = {}
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = entry.stem if entry.suffix == ".py" and entry.is_file() else entry.name
        if entry.name.startswith(("_", ".")) or not FUNCTION_NAME.fullmatch(name) or not _has_python(entry):
            continue
        if name in entries:
            text = (
                f"{entries[name].name}/ and {entry.name} in {folder.name}/ are both the function '{name}'; rename one"
            )
            problems.add(("functions", name) if name in named else ("functions",), text, at_key=True)
        entries.setdefault(name, entry)
    yield from entries.items()


def _has_python(entry: Path) -> bool:
    return entry.suffix == ".py" if entry.is_file() else any(entry.glob("*.py"))


def _beneath(root: Path, path: str) -> Path:
    return Path(os.path.abspath(root / Path(path).expanduser()))  # not resolve(): a link keeps the name people know


def _check_path(name: str, path: str, root: Path, problems: Problems) -> None:
    where = _beneath(root, path)
    if not where.exists():
        problems.add(("functions", name, "path"), f"there is no {where}")
    elif not _has_python(where):
        problems.add(("functions", name, "path"), f"{where} is neither a .py file nor a folder with Python in it")


def _function(name: str, code: Path, shape: FunctionShape) -> Function:
    return Function(
        name=name,
        code=code,
        handler=shape.handler or "",
        runtime=shape.runtime,
        description=shape.description or "",
        environment=dict(shape.env),
        timeout=shape.timeout,
        memory=shape.memory,
        retries=shape.retries,
        max_event_age=shape.max_event_age,
        allow_real_aws=frozenset(shape.allow_real_aws),
        role=shape.role or "",
    )
