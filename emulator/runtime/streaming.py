"""Handlers that answer piece by piece: generators.

A convention of our own, for AWS's Python runtime has none; it is what `awslambda.streamifyResponse` is for Node.js:

    def handler(event, context):
        yield {"statusCode": 200, "headers": {"Content-Type": "text/plain"}, "cookies": []}     # or nothing of this
        yield "text, sent at once"
        yield b"and bytes"

Where nobody can take a stream (Invoke), a generator is what it is on AWS: a result that cannot be marshalled.
"""

import json
from collections.abc import Iterator
from typing import Any

from emulator.runtime.fault import Fault
from emulator.runtime.marshal import to_json
from emulator.runtime.outcome import Stream

INTEGRATION = "application/vnd.awslambda.http-integration-response"
_END_OF_PRELUDE = bytes(8)
_MEMBERS = {"statusCode", "headers", "cookies"}
MAX_BYTES = 200 * 1024 * 1024
"""Of one answer (AWS quota, 2026)."""


def run(pieces: Iterator[Any], stream: Stream) -> None:
    """To its end.  Raises what the handler raises, and Fault for a piece that cannot be sent."""
    size, opened = 0, False
    for piece in pieces:
        if not opened:
            opened = True
            stream.open(_content_type(piece))
            if _is_prelude(piece):
                stream.write(json.dumps(piece).encode() + _END_OF_PRELUDE)
                continue
        content = _bytes_of(piece)
        size += len(content)
        if size > MAX_BYTES:
            message = f"Response payload size exceeded maximum allowed payload size ({MAX_BYTES} bytes)."
            raise Fault("Function.ResponseSizeTooLarge", message)
        stream.write(content)
    if not opened:
        stream.open("application/octet-stream")


def _content_type(first: Any) -> str:
    if _is_prelude(first):
        return INTEGRATION
    if isinstance(first, str):
        return "text/plain; charset=utf-8"
    return "application/octet-stream" if isinstance(first, bytes | bytearray) else "application/json"


def _is_prelude(piece: Any) -> bool:
    return isinstance(piece, dict) and bool(piece) and piece.keys() <= _MEMBERS


def _bytes_of(piece: Any) -> bytes:
    if piece is None:
        return b""
    if isinstance(piece, bytes | bytearray):
        return bytes(piece)
    text = piece if isinstance(piece, str) else to_json(piece)
    return text.encode(errors="replace")
