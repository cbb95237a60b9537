"""GET reads, POST acts: the JSON beside AWS's own APIs.  Every answer carries its links.

One module per thing to look at; each adds its own routes.
"""

from fastapi import FastAPI

from emulator import __version__
from emulator.app import Emulator
from emulator.console.clock import add_clock
from emulator.console.code import add_code
from emulator.console.docs import add_docs
from emulator.console.events import add_events
from emulator.console.faults import add_faults
from emulator.console.fire import add_fire
from emulator.console.health import add_health
from emulator.console.journal import add_journal
from emulator.console.queues import add_queues
from emulator.console.settle import add_settle
from emulator.console.state import add_state
from emulator.console.stream import add_stream
from emulator.console.wait import add_wait

_PARTS = (
    add_health, add_events, add_clock, add_settle, add_wait, add_fire, add_journal, add_stream, add_state,
    add_faults, add_queues, add_code, add_docs,
)  # fmt: skip


def application(emulator: Emulator) -> FastAPI:
    """Every route, bound to this emulator."""
    routes = FastAPI(
        title="EventBridge Local", version=__version__, docs_url=None, redoc_url=None,
        openapi_url="/_ebl/openapi.json",
    )  # fmt: skip
    for add in _PARTS:
        add(routes, emulator)
    return routes
