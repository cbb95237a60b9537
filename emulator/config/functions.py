"""The functions of a project: what lies in functions/, and what the file adds to it.  Imports no handler."""

import os
import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from emulator.config.addresses import destination, letters_to
from emulator.config.problems import Problems, suggestion
from emulator.config.result import Function
from emulator.config.shapes import FileShape, FunctionShape, UrlShape
from emulator.errors import Problem
from emulator.runtime.function import HANDLER_NAMES, discover, unusable
from emulator.runtime.home import shown
from emulator.runtime.languages import is_python, unavailable
from emulator.runtime.sources import NODE_SUFFIXES, bootstrap_file, runtime_of

# botocore, lambda: FunctionName without its ARN forms; 64 characters as the documentation of CreateFunction says.
FUNCTION_NAME = re.compile(r"[a-zA-Z0-9\-_]{1,64}")
_SUFFIXES = (".py", *NODE_SUFFIXES)
_SERVICE = re.compile(r"[a-z0-9-]+")
_HANDLERS = f"{', '.join(HANDLER_NAMES[:-1])} or {HANDLER_NAMES[-1]}"


def build_functions(shape: FileShape, root: Path, problems: Problems) -> tuple[Function, ...]:
    """Every function, by name: those in `functions_dir`, and those that the file gives a `path` of their own."""
    folder = beneath(root, shape.functions_dir)
    for path, reason in unusable(folder):
        problems.note(Problem(shown(path), 1, 1, "", reason))
    discovered = discover(folder)
    found = dict(discovered)
    for name, times in Counter(name for name, _ in discovered).items():
        if times > 1 and shape.functions.get(name, FunctionShape()).path is None:
            text = f"{name}.py and {name}/ in {shape.functions_dir} are both the function '{name}'; rename one"
            problems.add(("functions", name), text, at_key=True)
    for name, item in shape.functions.items():
        code = _code(name, item, root, folder, found, problems)
        if code is not None:
            found[name] = code
    blank = FunctionShape()
    return tuple(_function(name, found[name], shape.functions.get(name, blank), problems) for name in sorted(found))


def no_function(name: str, known: Collection[str], folder: Path) -> str:
    """The sentence for a function that does not exist."""
    near = suggestion(name, known)
    file = _on_disk(folder, name)
    if near:
        return f"no function '{name}'; did you mean '{near}'?"
    if file is not None:
        return f"no function '{name}': {folder.name}/{file.name} defines no {_HANDLERS}"
    there = f"there is {', '.join(sorted(known)[:10])}" if known else "there are none"
    return f"no function '{name}' in {folder.name}/; {there}"


def beneath(root: Path, path: str) -> Path:
    """`path` as seen from `root`, absolute.  Links are not followed: people know a file by the name they gave it."""
    return Path(os.path.abspath(root / Path(path).expanduser()))


def _code(
    name: str, shape: FunctionShape, root: Path, folder: Path, found: dict[str, Path], problems: Problems
) -> Path | None:
    """Where the code of a function that the file names is; None when the problem has been noted."""
    if not FUNCTION_NAME.fullmatch(name):
        problems.add(("functions", name), "a function's name has 1 to 64 letters, digits and - _", at_key=True)
        return None
    if shape.path is not None:
        given = beneath(root, shape.path)
        if not _has_code(given, shape):
            wanted = "a .py file, a .js file, or a folder with Python, Node.js or a program `bootstrap` in it"
            text = f"should be {wanted}" if given.exists() else "does not exist"
            problems.add(("functions", name, "path"), f"{shape.path} {text}")
        return given
    code = found.get(name) or (_on_disk(folder, name) if shape.handler else None)  # a handler of any name, if named
    if code is None and not problems.within(("functions", name)):
        problems.add(("functions", name), no_function(name, found, folder), at_key=True)
    return code


def _on_disk(folder: Path, name: str) -> Path | None:
    candidates = (*(folder / f"{name}{suffix}" for suffix in _SUFFIXES), folder / name)
    return next((path for path in candidates if _has_code(path)), None)


def _has_code(path: Path, shape: FunctionShape | None = None) -> bool:
    """Whatever it is, when a runtime is named: a bootstrap may come with a layer, a module may lie deeper."""
    if not path.is_dir():
        return path.suffix in _SUFFIXES and path.is_file()
    named = shape is not None and shape.runtime is not None
    return named or bootstrap_file(path) is not None or any(path.glob(f"*{suffix}") for suffix in _SUFFIXES)


def _check_runtime(name: str, code: Path, shape: FunctionShape, runtime: str, problems: Problems) -> None:
    path = ("functions", name)
    problem = unavailable(runtime)
    if problem is not None:
        problems.add((*path, "runtime"), problem, at_key=shape.runtime is None)
    elif not is_python(runtime) and shape.executor == "in-process":
        problems.add((*path, "executor"), f"{runtime} cannot run in-process; leave the key out")
    elif is_python(runtime) and code.suffix in NODE_SUFFIXES:
        problems.add((*path, "runtime"), f"{code.name} is not Python")


def _function(name: str, code: Path, shape: FunctionShape, problems: Problems) -> Function:
    path = ("functions", name)
    runtime = shape.runtime or runtime_of(code) or None
    _check_runtime(name, code, shape, runtime or "", problems)
    for index, service in enumerate(shape.allow_real_aws):
        if not _SERVICE.fullmatch(service):
            problems.add((*path, "allow_real_aws", index), "should be the name of a service, such as sts")
    return Function(
        name=name,
        code=code,
        handler=shape.handler or "",
        runtime=runtime,
        executor=shape.executor or "",
        description=shape.description or "",
        environment=dict(shape.env),
        timeout=shape.timeout,
        memory=shape.memory,
        retries=shape.retries,
        max_event_age=shape.max_event_age,
        allow_real_aws=frozenset(shape.allow_real_aws),
        role=shape.role or "",
        dlq=letters_to(shape.dlq, (*path, "dlq"), problems),
        on_failure=destination(shape.on_failure, (*path, "on_failure"), problems),
        on_success=destination(shape.on_success, (*path, "on_success"), problems),
        url=None if shape.url is None else _url(shape.url),
        reserved_concurrency=shape.reserved_concurrency,
    )


def _url(shape: UrlShape) -> dict[str, Any]:
    """As CreateFunctionUrlConfig takes it."""
    members: dict[str, Any] = {"AuthType": shape.auth, "InvokeMode": shape.invoke_mode}
    if shape.cors is not None:
        cors = {
            "AllowOrigins": shape.cors.origins,
            "AllowMethods": shape.cors.methods,
            "AllowHeaders": shape.cors.headers,
            "ExposeHeaders": shape.cors.expose,
            "AllowCredentials": shape.cors.credentials,
            "MaxAge": None if shape.cors.max_age is None else int(shape.cors.max_age),
        }
        members["Cors"] = {name: value for name, value in cors.items() if value}
    return members
