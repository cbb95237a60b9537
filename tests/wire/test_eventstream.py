"""Event streams as botocore reads them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import botocore.session
from botocore.eventstream import EventStreamBuffer
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from emulator.wire.codec import writer
from emulator.wire.eventstream import encoder, message
from emulator.wire.models import load_model

OPERATION = load_model("lambda").operations["InvokeWithResponseStream"]
ORACLE: Any = botocore.session.get_session().get_service_model("lambda").operation_model("InvokeWithResponseStream")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


def parsed(raw: bytes) -> list[dict[str, Any]]:
    """The events in some bytes, as boto3 gives them to its user."""
    buffer = EventStreamBuffer()
    buffer.add_data(raw)
    shape = ORACLE.output_shape.members["EventStream"]
    parser: Any = create_parser("rest-json")
    return [parser._event_stream_parser.parse(event.to_response_dict(), shape) for event in buffer]


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_chunks(chunks: list[bytes]) -> None:
    encode = encoder(OPERATION.output.members["EventStream"].shape)  # type: ignore[union-attr]
    raw = b"".join(encode({"PayloadChunk": {"Payload": chunk}}) for chunk in chunks)
    assert parsed(raw) == [{"PayloadChunk": {"Payload": chunk}} for chunk in chunks]


@given(st.fixed_dictionaries({}, optional={"ErrorCode": TEXT, "ErrorDetails": TEXT, "LogResult": TEXT}))
def test_the_end(members: dict[str, str]) -> None:
    encode = encoder(OPERATION.output.members["EventStream"].shape)  # type: ignore[union-attr]
    assert parsed(encode({"InvokeComplete": members})) == [{"InvokeComplete": members}]


def test_an_empty_message() -> None:
    """The one of the specification's examples that is short: no headers, no payload."""
    assert message({}, b"") == bytes.fromhex("000000100000000005c248eb7d98c8ff")


def test_an_answer_that_streams() -> None:
    async def events() -> AsyncIterator[dict[str, dict[str, Any]]]:
        yield {"PayloadChunk": {"Payload": b"a"}}
        yield {"InvokeComplete": {}}

    async def all_of(chunks: AsyncIterator[bytes]) -> list[bytes]:
        return [chunk async for chunk in chunks]

    answer = writer(OPERATION)({"StatusCode": 200, "ExecutedVersion": "1", "EventStream": events()}, "id")
    assert dict(answer.headers) == {
        "x-amzn-RequestId": "id", "X-Amz-Executed-Version": "1", "Content-Type": "application/vnd.amazon.eventstream",
    }  # fmt: skip
    assert answer.stream is not None
    pieces = asyncio.run(all_of(answer.stream))
    assert [parsed(piece) for piece in pieces] == [[{"PayloadChunk": {"Payload": b"a"}}], [{"InvokeComplete": {}}]]
    dry = writer(OPERATION)({"StatusCode": 204}, "id")
    assert (dry.status, dry.body, dry.stream) == (204, b"", None)
