"""Handlers that are generators: our own convention."""

import json
from typing import Any

import pytest

from emulator.runtime.fault import Fault
from emulator.runtime.streaming import INTEGRATION, run


class Heard:
    def __init__(self) -> None:
        self.content_type: str | None = None
        self.pieces: list[bytes] = []

    def open(self, content_type: str) -> None:
        assert self.content_type is None
        self.content_type = content_type

    def write(self, chunk: bytes) -> None:
        assert self.content_type is not None
        self.pieces.append(chunk)


def heard(*pieces: Any) -> Heard:
    found = Heard()
    run(iter(pieces), found)
    return found


@pytest.mark.parametrize(
    ("pieces", "content_type", "content"),
    [
        (("a", "é"), "text/plain; charset=utf-8", [b"a", "é".encode()]),
        ((b"a", bytearray(b"b")), "application/octet-stream", [b"a", b"b"]),
        (({"n": 1}, [2]), "application/json", [b'{"n": 1}', b"[2]"]),
        ((None, "x"), "application/json", [b"", b"x"]),
        ((), "application/octet-stream", []),
    ],
)
def test_pieces(pieces: tuple[Any, ...], content_type: str, content: list[bytes]) -> None:
    found = heard(*pieces)
    assert (found.content_type, found.pieces) == (content_type, content)


def test_a_first_piece_that_is_a_head() -> None:
    head = {"statusCode": 201, "headers": {"A": "b"}, "cookies": ["c=1"]}
    found = heard(head, "x", {"statusCode": 3})
    assert found.content_type == INTEGRATION
    prelude, end, rest = b"".join(found.pieces).partition(bytes(8))
    assert (json.loads(prelude), end, rest) == (head, bytes(8), b'x{"statusCode": 3}')


def test_what_a_handler_raises_comes_out_after_what_it_wrote() -> None:
    def handler() -> Any:
        yield "a"
        raise KeyError("x")

    found = Heard()
    with pytest.raises(KeyError):
        run(handler(), found)
    assert found.pieces == [b"a"]


def test_a_stream_ends_at_the_quota() -> None:
    megabyte = bytes(1024 * 1024)
    found = Heard()
    found.write = lambda chunk: None  # type: ignore[method-assign]
    with pytest.raises(Fault, match="Response payload size exceeded maximum allowed payload size"):
        run((megabyte for _ in range(201)), found)
