"""JSON bodies as members."""

from emulator.wire.models import load_model
from emulator.wire.reading import Readers


def test_of_a_list_that_is_too_long_only_what_is_shown_is_read() -> None:
    shape = load_model("events").operations["PutEvents"].input
    assert shape is not None
    read = Readers().structure(shape)
    assert len(read({"Entries": [{}] * 11})["Entries"]) == 11
    assert len(read({"Entries": [{}] * 100_000})["Entries"]) < 200
