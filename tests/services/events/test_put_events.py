import json
from datetime import UTC, datetime
from typing import Any

import pytest

from emulator.store import BusKey
from emulator.wire.service import Members, Scope
from tests.services.events.api import ACCOUNT, FUNCTION, REGION, START, Api

ENTRY: Members = {"Source": "shop", "DetailType": "Paid", "Detail": '{"order": 1}'}
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
OTHER_TRACE = "Root=1-5759e988-bd862e3fe1be46a994272794;Sampled=1"


def put(api: Api, *entries: Members, headers: dict[str, str] | None = None, scope: Scope | None = None) -> Members:
    return api.ask("PutEvents", {"Entries": list(entries)}, scope, headers)


def result(api: Api, **change: Any) -> Members:
    """Of one entry; a member that is None is left out."""
    entry = {name: value for name, value in (ENTRY | change).items() if value is not None}
    [answer] = put(api, entry)["Entries"]
    return dict(answer)


def test_the_event_has_awss_keys_in_awss_order(api: Api) -> None:
    answer = put(api, ENTRY | {"Resources": ["arn:x"]})
    [[event]] = api.publisher.requests
    assert answer == {"FailedEntryCount": 0, "Entries": [{"EventId": event.envelope["id"]}]}
    assert list(event.envelope.items()) == [
        ("version", "0"),
        ("id", event.envelope["id"]),
        ("detail-type", "Paid"),
        ("source", "shop"),
        ("account", ACCOUNT),
        ("time", "2023-11-14T22:13:20Z"),
        ("region", REGION),
        ("resources", ["arn:x"]),
        ("detail", {"order": 1}),
    ]
    assert event.bus == BusKey(ACCOUNT, REGION, "default")
    assert event.ingested == START


def test_a_given_time_loses_its_fraction(api: Api) -> None:
    result(api, Time=datetime(2022, 1, 1, 12, 0, 0, 999_000, tzinfo=UTC))
    [[event]] = api.publisher.requests
    assert event.envelope["time"] == "2022-01-01T12:00:00Z"


def test_a_request_is_published_at_once_and_in_order(api: Api) -> None:
    answer = put(
        api, ENTRY, ENTRY | {"Detail": "{"}, ENTRY | {"EventBusName": "unknown"}, ENTRY | {"Source": "aws.iam"}
    )
    [events] = api.publisher.requests
    assert answer == {
        "FailedEntryCount": 2,
        "Entries": [
            {"EventId": events[0].envelope["id"]},
            {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."},
            {"EventId": events[1].envelope["id"]},
            {
                "ErrorCode": "NotAuthorizedForSourceException",
                "ErrorMessage": "Not authorized for the source.",
            },
        ],
    }
    assert [event.bus.name for event in events] == ["default", "unknown"]


def test_nothing_is_published_when_every_entry_failed(api: Api) -> None:
    put(api, ENTRY | {"Detail": "{"})
    assert api.publisher.requests == []


@pytest.mark.parametrize("member", ["Source", "DetailType", "Detail"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_required(api: Api, member: str, value: str | None) -> None:
    assert result(api, **{member: value}) == {
        "ErrorCode": "InvalidArgument",
        "ErrorMessage": f"Parameter {member} is not valid. Reason: {member} is a required argument.",
    }


def test_source_is_missed_before_detail_type_and_that_before_detail(api: Api) -> None:
    assert "Parameter Source" in result(api, Source=None, DetailType=None, Detail=None)["ErrorMessage"]
    assert "Parameter DetailType" in result(api, DetailType=None, Detail=None)["ErrorMessage"]


def test_a_detail_type_has_128_characters_at_most(api: Api) -> None:
    assert "EventId" in result(api, DetailType="x" * 128)
    assert result(api, DetailType="x" * 129)["ErrorCode"] == "InvalidArgument"


NINES = "9" * 18


@pytest.mark.parametrize(
    ("detail", "accepted"),
    [
        ("text", False),
        ("[]", False),
        ("{{}", False),
        ('"\\"NotJSON\\""', False),
        ("null", False),
        ('{"a": NaN}', False),
        ("{} x", False),
        ("{}", True),
        ('{"a": 9223372036854775807, "b": [-9223372036854775808]}', True),
        ('{"a": [{"b": 9223372036854775808}]}', False),
        ('{"a": -9223372036854775809}', False),
        ('{"a": "92233720368547758080000", "b": 1e40}', True),
        ('{"a": 1e999}', False),
        ('{"a": [-1E+999]}', False),
        ('{"a": 1.5e0309}', False),
        ('{"a": ' + "9" * 310 + ".5}", False),
        ('{"a": 1e308, "b": 1e-999, "c": "1e999"}', True),
        ('{"a":' * 400 + "{}" + "}" * 400, True),
        ('{"a":' * 1000 + "{}" + "}" * 1000, False),
        ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", False),
        ('{"a": [' + ",".join(["{}"] * 1500) + "]}", True),
    ],
)
def test_a_detail_is_a_json_object_with_limits(api: Api, detail: str, accepted: bool) -> None:
    answer = result(api, Detail=detail)
    assert ("EventId" in answer) is accepted
    if not accepted:
        assert answer == {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


def test_the_total_is_less_than_a_megabyte(api: Api) -> None:
    """Source 4, DetailType 4, Time 14, Resources 5 and 2 + 2 bytes, Detail the rest."""
    entry = {"Source": "shop", "DetailType": "Paid", "Time": datetime(2026, 1, 1, tzinfo=UTC), "Resources": ["arn:x"]}
    fixed = 4 + 4 + 14 + 5
    bare = len('{"a":"€"}'.encode())
    fits = {**entry, "Detail": '{"a":"€' + "x" * (1024 * 1024 - 1 - fixed - bare) + '"}'}
    assert put(api, fits)["FailedEntryCount"] == 0
    over = {**entry, "Detail": '{"a":"€' + "x" * (1024 * 1024 - fixed - bare) + '"}'}
    assert api.refused("PutEvents", Entries=[over]) == (
        "ValidationException",
        "Total size of the entries in the request is over the limit.",
    )


@pytest.mark.parametrize(
    ("name", "bus"),
    [
        ("shop", BusKey(ACCOUNT, REGION, "shop")),
        ("arn:aws:events:us-east-1:111111111111:event-bus/shop", BusKey(ACCOUNT, REGION, "shop")),
        ("arn:aws:events:us-west-2:111111111111:event-bus/shop", BusKey(ACCOUNT, REGION, "shop")),
    ],
)
def test_a_bus_is_named_or_given_as_arn(api: Api, name: str, bus: BusKey) -> None:
    result(api, EventBusName=name)
    [[event]] = api.publisher.requests
    assert event.bus == bus


@pytest.mark.parametrize(
    ("entry", "header", "trace"),
    [
        (None, None, None),
        (TRACE, None, TRACE),
        (None, TRACE, TRACE),
        (OTHER_TRACE, TRACE, OTHER_TRACE),
        ("nonsense", TRACE, None),
    ],
)
def test_a_trace_travels_beside_the_event(api: Api, entry: str | None, header: str | None, trace: str | None) -> None:
    put(
        api,
        ENTRY | ({"TraceHeader": entry} if entry else {}),
        headers={"x-amzn-trace-id": header} if header else {},
    )
    [[event]] = api.publisher.requests
    assert event.trace == trace


def test_a_root_is_made_for_what_is_not_sampled(api: Api) -> None:
    result(api, TraceHeader="Sampled=0")
    [[event]] = api.publisher.requests
    assert event.trace is not None
    assert event.trace.startswith(f"Root=1-{int(START):08x}-")


def test_what_a_rule_matches_is_stored_before_the_answer(shop: Api) -> None:
    shop("PutTargets", Rule="paid", EventBusName="shop", Targets=[{"Id": "1", "Arn": FUNCTION}])
    [answer] = put(shop, ENTRY | {"EventBusName": "shop"})["Entries"]
    [way] = shop.store.journal.ways(answer["EventId"])
    assert [delivery.target_arn for delivery in way.deliveries] == [FUNCTION]
    assert json.loads(way.envelope)["detail"] == {"order": 1}


def test_half_a_surrogate_pair_in_a_detail_becomes_a_question_mark(api: Api) -> None:
    """No UTF-8 text can hold it; Java writes `?` for it."""
    put(api, ENTRY | {"Detail": '{"\\ud800": ["\\udc00x", "\\ud83d\\ude00"]}'})
    [[event]] = api.publisher.requests
    assert event.envelope["detail"] == {"?": ["?x", "😀"]}
