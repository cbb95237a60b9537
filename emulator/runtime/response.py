"""A response as it comes from a runtime in pieces: passed on, or kept until it is whole."""

from emulator.runtime import fault
from emulator.runtime.fault import Failure
from emulator.runtime.outcome import Stream

MAX_STREAM_BYTES = 200 * 1024 * 1024
"""AWS's quota of a streamed response, since 2025."""


class Response:
    """`stream` takes the pieces; where there is none, they are kept, and bounded like a whole response."""

    def __init__(self, stream: Stream | None, content_type: str) -> None:
        self._stream = stream
        self._limit = MAX_STREAM_BYTES if stream is not None else fault.MAX_RESPONSE_BYTES
        self._chunks: list[bytes] = []
        self._size = 0
        self.content_type = content_type
        self.streamed = stream is not None
        if stream is not None:
            stream.open(content_type)

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._limit:
            self._chunks.clear()
        elif self._stream is not None:
            self._stream.write(chunk)
        else:
            self._chunks.append(chunk)

    def payload(self) -> bytes:
        """What was kept."""
        return b"".join(self._chunks)

    def excess(self) -> Failure | None:
        """The failure of a response that was too large."""
        return fault.of_size() if self._size > self._limit else None
