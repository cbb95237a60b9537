"""The modules of one sandbox: the function's own files are its own, everything else is shared.

Two functions may each have a `utils.py`, and two sandboxes of one function have it twice, as on AWS. The function's
modules get their own `__builtins__`, whose `__import__` looks in the function's folder first; so an import finds its
way by who imports, in any thread, at any time. `sys.modules` holds a stand-in under the plain name (see stand_in.py),
because `dataclasses`, `typing` and `pickle` look there.
"""

import builtins
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec, SourceFileLoader
from pathlib import Path
from threading import RLock
from types import CodeType, ModuleType
from typing import Any

from emulator.runtime import debugger, hooks, stand_in

_STDLIB = sys.stdlib_module_names | frozenset(sys.builtin_module_names)


class Source(SourceFileLoader):
    """Compiles from the text, always: a .pyc is told apart by whole seconds and size, and would hide a quick edit."""

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        data = self.get_data(path)
        debugger.expect(data)
        hooks.late()
        return self.source_to_code(data, path)


class Namespace:
    """`root` is the folder that AWS would unpack to /var/task. What begins with `_` in `shared` is the function's too,
    after its own: on AWS that would be in a layer. After that what is in the folders `layers`.
    """

    def __init__(self, root: Path, shared: Path | None = None, layers: Sequence[Path] = ()) -> None:
        self.root = os.path.abspath(root)
        self._layers = [os.path.abspath(layer) for layer in layers]
        self._shared_root = os.path.abspath(shared) if shared is not None else None
        self.modules: dict[str, ModuleType] = {}
        self.files: dict[str, os.stat_result] = {}
        self.builtins = {**vars(builtins), "__import__": self.import_}
        self._by_file: dict[str, ModuleType] = {}
        self._shared: set[str] = set()
        self._lock = RLock()
        self._locks: dict[str, RLock] = {}

    @property
    def folders(self) -> list[str]:
        """Where the function's modules lie, for a process that has to find them by `sys.path`."""
        return [self.root, *([] if self._shared_root is None else [self._shared_root]), *self._layers]

    def import_(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """`__import__` for the function's own modules."""
        fullname = _absolute(name, globals, level)
        if fullname is None or not self.owns(fullname):
            if not level:
                stand_in.see_through(name)
            module = builtins.__import__(name, globals, locals, fromlist or (), level)
            hooks.late()
            return module
        module = self.load(fullname)
        if fromlist:
            self._load_members(module, fromlist)
            return module
        return module if level else self.modules[fullname.partition(".")[0]]

    def owns(self, fullname: str) -> bool:
        """Is the module (to be) found among the function's own files?"""
        top = fullname.partition(".")[0]
        if top in self.modules:
            return True
        if top in _STDLIB or top in self._shared:
            return False
        if self._find_top(top) is not None:
            return True
        if top in sys.modules:
            self._shared.add(top)
        return False

    def load(self, fullname: str) -> ModuleType:
        """The function's own module, imported if it is not yet. Raises ModuleNotFoundError, or what its code raises."""
        with self._lock:
            lock = self._locks.setdefault(fullname, RLock())
        with lock:
            module = self.modules.get(fullname)
            return module if module is not None else self._load(fullname)

    def load_file(self, fullname: str, path: str) -> ModuleType:
        """Import a file under a name that no import statement may be able to say (`my-function`)."""
        parent, _, leaf = fullname.rpartition(".")
        place = (self.load(parent), leaf) if parent else None
        return self.modules.get(fullname) or self._execute(_source(fullname, path), place)

    def _load(self, fullname: str) -> ModuleType:
        parent_name, _, leaf = fullname.rpartition(".")
        parent = self.load(parent_name) if parent_name else None
        if fullname in self.modules:  # the parent imported it
            return self.modules[fullname]
        spec = self._find_top(fullname) if parent is None else _find_in(parent, parent_name, fullname)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return self._execute(spec, (parent, leaf) if parent is not None else None)

    def _execute(self, spec: ModuleSpec, place: tuple[ModuleType, str] | None) -> ModuleType:
        path = os.path.abspath(spec.origin) if spec.origin else ""
        module = self._by_file.get(path)
        if module is None:
            module = self._run(spec, path, place)
        elif place is not None:
            setattr(*place, module)
        self.modules[spec.name] = module  # perhaps the same file under a second name: `app` and `orders.app`
        return module

    def _run(self, spec: ModuleSpec, path: str, place: tuple[ModuleType, str] | None) -> ModuleType:
        if path:
            self.files[path] = os.stat(path)  # before it is read: a write in between is seen as a change
        module = importlib.util.module_from_spec(spec)
        module.__dict__["__builtins__"] = self.builtins
        self.modules[spec.name] = self._by_file[path or spec.name] = module
        stand_in.put(spec.name)
        if place is not None:
            setattr(*place, module)  # before it runs: a circular import finds it there
        try:
            if spec.loader is not None:
                spec.loader.exec_module(module)
        except BaseException:
            del self.modules[spec.name], self._by_file[path or spec.name]
            if place is not None:
                delattr(*place)
            raise
        return module

    def _load_members(self, module: ModuleType, names: Sequence[str]) -> None:
        """`from package import member`: a member may be a module that nobody imported yet."""
        if not hasattr(module, "__path__"):
            return
        wanted = [*names, *getattr(module, "__all__", ())] if "*" in names else names
        for name in wanted:
            fullname = f"{module.__name__}.{name}"
            if name != "*" and not hasattr(module, name) and _find_in(module, "", fullname) is not None:
                self.load(fullname)

    def _find_top(self, name: str) -> ModuleSpec | None:
        folders = [self.root, *(path for path in sys.path if path.startswith(self.root + os.sep))]
        spec = _find(name, folders)
        if spec is None and self._shared_root is not None and name.startswith("_"):
            spec = _find(name, [self._shared_root])
        if spec is None:
            spec = _find(name, self._layers)
        if spec is None:
            spec = self._find_ancestor(name)
        if spec is not None and spec.origin is None and _found_elsewhere(name):
            return None  # a plain folder never wins against a real package, as in Python
        return spec

    def _find_ancestor(self, name: str) -> ModuleSpec | None:
        """`orders.utils` and `functions.orders.utils` from inside of functions/orders/."""
        for folder in (self.root, os.path.dirname(self.root)):
            if os.path.basename(folder) == name:
                return _find(name, [os.path.dirname(folder)])
        return None


def _absolute(name: str, globals: Mapping[str, Any] | None, level: int) -> str | None:
    """The full name of what is imported; None when Python has to say what is wrong with it."""
    if not level:
        return name
    package = (globals or {}).get("__package__")
    if not package or package.count(".") < level - 1:
        return None
    base = package.rsplit(".", level - 1)[0]
    return f"{base}.{name}" if name else base


def _find_in(parent: ModuleType, parent_name: str, fullname: str) -> ModuleSpec | None:
    path = getattr(parent, "__path__", None)
    if path is None:
        if not parent_name:
            return None
        raise ModuleNotFoundError(f"No module named {fullname!r}; {parent_name!r} is not a package", name=fullname)
    return _find(fullname, list(path))


def _find(fullname: str, folders: Sequence[str]) -> ModuleSpec | None:
    """By hand, because importlib's finder remembers folders by their modification time and misses quick changes."""
    leaf = fullname.rpartition(".")[2]
    for folder in folders:
        base = os.path.join(folder, leaf)
        init = os.path.join(base, "__init__.py")
        if os.path.isfile(init):
            return _source(fullname, init, package=base)
        for suffix in EXTENSION_SUFFIXES:
            if os.path.isfile(base + suffix):
                loader = ExtensionFileLoader(fullname, base + suffix)
                return importlib.util.spec_from_file_location(fullname, base + suffix, loader=loader)
        if os.path.isfile(base + ".py"):
            return _source(fullname, base + ".py")
    plain = [path for folder in folders if os.path.isdir(path := os.path.join(folder, leaf))]
    if not plain:
        return None
    spec = ModuleSpec(fullname, None, is_package=True)
    spec.submodule_search_locations = plain
    return spec


def _source(fullname: str, path: str, package: str | None = None) -> ModuleSpec:
    where = [package] if package else None
    loader = Source(fullname, path)
    spec = importlib.util.spec_from_file_location(fullname, path, loader=loader, submodule_search_locations=where)
    assert spec is not None
    return spec


def _found_elsewhere(name: str) -> bool:
    """Would an import statement of somebody else find a real module of this name, more than a plain folder?"""
    host = stand_in.host(name)
    if host is not None:
        return getattr(host, "__file__", None) is not None
    finders = [finder for finder in sys.meta_path if finder is not stand_in.FINDER]
    specs = [finder.find_spec(name, None) for finder in finders]
    return any(spec is not None and spec.origin is not None for spec in specs)
