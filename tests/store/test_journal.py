"""Reading the journal: which events, what caused what, and which invocations."""

from collections.abc import Mapping
from typing import Any

import pytest

from emulator.store.database import Store
from emulator.store.deliveries import DELIVERED, FAILED, PENDING, Attempt, Delivery, Received, Settled
from emulator.store.journal import events_where

CHARGE = "arn:aws:lambda:us-east-1:000000000000:function:charge"


class Written:
    """A store, and rows in it by short names."""

    def __init__(self) -> None:
        self.store = Store()
        self._names: dict[int, str] = {}

    def event(
        self, event_id: str, *, bus: str = "orders", source: str = "shop", at: float = 0.0, verdict: str = "matched",
        cause: str | None = None,
    ) -> int:  # fmt: skip
        number = self.store.deliveries.new_received()
        envelope = f'{{"source":"{source}","detail-type":"T"}}'
        row = Received(number, "0", "r", bus, event_id, envelope, at, verdict, None, "one two", cause)
        self.store.deliveries.add([row], [])
        self._names[number] = event_id
        return number

    def delivery(
        self, received: int | None, request_id: str, *, state: str = DELIVERED, statuses: str = "success",
        arn: str = CHARGE, trace: str | None = None,
    ) -> None:  # fmt: skip
        number = self.store.deliveries.new_delivery()
        event_id = "" if received is None else self._names[received]
        row = Delivery(
            number, received, "0", "r", "orders", event_id, "one", "1", arn, "{}", None, trace, request_id, 0, 0, 0
        )
        self.store.deliveries.add([], [row])
        attempts = [
            Attempt(number, "0", "r", arn, made + 1, request_id, 0, 1, status, None, None, b"", "")
            for made, status in enumerate(statuses.split())
        ]
        self.store.deliveries.settle([Settled(number, state, len(attempts), 0)], attempts)

    def direct(self, request_id: str, *, arn: str = CHARGE, cause: str | None = None) -> None:
        row = Attempt(
            None, "0", "r", arn, 1, request_id, 0, 1, "success", None, None, b"1", "", cause=cause, input='{"a":1}'
        )
        self.store.deliveries.record([row])


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({}, ["c", "b", "a"]),
        ({"bus": "other"}, ["c"]),
        ({"source": "bank"}, ["b"]),
        ({"detail_type": "T"}, ["c", "b", "a"]),
        ({"detail_type": "t"}, []),
        ({"verdict": "unmatched"}, ["c"]),
        ({"since": 2.0}, ["c", "b"]),
        ({"failed": True}, ["b", "a"]),
        ({"failed": True, "source": "shop"}, ["a"]),
    ],
)
def test_events_are_found_by_what_is_true_of_them(conditions: Mapping[str, Any], found: list[str]) -> None:
    written = Written()
    written.delivery(written.event("a", at=1), "q1", statuses="retryable success")
    written.delivery(written.event("b", at=2, source="bank"), "q2", state=FAILED, statuses="permanent")
    written.delivery(written.event("c", at=3, bus="other", verdict="unmatched"), "q3")
    ways = written.store.journal.find(events_where(**conditions), 10)
    assert [way.event_id for way in ways] == found
    assert all(way.rules == ("one", "two") for way in ways)


def test_what_came_after_an_event_comes_in_order() -> None:
    written = Written()
    first = written.event("a")
    written.event("b")
    newest = written.event("c")
    assert written.store.journal.newest() == newest
    assert [way.event_id for way in written.store.journal.after(first, 10)] == ["b", "c"]


def test_what_handlers_caused_is_found_on_every_bus_and_leads_back() -> None:
    written = Written()
    written.delivery(written.event("a"), "0a1b2c3d-1111", statuses="retryable success")
    written.event("b", cause="0a1b2c3d")
    written.event("b", bus="forwarded")
    written.event("c", cause="99999999")
    caused = written.store.journal.caused(["0a1b2c3d-1111"], 10)
    assert [(way.event_id, way.bus) for way in caused] == [("b", "orders"), ("b", "forwarded")]
    invocation = written.store.journal.invocation("0a1b2c3d")
    assert invocation is not None
    assert (invocation.attempt.number, invocation.event_id, invocation.rule) == (2, "a", "one")
    assert written.store.journal.invocation("99999999") is None


def test_a_handler_that_is_still_running_is_found_as_a_cause() -> None:
    written = Written()
    written.delivery(written.event("a"), "0a1b2c3d-1111", state=PENDING, statuses="")
    invocation = written.store.journal.invocation("0a1b2c3d")
    assert invocation is not None
    assert (invocation.attempt.number, invocation.attempt.status, invocation.event_id) == (0, PENDING, "a")


def test_invocations_of_every_kind_newest_first() -> None:
    written = Written()
    written.delivery(written.event("a"), "q1")
    written.delivery(None, "q2", trace="Root=1;Lineage=2:0a1b2c3d:0")
    written.direct("q3", cause="11111111")
    written.direct("q4", arn=f"{CHARGE}:live")
    written.direct("q5", arn=f"{CHARGE}-2")
    written.delivery(written.event("b"), "q6", arn="arn:aws:sqs:us-east-1:000000000000:charge")
    found = written.store.journal.invocations("charge", 10)
    assert [(i.attempt.request_id, i.direct, i.event_id, i.cause) for i in found] == [
        ("q4", True, "", None), ("q3", True, "", "11111111"), ("q2", False, "", "0a1b2c3d"), ("q1", False, "a", None),
    ]  # fmt: skip
    assert [i.payload for i in found] == ['{"a":1}', '{"a":1}', "{}", "{}"]
    assert [i.attempt.request_id for i in written.store.journal.invocations(f"{CHARGE}:live", 10)] == ["q4"]
    assert len(written.store.journal.invocations(None, 10)) == 5
    assert written.store.journal.invocations(None, 10, failed=True) == []
