"""The pipe that an environment's processes write to: always read, so that none of them ever has to wait for us."""

import asyncio
import codecs
import os
from collections.abc import Callable

_CHUNK = 1 << 16
_AT_ONCE = 64


class Drain:
    """`take` gets the text as it comes. Whoever starts a process gives it `end`, and closes that then."""

    def __init__(self, loop: asyncio.AbstractEventLoop, take: Callable[[str], None]) -> None:
        self._loop = loop
        self._take = take
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._read, self.end = os.pipe()
        os.set_blocking(self._read, False)
        loop.add_reader(self._read, self._readable)

    def started(self) -> None:
        """The processes have it."""
        os.close(self.end)
        self.end = -1

    def empty(self) -> None:
        """Read what is there by now, before something is said about it."""
        for _ in range(_AT_ONCE):  # whoever writes faster than this does not stop: the rest belongs to what comes next
            if self._read < 0 or not self._readable():
                return

    def close(self) -> None:
        if self._read >= 0:
            self._loop.remove_reader(self._read)
            os.close(self._read)
            self._read = -1
        if self.end >= 0:
            self.started()

    def _readable(self) -> bool:
        """False when there is nothing more for now."""
        try:
            data = os.read(self._read, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return False
        self._take(self._decoder.decode(data))
        return True
