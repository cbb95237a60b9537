"""Event streams (`application/vnd.amazon.eventstream`): one message for each event, as it comes.

A message is: its length, the length of its headers, a checksum of both, headers, payload, a checksum of all; numbers
are big-endian.  Source: the Smithy specification of the encoding; botocore's parser is the test.
"""

import struct
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from zlib import crc32

from emulator.wire.models import Shape
from emulator.wire.writing import Writers, to_bytes

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7
_PRELUDE = struct.Struct(">II")
_U32 = struct.Struct(">I")
_OVERHEAD = _PRELUDE.size + 2 * _U32.size

Event = Mapping[str, Mapping[str, Any]]
"""`{"PayloadChunk": {"Payload": b"…"}}`: the name of the event, and its members."""


def encoder(shape: Shape) -> Callable[[Event], bytes]:
    """For the events of this union of the model."""
    encoders = {name: _event(name, member.shape) for name, member in shape.members.items()}

    def encode(event: Event) -> bytes:
        ((name, members),) = event.items()
        return encoders[name](members)

    return encode


async def encoded(events: AsyncIterator[Event], encode: Callable[[Event], bytes]) -> AsyncIterator[bytes]:
    async for event in events:
        yield encode(event)


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    written = b"".join(_header(name, value) for name, value in headers.items())
    prelude = _PRELUDE.pack(len(written) + len(payload) + _OVERHEAD, len(written))
    content = prelude + _U32.pack(crc32(prelude)) + written + payload
    return content + _U32.pack(crc32(content))


def _event(name: str, shape: Shape) -> Callable[[Mapping[str, Any]], bytes]:
    headers = {":message-type": "event", ":event-type": name}
    payload = next((each.name for each in shape.members.values() if each.traits.get("eventpayload")), None)
    if payload is not None:
        blob = shape.members[payload].shape.type == "blob"
        headers[":content-type"] = "application/octet-stream" if blob else "text/plain"
        return lambda members: message(headers, _as_bytes(members.get(payload, b"")))
    write = Writers().structure(shape)
    headers[":content-type"] = "application/json"
    return lambda members: message(headers, to_bytes(write(members)))


def _as_bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack(">B", len(key)) + key + struct.pack(">BH", _STRING, len(text)) + text
