"""Ids are real version 4 UUIDs, and differ."""

import uuid

from emulator.ids import new_hex, new_id


def test_ids_are_version_4_uuids() -> None:
    made = {new_id() for _ in range(100)}
    assert len(made) == 100
    assert all(str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4 for text in made)


def test_hex_has_the_length_that_was_asked_for() -> None:
    assert [len(new_hex(length)) for length in (1, 16, 24)] == [1, 16, 24]
