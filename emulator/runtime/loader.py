"""From the name of a handler to the callable. Errors are those of AWS's Python runtime (awslambdaric 4.2.2)."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from emulator.runtime.fault import Fault, where_of
from emulator.runtime.function import HANDLER_NAMES, MAIN_FILES, FunctionSpec, main_file
from emulator.runtime.home import home, shown
from emulator.runtime.namespace import Namespace

Handler = Callable[[Any, Any], Any]


def task_root(code: Path) -> Path:
    """The folder that stands for /var/task: the function's folder, or the one its file lies in."""
    return code if code.is_dir() else code.parent


def shared_root(code: Path) -> Path | None:
    """The folder beside a function's own, whose `_*` modules it may import, as from a layer; a file lies in it."""
    return code.parent if code.is_dir() else None


def layer_roots(layers: Sequence[Path]) -> list[Path]:
    """The folders of layers that AWS has in Python's path, as it would find them in /opt: the last layer is on top."""
    packages = Path("python", "lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages")
    roots = [layer / part for part in (Path("python"), packages) for layer in reversed(layers)]
    return [root for root in roots if root.is_dir()]


def load_handler(function: FunctionSpec, namespace: Namespace) -> Handler:
    """Import the function's module and take its handler. Raises Fault, or what the module raises."""
    if function.runtime and not function.runtime.startswith("python"):
        raise Fault("Runtime.NotSupported", f"Runtime {function.runtime} needs the process executor")
    if not function.code.exists():
        raise Fault(
            "Runtime.ImportModuleError", f"Unable to import module '{function.name}': no such file: {function.code}"
        )
    path, module_name, attribute = _split(function)
    if path is None and module_name.partition(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise Fault("Runtime.BuiltInModuleConflict", message)
    module = _import(namespace, path, module_name)
    names = (attribute,) if attribute else HANDLER_NAMES
    found = next((getattr(module, name) for name in names if hasattr(module, name)), None)
    if found is None:
        raise Fault("Runtime.HandlerNotFound", _missing(attribute, module_name, path))
    return found  # type: ignore[no-any-return]


def _split(function: FunctionSpec) -> tuple[Path | None, str, str]:
    """The handler's file (None: find it by the module's name), its module's name, and the attribute ("": find it)."""
    handler = function.handler
    if not handler:
        path = main_file(function.code)
        if path is None:
            looked_for = ", ".join((*MAIN_FILES, f"{function.code.name}.py", "__init__.py"))
            message = f"No handler in {shown(function.code)}: looked for {', '.join(HANDLER_NAMES)} in {looked_for}"
            raise Fault("Runtime.HandlerNotFound", message)
        return path, path.stem, ""
    module_name, colon, attribute = handler.rpartition(":")
    if not colon:
        module_name, dot, attribute = handler.rpartition(".")
        if not dot:
            reason = "not enough values to unpack (expected 2, got 1)"
            raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{handler}': {reason}")
    if module_name.endswith(".py"):
        path = find_file(function.code, module_name)
        return path, path.stem, attribute
    return _by_stem(function.code, module_name), module_name, attribute


def find_file(code: Path, name: str) -> Path:
    """`functions/orders/app.py` as seen from the function's folder, from one above it, or from where we run."""
    root = task_root(code).absolute()
    for base in (root, *root.parents, home()):
        if (base / name).is_file():
            return base / name
    raise Fault("Runtime.ImportModuleError", f"Unable to import module '{name}': no such file")


def _by_stem(code: Path, module_name: str) -> Path | None:
    """A function of one file may have a name that no import statement can say: `my-function.handler`."""
    return code if code.suffix == ".py" and code.stem == module_name else None


def _import(namespace: Namespace, path: Path | None, module_name: str) -> ModuleType:
    try:
        if path is None:
            return namespace.load(module_name.replace("/", "."))
        if path.name == "__init__.py":
            return namespace.load(path.parent.name)
        return namespace.load_file(_dotted(namespace.root, path), os.path.abspath(path))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise Fault("Runtime.ImportModuleError", message, where=where_of(error), cause=error) from error
    except SyntaxError as error:
        file = shown(error.filename) if error.filename else module_name
        trace = [f'  File "{file}" Line {error.lineno}\n    {error.text}']
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, trace, f"{file}:{error.lineno}") from error


def _dotted(root: str, path: Path) -> str:
    """The module's name. When its folder is a package it is a member of that, so that relative imports work."""
    parts, folder = [path.stem], path.absolute().parent
    while (folder / "__init__.py").is_file() and folder.is_relative_to(root):
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def _missing(attribute: str, module_name: str, path: Path | None) -> str:
    if attribute:
        return f"Handler '{attribute}' missing on module '{module_name}'"
    return (
        f"Handler missing on module '{module_name}': none of {', '.join(HANDLER_NAMES)} in {shown(path or module_name)}"
    )
