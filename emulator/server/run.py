"""Listen: bind the port, run uvicorn on it, stop without losing anything."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.app import Emulator, Left
from emulator.errors import EblError
from emulator.server.application import Application

# For answers that are ready to reach whoever waits for them.
_FLUSH_SECONDS = 1.0


class PortTaken(EblError):
    """Somebody else listens there; `str()` names the address and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen.  Port 0 takes a free one.  `allowed_hosts` are further names that a `Host` header may carry."""

    host: str = "127.0.0.1"
    port: int = 4566
    allowed_hosts: Collection[str] = ()


def bind(address: Address) -> socket.socket:
    """The listening socket; PortTaken when somebody has it already."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"cannot listen on {address.host}:{address.port}: {error.strerror}."
            " Choose another port with --port or EBL_PORT=4567 (0 takes a free one)."
        ) from error
    return listener


async def serve(
    emulator: Emulator,
    listener: socket.socket,
    address: Address,
    on_ready: Callable[[], Awaitable[None]],
    on_stopping: Callable[[], None] = lambda: None,
) -> Left:
    """Serve until SIGINT or SIGTERM; what was left unfinished.

    `on_ready` runs once requests are answered (it applies the configuration and says so), `on_stopping` at the first
    signal.  That one lets running handlers finish, for whom requests are answered all the while; a second one does not
    wait.
    """
    emulator.url = f"http://localhost:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        Application(emulator, address.allowed_hosts), lifespan="off", access_log=False, log_level="warning",
        server_header=False, http=_Protocol, ws="none",
    )  # fmt: skip
    server = _Server(config, on_ready, on_stopping, emulator.drain)
    with server.signals():
        await emulator.start()
        try:
            await server.serve(sockets=[listener])
        finally:
            left = await emulator.stop(0)
    return left


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which forgets the host of a request line like `GET http://evil.example/ HTTP/1.1`."""

    def on_headers_complete(self) -> None:
        _, absolute, rest = self.url.partition(b"://")
        if absolute and not self.url.startswith(b"/"):
            host = rest.partition(b"/")[0].partition(b"?")[0]
            if (b"host", host) not in self.headers:
                self.headers.append((b"host", host))  # a second value: access is refused for it, as for any such pair
        super().on_headers_complete()


class _Server(uvicorn.Server):
    """uvicorn's server, with hooks for the moments from which it answers, and from which it is to end.

    uvicorn looks ten times a second whether it is to end, and gives every request the same time: here a stop is heard
    at once, and `drain` says when what runs has had its time.
    """

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], Awaitable[None]], on_stopping: Callable[[], None],
        drain: Callable[[float | None, asyncio.Event], Awaitable[None]],
    ) -> None:  # fmt: skip
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stopping = on_stopping
        self._drain = drain
        self._loop = asyncio.get_running_loop()
        self._signals = 0
        self._patience: float | None = None
        self._now = asyncio.Event()
        self._over = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await self._on_ready()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # once a second: the header Date
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """What runs has been waited for: answers that are ready go out, and that is all."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            _close(connection)
        await self._quiet(_FLUSH_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()
        await self._quiet(_FLUSH_SECONDS)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not uvicorn's way: it raises them again when it has stopped, while handlers are still to be waited for."""
        yield

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM stop the server while this is entered (on the main thread, where signals arrive)."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._signalled) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _signalled(self, number: int, frame: object) -> None:
        self._signals += 1
        if self._signals > 1:
            self._loop.call_soon_threadsafe(self._now.set)
            return
        # Who presses Ctrl-C can press it again; who sends SIGTERM (docker stop) kills after ten seconds.
        self._patience = None if number == signal.SIGINT else 8.0
        self._loop.call_soon_threadsafe(self._begin_to_stop)

    def _begin_to_stop(self) -> None:
        self._on_stopping()
        self._stopping = asyncio.ensure_future(self._stop())

    async def _stop(self) -> None:
        try:
            await self._drain(self._patience, self._now)
        finally:
            self.should_exit = True
            self._over.set()

    async def _quiet(self, seconds: float) -> None:
        """Returns when no connection and no request is left, or when that takes longer."""
        until = self._loop.time() + seconds
        while (self.server_state.connections or self.server_state.tasks) and self._loop.time() < until:
            await asyncio.sleep(0.002)


def _close(connection: Any) -> None:
    """A connection of uvicorn's: when its answer has gone out; at once, if it has none, or its request never ended."""
    connection.shutdown()
    cycle = connection.cycle
    if cycle is not None and cycle.more_body and not cycle.response_complete:
        connection.transport.close()


def run(main: Coroutine[Any, Any, int]) -> int:
    """`asyncio.run` on uvloop, where there is one."""
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.run(main)
    return uvloop.run(main)
