"""Live steps as server-sent events: everything that happens, as it happens, and what was missed in between.

A reader never slows delivery: its steps wait in a queue of its own, and one that is too slow is told so and dropped.
It may come back with the last id that it saw (`Last-Event-ID`, as browsers do by themselves).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator

from fastapi import FastAPI, Header
from fastapi.responses import StreamingResponse

from emulator.app import Emulator
from emulator.console.replay import steps_of
from emulator.delivery.step_json import to_json
from emulator.delivery.steps import Kind, Step
from emulator.ids import new_hex

MAX_WAITING = 5_000
"""Steps that may wait for one reader."""
KEPT = 5_000
"""Steps that are kept for readers who come back."""
_MAX_REPLAYED = 1_000  # events from the journal
_LINGER = 30.0  # seconds for which steps are kept while nobody reads
_BEAT = 15.0  # seconds after which a silent stream says that it is still there
_BATCH = 200


def add_stream(routes: FastAPI, emulator: Emulator) -> None:
    hub = Hub(emulator)

    @routes.get("/_ebl/stream")
    async def stream(last_event_id: str | None = Header(None)) -> StreamingResponse:
        """Every step as it happens, as server-sent events; resumes after Last-Event-ID."""
        reader = hub.open(last_event_id)
        return StreamingResponse(
            hub.messages(reader), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )


class Reader:
    """`waiting` are messages; one that `is_too_slow` gets what waits, is told so, and must come back."""

    def __init__(self) -> None:
        self.waiting: deque[str] = deque()
        self.news = asyncio.Event()
        self.is_over = False
        self.is_too_slow = False

    def give(self, message: str) -> bool:
        """False when it cannot take any more."""
        self.is_too_slow = len(self.waiting) >= MAX_WAITING
        if not self.is_too_slow:
            self.waiting.append(message)
        self.news.set()
        return not self.is_too_slow


class Hub:
    """Numbers the steps, and hands each to every reader.  An id is `RUN-STEP-EVENT`: which process, the number of the
    step in it, and the number of the newest event in the journal, from which one can go on when the step is forgotten.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._run = new_hex(8)
        self._number = 0
        self._newest = 0
        self._kept: deque[tuple[int, str]] = deque(maxlen=KEPT)
        self._readers: list[Reader] = []
        self._stop_listening: asyncio.TimerHandle | None = None
        self._deafen: Callable[[], None] = lambda: None
        self._listens = False

    def open(self, last_id: str | None) -> Reader:
        """A reader who gets everything from now on, or from what it saw last."""
        self._listen()
        reader = Reader()
        for message in self._missed(last_id):
            reader.give(message)
        self._readers.append(reader)
        return reader

    async def messages(self, reader: Reader) -> AsyncIterator[str]:
        """What goes over the wire."""
        try:
            yield f"retry: 1000\nid: {self._id()}\nevent: hello\ndata: {{}}\n\n"
            while True:
                while reader.waiting:
                    yield "".join(reader.waiting.popleft() for _ in range(min(_BATCH, len(reader.waiting))))
                if reader.is_too_slow:
                    yield 'event: dropped\ndata: {"reason": "read too slowly; come back with Last-Event-ID"}\n\n'
                if reader.is_too_slow or reader.is_over:
                    return
                reader.news.clear()
                try:
                    await asyncio.wait_for(reader.news.wait(), _BEAT)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._close(reader)

    def _id(self) -> str:
        return f"{self._run}-{self._number}-{self._newest}"

    def _hear(self, step: Step) -> None:
        self._number += 1
        if step.kind is Kind.EVENT_RECEIPT:
            self._newest = self._emulator.store.journal.newest()
        message = f"id: {self._id()}\nevent: step\ndata: {to_json(step)}\n\n"
        self._kept.append((self._number, message))
        self._readers = [reader for reader in self._readers if reader.give(message)]
        if step.kind is Kind.STOPPING:
            for reader in self._readers:
                reader.is_over = True

    def _missed(self, last_id: str | None) -> Iterator[str]:
        """The steps after this one; from the journal when they are not kept any more."""
        parts = (last_id or "").split("-")
        if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
            return
        number, event = int(parts[1]), int(parts[2])
        oldest = self._kept[0][0] if self._kept else self._number + 1
        if parts[0] == self._run and number + 1 >= oldest:
            yield from (message for kept, message in self._kept if kept > number)
            return
        ways = self._emulator.store.journal.after(event, _MAX_REPLAYED)
        yield f'event: replayed\ndata: {{"events": {len(ways)}}}\n\n'
        for way in ways:
            for step in steps_of(way):
                yield f"id: {self._run}-0-{way.number}\nevent: step\ndata: {to_json(step)}\n\n"

    def _listen(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening.cancel()
            self._stop_listening = None
        if not self._listens:
            self._listens = True
            self._newest = self._emulator.store.journal.newest()
            self._deafen = self._emulator.steps.listen(self._hear)

    def _close(self, reader: Reader) -> None:
        if reader in self._readers:
            self._readers.remove(reader)
        if not self._readers and self._listens and self._stop_listening is None:
            self._stop_listening = asyncio.get_running_loop().call_later(_LINGER, self._be_deaf)

    def _be_deaf(self) -> None:
        """Steps cost something: nobody makes them when nobody listens.  What comes meanwhile is in the journal."""
        self._stop_listening = None
        self._listens = False
        self._kept.clear()
        self._run = new_hex(8)
        self._deafen()
