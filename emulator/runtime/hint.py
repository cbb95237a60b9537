"""What to do about an error that comes from where the function runs, and not from its code: one line for the log.

It stays out of the error object, which is AWS's.
"""

import os
import sys
from typing import TYPE_CHECKING

from emulator.runtime.fault import Fault
from emulator.runtime.home import shown

if TYPE_CHECKING:
    from emulator.runtime.sandbox import Sandbox


def hint(error: BaseException, sandbox: "Sandbox") -> str:
    """A line that begins with `ebl:`, "" when there is nothing to say."""
    cause = error.__cause__ if isinstance(error, Fault) else error
    text = ""
    if isinstance(cause, FileNotFoundError):
        text = _of_file(cause.filename, sandbox.namespace.root)
    elif isinstance(cause, ModuleNotFoundError) and cause.name:
        text = _of_module(cause.name.partition(".")[0], sandbox)
    return f"ebl: {text}\n" if text else ""


def _of_file(name: object, root: str) -> str:
    """On AWS the working directory is the function's folder."""
    if not isinstance(name, str) or os.path.isabs(name) or not os.path.exists(os.path.join(root, name)):
        return ""
    return f"{name} lies in {shown(root)}, which is not the working directory here; use Path(__file__).parent"


def _of_module(name: str, sandbox: "Sandbox") -> str:
    named = sandbox.function.handler.replace("/", ".").partition(".")[0]
    if name == named or name in sys.modules or sandbox.namespace.owns(name):
        return ""
    beside = os.path.join(os.path.dirname(sandbox.namespace.root), name)
    if sandbox.function.code.is_dir() and (os.path.isfile(beside + ".py") or os.path.isdir(beside)):
        return (
            f"{name} lies beside the function's folder, where it sees only what begins with '_': call it _{name}, "
            f"or move it into {shown(sandbox.namespace.root)}"
        )
    return (
        f"the Python that runs the functions has no {name}; to install it there: "
        f"{sys.executable} -m pip install {name} (unless the package has another name)"
    )
