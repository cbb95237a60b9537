"""What a handler answers while it still runs: from wherever it runs to the event loop, piece by piece."""

import asyncio
from collections.abc import AsyncIterator

from emulator.runtime.outcome import Outcome


class AnswerStream:
    """One invocation's.  The executor calls `open` and `write`, on any thread, and neither ever waits; `end` is called
    on the loop's thread.  Everything else is for whoever wants to hear it, on the loop's thread, too.

    Nobody need listen: a client that hangs up does not stop the handler (recorded on AWS, Sep 2026).
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._begun: asyncio.Future[None] = self._loop.create_future()
        self._listening = True
        self.content_type: str | None = None
        """None: the handler does not stream."""
        self.outcome: Outcome | None = None

    def open(self, content_type: str) -> None:
        """The handler is about to stream."""
        self._loop.call_soon_threadsafe(self._open, content_type)

    def write(self, chunk: bytes) -> None:
        self._loop.call_soon_threadsafe(self._write, chunk)

    def end(self, outcome: Outcome) -> None:
        """The invocation is over.  Whatever was written on another thread before is heard before."""
        self._loop.call_soon(self._end, outcome)

    async def first(self, running: "asyncio.Future[Outcome]") -> None:
        """Returns when it is known whether the handler streams: at its first piece, or at its end.  Raises what the
        invocation, which is `running`, raises."""
        await asyncio.wait((running, self._begun), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The pieces, as they come, until the invocation is over."""
        try:
            while (piece := await self._pieces.get()) is not None:
                yield piece
        finally:
            self._listening = False

    async def all(self) -> bytes:
        return b"".join([piece async for piece in self.chunks()])

    def _open(self, content_type: str) -> None:
        if self.content_type is None:
            self.content_type = content_type

    def _write(self, chunk: bytes) -> None:
        if chunk and self._listening:
            self._pieces.put_nowait(chunk)
            self._begin()

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._pieces.put_nowait(None)
        self._begin()

    def _begin(self) -> None:
        if not self._begun.done():
            self._begun.set_result(None)
