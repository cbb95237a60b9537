"""What the five models do not use, but the protocol has: held against botocore with a model made for it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import ServiceModel

from emulator.errors import AwsError
from emulator.wire import codec
from emulator.wire.http import HttpRequest
from emulator.wire.models import Model
from emulator.wire.router import route
from emulator.wire.validate import check
from tests.wire.oracle import Members, read_response, request_of

MOMENT = datetime(2026, 9, 26, 19, 14, 33, tzinfo=UTC)
EVERYTHING: dict[str, Any] = {
    "Key": {"shape": "Text", "location": "uri", "locationName": "Key"},
    "Day": {"shape": "Time", "location": "uri", "locationName": "Day"},
    "Meta": {"shape": "Texts", "location": "headers", "locationName": "x-meta-"},
    "Policy": {"shape": "Text", "location": "header", "locationName": "x-policy", "jsonvalue": True},
    "Since": {"shape": "Time", "location": "header", "locationName": "x-since"},
    "Epoch": {"shape": "Time", "location": "header", "locationName": "x-epoch", "timestampFormat": "unixTimestamp"},
    "Flag": {"shape": "Flag", "location": "header", "locationName": "x-flag"},
    "Words": {"shape": "TextList", "location": "header", "locationName": "x-words"},
    "Bytes": {"shape": "Bytes", "location": "header", "locationName": "x-bytes"},
    "Number": {"shape": "Whole", "location": "header", "locationName": "x-number"},
    "Ids": {"shape": "TextList", "location": "querystring", "locationName": "ids"},
    "Until": {"shape": "Time", "location": "querystring", "locationName": "until"},
    "On": {"shape": "Flag", "location": "querystring", "locationName": "on"},
    "Others": {"shape": "Texts", "location": "querystring", "locationName": "others"},
    "Tree": {"shape": "Tree"},
    "Anything": {"shape": "Anything"},
    "At": {"shape": "Time", "timestampFormat": "rfc822"},
}
RAW: dict[str, Any] = {
    "metadata": {
        "protocol": "rest-json",
        "endpointPrefix": "x",
        "serviceId": "x",
        "uid": "x",
        "signatureVersion": "v4",
    },
    "operations": {
        "Everything": {
            "name": "Everything",
            "http": {"method": "PUT", "requestUri": "/things/{Day}/{Key+}?fixed=yes"},
            "input": {"shape": "Everything"},
            "output": {"shape": "Answer"},
        },
        "Plain": {
            "name": "Plain",
            "http": {"method": "PUT", "requestUri": "/plain"},
            "input": {"shape": "Plain"},
            "output": {"shape": "Plain"},
        },
    },
    "shapes": {
        "Everything": {"type": "structure", "required": ["Key", "Day"], "members": EVERYTHING},
        "Answer": {
            "type": "structure",
            "members": {
                name: ref for name, ref in EVERYTHING.items() if ref.get("location") not in ("uri", "querystring")
            },
        },
        "Plain": {"type": "structure", "payload": "Body", "members": {"Body": {"shape": "Text"}}},
        "Text": {"type": "string"},
        "Texts": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        "TextList": {"type": "list", "member": {"shape": "Text"}},
        "Flag": {"type": "boolean"},
        "Bytes": {"type": "blob"},
        "Whole": {"type": "integer"},
        "Time": {"type": "timestamp"},
        "Anything": {"type": "structure", "document": True, "members": {}},
        "Short": {"type": "string", "max": 3},
        "Tree": {
            "type": "structure",
            "members": {
                "Name": {"shape": "Short", "locationName": "name"},
                "Children": {"shape": "Trees"},
                "ByName": {"shape": "TreesByName"},
            },
        },
        "Trees": {"type": "list", "member": {"shape": "Tree"}},
        "TreesByName": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Tree"}},
    },
}
MODEL = Model("x", RAW)
BOTOCORE = ServiceModel(RAW, service_name="x")
MEMBERS: Members = {
    "Key": "a/b c%2F/é",
    "Day": MOMENT,
    "Meta": {"color": "red", "size": "2"},
    "Policy": {"Statement": [1, None]},
    "Since": MOMENT,
    "Epoch": MOMENT,
    "Flag": False,
    "Words": ["a", "b"],
    "Number": -3,
    "Ids": ["a", "b&c", ""],
    "Until": MOMENT,
    "On": True,
    "Others": {"one": "1", "two": "é"},
    "Tree": {"Name": "a", "Children": [{"Children": []}, {"ByName": {"x": {"Name": "b"}}}]},
    "Anything": {"at": [1, {"all": True}]},
    "At": MOMENT,
}


def read(request: HttpRequest) -> Members:
    found = route(MODEL, request)
    return codec.reader(found.operation)(request, found.labels)


def test_every_location_is_read() -> None:
    request = request_of(BOTOCORE.operation_model("Everything"), MEMBERS)

    assert read(request) == MEMBERS | {"Others": {"one": "1", "two": "é", "fixed": "yes"}}


def test_every_location_is_written() -> None:
    output = {name: value for name, value in MEMBERS.items() if name in RAW["shapes"]["Answer"]["members"]}
    response = codec.writer(MODEL.operations["Everything"])(output, "id")

    assert read_response(response, BOTOCORE.operation_model("Everything").output_shape, "rest-json") == output


def test_a_string_may_be_the_whole_body() -> None:
    operation = BOTOCORE.operation_model("Plain")
    response = codec.writer(MODEL.operations["Plain"])({"Body": "é\n"}, "id")

    assert read(request_of(operation, {"Body": "é\n"})) == {"Body": "é\n"}
    assert read_response(response, operation.output_shape, "rest-json") == {"Body": "é\n"}
    assert read(HttpRequest("PUT", "/plain", "", {}, b"")) == {}


def test_a_shape_that_contains_itself_is_checked_to_the_bottom() -> None:
    members = {"Key": "k", "Day": MOMENT, "Tree": {"Children": [{"ByName": {"x": {"Name": "long"}}}]}}

    with pytest.raises(AwsError, match=r"Value 'long' at 'tree\.children\.1\.member\.byName\.x\.member\.name' failed"):
        check(MODEL.operations["Everything"], members)


def test_bytes_in_a_header_are_base64() -> None:
    asked = HttpRequest("PUT", "/things/2026-09-26T19:14:33Z/k", "fixed=yes", {"x-bytes": "/wA="})
    response = codec.writer(MODEL.operations["Everything"])({"Bytes": b"\xff\0"}, "id")

    assert read(asked) == {"Key": "k", "Day": MOMENT, "Bytes": b"\xff\0", "Others": {"fixed": "yes"}}
    assert ("x-bytes", "/wA=") in response.headers


def test_a_body_that_is_text_must_be_utf_8() -> None:
    with pytest.raises(AwsError, match="the body is not UTF-8"):
        read(HttpRequest("PUT", "/plain", "", {}, b"\xff"))


def test_epoch_seconds_are_written_as_a_moment_is() -> None:
    write = codec.writer(MODEL.operations["Everything"])

    assert write({"At": MOMENT, "Since": MOMENT}, "id") == write(
        {"At": MOMENT.timestamp(), "Since": MOMENT.timestamp()}, "id"
    )


def test_a_member_that_the_model_does_not_have_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="Answer has no member Colour"):
        codec.writer(MODEL.operations["Everything"])({"Colour": "red"}, "id")


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"x-flag": "maybe"}, ""),
        ({"x-number": "1.5"}, ""),
        ({"x-number": "9" * 30}, ""),
        ({"x-number": "9" * 5000}, ""),
        ({"x-since": "yesterday"}, ""),
        ({"x-epoch": "1e400"}, ""),
        ({"x-epoch": "nan"}, ""),
        ({"x-policy": "%"}, ""),
        ({"x-policy": "W1tbW1s="}, ""),
        ({}, "until=2026-13-01"),
        ({}, "until=%ff"),
        ({}, "on=1"),
    ],
)
def test_what_cannot_be_read_is_refused(headers: dict[str, str], query: str) -> None:
    request = HttpRequest("PUT", "/things/2026-09-26T00:00:00Z/k", f"fixed=yes&{query}", headers, b"")

    with pytest.raises(AwsError) as refusal:
        read(request)

    assert refusal.value.code == "SerializationException"
