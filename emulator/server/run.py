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

from emulator.app import Emulator
from emulator.errors import EblError
from emulator.server.application import Application


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
) -> int:
    """Serve until SIGINT or SIGTERM; how many deliveries were left unfinished.

    `on_ready` runs once requests are answered (it applies the configuration and says so), `on_stopping` at the first
    signal.  That one lets running handlers finish, a second one does not wait.
    """
    emulator.url = f"http://localhost:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        Application(emulator, address.allowed_hosts), lifespan="off", access_log=False, log_level="warning",
        server_header=False, http=_Protocol, ws="none", timeout_graceful_shutdown=3,
    )  # fmt: skip

    def stopping() -> None:
        on_stopping()
        emulator.stopping.give()

    server = _Server(config, on_ready, stopping)
    with server.signals():
        await emulator.start()
        try:
            await server.serve(sockets=[listener])
        finally:
            left = await emulator.stop(server.patience, server.now)
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
    """uvicorn's server, with hooks for the moments from which it answers, and from which it does not."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], Awaitable[None]], on_stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stopping = on_stopping
        self._loop = asyncio.get_running_loop()
        self.now = asyncio.Event()
        self.patience: float | None = 3.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await self._on_ready()

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
        if self.should_exit:
            self.force_exit = True
            self._loop.call_soon_threadsafe(self.now.set)
        else:
            # Who presses Ctrl-C can press it again; who sends SIGTERM (docker stop) kills after ten seconds.
            self.patience = None if number == signal.SIGINT else 8.0
            self.should_exit = True
            self._loop.call_soon_threadsafe(self._on_stopping)


def run(main: Coroutine[Any, Any, int]) -> int:
    """`asyncio.run` on uvloop, where there is one."""
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.run(main)
    return uvloop.run(main)
