"""Which sandbox does the running code belong to?  The one context variable that everything else here asks."""

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.runtime.sandbox import Sandbox

CURRENT: "ContextVar[Sandbox | None]" = ContextVar("ebl_sandbox", default=None)
"""None outside of handlers. It names the sandbox, not the invocation: a thread that outlives its invocation writes into
the log of the sandbox's next one, as it does on AWS."""
