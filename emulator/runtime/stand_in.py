"""What `sys.modules` holds under the name of a function's own module.

A stand-in passes everything on: inside of a function that has such a module to that module, anywhere else to the
module of that name that the host process has (or finds, when first asked). So `sys.modules[cls.__module__]`, which
dataclasses, typing and pickle rely on, is right everywhere, and no function sees another's modules.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from emulator.runtime.current import CURRENT

if TYPE_CHECKING:
    from emulator.runtime.sandbox import Sandbox

_own = object.__getattribute__


class StandIn(ModuleType):
    """See the module's docstring. `_host` is the module of the host process, None until it was looked for and found."""

    _host: ModuleType | None

    def __getattribute__(self, name: str) -> Any:
        return getattr(_target(self, name), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "__spec__":
            raise AttributeError(name)  # the import machinery gives up on it then; the module has its own
        if not isinstance(value, StandIn):
            setattr(_target(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_target(self), name)

    def __dir__(self) -> list[str]:
        return dir(_target(self))

    def __repr__(self) -> str:
        return repr(_target(self))


def put(name: str) -> None:
    """Stand in for the function's own module `name`; a module that the host process has is kept behind it."""
    known = sys.modules.get(name)
    if type(known) is not StandIn:
        created = StandIn(name)
        _own(created, "__dict__").update(_name=name, _host=known)
        sys.modules[name] = created


def host(name: str) -> ModuleType | None:
    """The host process's own module of this name, if it has one."""
    known = sys.modules.get(name)
    return _own(known, "__dict__")["_host"] if type(known) is StandIn else known


def see_through(name: str) -> None:
    """An import statement asks for a module that is not the function's. Raises ModuleNotFoundError when all there is
    of that name is another function's, so that the statement fails, and not what is done with the module later.
    """
    top = name.partition(".")[0]
    known = sys.modules.get(top)
    if type(known) is StandIn:
        members = _own(known, "__dict__")
        if members["_host"] is None:
            members["_host"] = _import_for_host(top)
        if members["_host"] is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def install() -> Callable[[], None]:
    """Let `importlib.import_module` and friends find a function's own modules while its code runs."""
    sys.meta_path.insert(0, FINDER)
    import_module = importlib.import_module

    def import_own_module(name: str, package: str | None = None) -> ModuleType:
        # It would take what `sys.modules` has under that name, which may be the host's or another function's.
        sandbox = CURRENT.get()
        named = package is not None or not name.startswith(".")  # or else Python has to say what is wrong
        if named and sandbox is not None and sys._getframe(1).f_builtins is sandbox.namespace.builtins:
            fullname = importlib.util.resolve_name(name, package)
            if sandbox.namespace.owns(fullname):
                return sandbox.namespace.load(fullname)
            see_through(fullname)
        return import_module(name, package)

    importlib.import_module = import_own_module

    def uninstall() -> None:
        importlib.import_module = import_module
        _uninstall()

    return uninstall


def _uninstall() -> None:
    sys.meta_path.remove(FINDER)
    for name, module in list(sys.modules.items()):
        if type(module) is StandIn:
            behind = _own(module, "__dict__")["_host"]
            if behind is None:
                del sys.modules[name]
            else:
                sys.modules[name] = behind


def _target(stand_in: StandIn, attribute: str = "") -> ModuleType:
    members = _own(stand_in, "__dict__")
    sandbox = CURRENT.get()
    module = sandbox.namespace.modules.get(members["_name"]) if sandbox is not None else None
    if module is None:
        module = members["_host"]
    if module is None and attribute.startswith("__") and attribute != "__path__":
        return ModuleType(members["_name"])  # somebody who goes through all of sys.modules wants nothing imported
    if module is None and sandbox is not None and sandbox.namespace.owns(members["_name"]):
        module = sandbox.namespace.load(members["_name"])  # a library (pickle) asks before the function's code does
    if module is None:
        module = members["_host"] = _import_for_host(members["_name"])
    if module is None:
        raise AttributeError(_not_here(members["_name"], sandbox))
    return module


def _not_here(name: str, sandbox: "Sandbox | None") -> str:
    who = "the emulator's process" if sandbox is None else f"the function {sandbox.function.name}"
    return (
        f"{who} has no module {name!r}: there is one among another function's files, which are that function's alone. "
        f"For all of them, put it beside the functions under a name that begins with '_', or install it as a package"
    )


def _import_for_host(name: str) -> ModuleType | None:
    """The host process asks for a module of that name, which it would find on its own path."""
    token = CURRENT.set(None)
    try:
        for finder in sys.meta_path:
            spec = None if finder is FINDER else finder.find_spec(name, None)
            if spec is not None and spec.loader is not None:
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                return module
    finally:
        CURRENT.reset(token)
    return None


class _OwnLoader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        sandbox = CURRENT.get()
        assert sandbox is not None
        sandbox.namespace.load(spec.name)
        return sys.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Done: loading is executing."""


class _OwnFinder(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        sandbox = CURRENT.get()
        if sandbox is None or not sandbox.namespace.owns(name):
            return None
        inside = name.partition(".")[0] in sandbox.namespace.modules and "." in name
        return ModuleSpec(name, _OwnLoader()) if inside or _importer_is_own() else None


def _importer_is_own() -> bool:
    """Does the import come from a module of the function? (A library's `import utils` does not mean the function's.)"""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("importlib"):
        frame = frame.f_back
    sandbox = CURRENT.get()
    return sandbox is not None and frame.f_builtins is sandbox.namespace.builtins


FINDER = _OwnFinder()
