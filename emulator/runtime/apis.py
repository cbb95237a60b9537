"""What one environment's processes can call: the Runtime API, the Extensions API and the Telemetry API, on a port."""

import asyncio
from collections.abc import Callable

from emulator.clock import Clock
from emulator.runtime import extensions, runtime_api
from emulator.runtime.extensions import Extensions
from emulator.runtime.function import FunctionSpec
from emulator.runtime.loopback import Connection, Request, Sink, listen
from emulator.runtime.runtime_api import RuntimeApi
from emulator.runtime.telemetry import Telemetry

_NOT_FOUND = b"404 page not found\n"


class Apis:
    """`address` is `HOST:PORT`; `on_silence` is called when the last connection is closed."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, clock: Clock, function: FunctionSpec,
        runtime_listener: runtime_api.Listener, extensions_listener: extensions.Listener,
        on_silence: Callable[[], None],
    ) -> None:  # fmt: skip
        self.address = ""
        self.runtime = RuntimeApi(runtime_listener)
        self.extensions = Extensions(function, extensions_listener)
        self.telemetry = Telemetry(loop, clock, self.extensions.known)
        self._on_silence = on_silence
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()

    async def open(self) -> None:
        self._server, self.address = await listen(self)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.close()
        self.telemetry.restart()

    def restart(self, expected: set[str]) -> None:
        """Other processes will call: first the extensions of these names, then the runtime."""
        self.runtime.restart()
        self.extensions.restart(expected)
        self.telemetry.restart()

    @property
    def silent(self) -> bool:
        return not self._connections

    @property
    def all_ready(self) -> bool:
        """Do the runtime and all extensions wait for an invocation?"""
        return self.runtime.state == runtime_api.READY and self.extensions.all_ready

    # For the connections.

    def handle(self, request: Request) -> None:
        for api in (self.runtime, self.extensions, self.telemetry):
            answer = api.routes(request)
            if answer is not None:
                answer(request)
                return
        request.reply(404, _NOT_FOUND, {"Content-Type": "text/plain; charset=utf-8"})

    def stream(self, request: Request) -> Sink | None:
        return self.runtime.stream(request)

    def opened(self, connection: Connection) -> None:
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._on_silence()
