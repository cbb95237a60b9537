import base64
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.errors import AwsError
from emulator.wire import scalars
from emulator.wire.models import load_model
from emulator.wire.reading import Readers

MOMENT = datetime(2026, 9, 26, 19, 14, 33, 250_000, tzinfo=UTC)
EPOCH = 1790450073.25


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (scalars.read_epoch, EPOCH, MOMENT),
        (scalars.read_epoch, -1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (scalars.read_epoch, "2026-09-26T19:14:33.250Z", MOMENT),
        (scalars.read_iso, "2026-09-26T20:14:33.25+01:00", MOMENT),
        (scalars.read_iso, "2026-09-26T19:14:33.25", MOMENT),
        (scalars.read_iso, EPOCH, MOMENT),
        (scalars.read_http_date, "Sat, 26 Sep 2026 19:14:33 GMT", MOMENT.replace(microsecond=0)),
    ],
)
def test_timestamps_are_read(read: Any, text: Any, expected: datetime) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (scalars.write_epoch, EPOCH),
        (scalars.write_iso, "2026-09-26T19:14:33.250Z"),
        (scalars.write_http_date, "Sat, 26 Sep 2026 19:14:33 GMT"),
    ],
)
def test_timestamps_are_written_from_a_moment_or_from_epoch_seconds(write: Any, expected: Any) -> None:
    assert write(MOMENT) == write(EPOCH) == write(MOMENT.astimezone(timezone(timedelta(hours=5)))) == expected


def test_a_whole_second_has_no_fraction() -> None:
    assert repr(scalars.write_epoch(1790450073.0)) == "1790450073"
    assert scalars.write_iso(1790450073.0) == "2026-09-26T19:14:33Z"


@pytest.mark.parametrize(
    ("service", "structure", "value", "message"),
    [
        (
            "lambda",
            "PutFunctionConcurrencyRequest",
            {"FunctionName": 1},
            "NUMBER_VALUE can not be converted to a String",
        ),
        ("lambda", "PutFunctionConcurrencyRequest", [], "Start of list found where not expected"),
        ("lambda", "PutFunctionConcurrencyRequest", "x", "STRING_VALUE can not be converted to a Structure"),
        (
            "lambda",
            "PutFunctionConcurrencyRequest",
            {"ReservedConcurrentExecutions": True},  # recorded Sep 2026
            "TRUE_VALUE can not be converted to an Integer",
        ),
        ("lambda", "CreateFunctionRequest", {"Publish": "true"}, "STRING_VALUE can not be converted to a Boolean"),
        ("lambda", "CreateFunctionRequest", {"Tags": []}, "Start of list found where not expected"),
        ("lambda", "CreateFunctionRequest", {"Tags": 1.5}, "NUMBER_VALUE can not be converted to a Map"),
        ("lambda", "CreateFunctionRequest", {"Layers": "x"}, "STRING_VALUE can not be converted to a List"),
        ("lambda", "CreateFunctionRequest", {"Code": {"ZipFile": "%"}}, "STRING_VALUE can not be converted to a Blob"),
        ("lambda", "CreateFunctionRequest", {"Code": {"ZipFile": 1}}, "NUMBER_VALUE can not be converted to a Blob"),
        (
            "lambda",
            "AliasRoutingConfiguration",
            {"AdditionalVersionWeights": {"1": "0.5"}},
            "STRING_VALUE can not be converted to a Double",
        ),
        (
            "events",
            "PutEventsRequest",
            {"Entries": [{"Time": False}]},
            "FALSE_VALUE can not be converted to a Timestamp",
        ),
        (
            "events",
            "PutEventsRequest",
            {"Entries": [{"Time": 1e20}]},
            "NUMBER_VALUE can not be converted to a Timestamp",
        ),
        (
            "events",
            "PutEventsRequest",
            {"Entries": [{"Time": "now"}]},
            "STRING_VALUE can not be converted to a Timestamp",
        ),
        ("events", "PutEventsRequest", {"Entries": {}}, "Start of structure or map found where not expected."),
    ],
)
def test_another_type_than_is_due(service: str, structure: str, value: Any, message: str) -> None:
    with pytest.raises(AwsError) as refusal:
        Readers().structure(load_model(service).shape(structure))(value)

    assert (refusal.value.code, refusal.value.message) == ("SerializationException", message)


def test_nulls_and_unknown_members_are_left_out() -> None:
    read = Readers().structure(load_model("events").shape("PutEventsRequest"))

    assert read({"Entries": [{"Source": None, "Colour": "red"}, None], "EndpointId": None}) == {"Entries": [{}, None]}


@settings(max_examples=30)
@given(st.binary(max_size=9), st.integers(0, 3))
def test_a_large_blob_is_read_in_pieces_as_a_small_one_is(tail: bytes, more: int) -> None:
    blob = b"\xff" * (1 << 20) + b"x" * more + tail
    assert scalars.read_blob(base64.b64encode(blob).decode()) == blob


@pytest.mark.parametrize("place", [1 << 20, (1 << 20) + 3, 100])
@pytest.mark.parametrize("character", ["=", "!", "\n", "ü"])
def test_a_large_blob_is_refused_as_a_small_one_is(place: int, character: str) -> None:
    text = "A" * ((1 << 20) + 400)
    with pytest.raises(AwsError):
        scalars.read_blob(text[:place] + character + text[place + 1 :])
    with pytest.raises(AwsError):
        scalars.read_blob(text[:-1])
