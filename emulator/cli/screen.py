"""The live screen's stream: steps are handed over, and a thread draws and writes them.

The event loop must never wait for a terminal that is slow, or for a pipe that nobody reads; so what cannot be written
in time is counted instead of kept.
"""

import threading
from collections.abc import Callable, Iterable
from math import ceil
from queue import Empty, SimpleQueue
from typing import TextIO

from emulator.delivery.steps import Step

# Steps that may wait to be written; each holds an event, so the bound is one of memory too.
MAX_WAITING = 5_000
# Steps in one write: what has been written shows that somebody reads.
_AT_ONCE = 100
# Seconds in which a reader has taken nothing: nobody reads.
_SILENCE = 0.2


class Screen:
    """`draw` makes a step's lines.  `show` may be called from any thread.  `abandoned`: nobody reads it any more."""

    def __init__(self, stream: TextIO, draw: Callable[[Step], Iterable[str]]) -> None:
        self._stream = stream
        self._draw = draw
        self._dropped = 0
        self._written = 0
        self.abandoned = False
        self._queue: SimpleQueue[Step | str | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="ebl-screen", daemon=True)
        self._thread.start()

    def show(self, item: Step | str) -> None:
        """Show a step, or a text as it is."""
        if self._queue.qsize() >= MAX_WAITING:
            self._dropped += 1
        else:
            self._queue.put(item)

    def close(self, patience: float = 1.0) -> None:
        """Write what is left, for at most `patience` seconds; who takes nothing is not waited for so long."""
        self._queue.put(None)
        for _ in range(ceil(patience / _SILENCE)):
            before = self._written
            self._thread.join(_SILENCE)
            if not self._thread.is_alive() or self._written == before:
                return

    def _write(self) -> None:
        open_ = True
        while open_:
            waiting = self._waiting()
            open_ = None not in waiting
            for start in range(0, len(waiting), _AT_ONCE):
                some = waiting[start : start + _AT_ONCE]
                self._put("".join(f"{line}\n" for item in some if item is not None for line in self._lines(item)))
                self._written += len(some)

    def _waiting(self) -> list[Step | str | None]:
        """Everything there is, so that it is written at once; waits for the first."""
        items = [self._queue.get()]
        try:
            while True:
                items.append(self._queue.get_nowait())
        except Empty:
            pass
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            items.append(f"… {dropped:,} more steps: they came faster than they could be written")
        return items

    def _put(self, text: str) -> None:
        if self.abandoned:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # whoever read it has gone; that is no reason to stop
            self.abandoned = True

    def _lines(self, item: Step | str) -> Iterable[str]:
        return (item,) if isinstance(item, str) else self._draw(item)
