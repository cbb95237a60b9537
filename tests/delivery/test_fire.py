"""Firing a rule by hand: which event comes in, and who gets it."""

from pathlib import Path
from typing import Any

import pytest

from emulator.app import ACCOUNT, REGION
from emulator.delivery.fire import CannotFire, fire
from emulator.delivery.publish import Event
from emulator.store.buses import BusKey
from tests.delivery.timed import Timed, in_time

SHOP = '{"source": ["shop"]}'


def fired(timed: Timed, name: str, given: dict[str, Any] | None = None) -> Event:
    emulator = timed.emulator
    rule = emulator.store.rules.find(BusKey(ACCOUNT, REGION, "default"), name)
    assert rule is not None
    return fire(emulator.publisher, emulator.clock, rule, given)


def test_a_schedule_sends_its_event_now_and_keeps_its_cadence(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("report")
        await timed.rule("hourly", "report", ScheduleExpression="rate(1 hour)")
        await timed.rule("observer", "report", EventPattern='{"source": ["aws.events"]}')
        await timed.emulator.advance(600)
        before = timed.emulator.timeline.next_at()
        event = fired(timed, "hourly")
        assert (event.envelope["detail-type"], event.envelope["time"]) == ("Scheduled Event", "2026-09-21T14:23:20Z")
        await timed.emulator.settle()
        [way] = timed.emulator.store.journal.ways(event.envelope["id"])
        assert sorted(delivery.rule for delivery in way.deliveries) == ["hourly", "observer"]
        assert timed.emulator.timeline.next_at() == before

    in_time(tmp_path, scenario)


def test_a_pattern_gets_a_sample_or_what_is_given(tmp_path: Path) -> None:
    async def scenario(timed: Timed) -> None:
        timed.function("charge")
        await timed.rule(
            "uploads", "charge", EventPattern='{"source": ["aws.s3"], "detail": {"size": [{"numeric": [">", 9]}]}}'
        )
        assert fired(timed, "uploads").envelope["detail"] == {"size": 10}
        event = fired(timed, "uploads", {"source": "aws.s3", "detail": {"size": 20, "key": "a"}, "id": "mine"})
        assert event.envelope["id"] != "mine"
        assert list(event.envelope) == [
            "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
        ]  # fmt: skip
        await timed.emulator.settle()
        assert [way.verdict for way in timed.emulator.store.journal.recent(5)] == ["matched", "matched"]

    in_time(tmp_path, scenario)


@pytest.mark.parametrize(
    ("members", "given", "said"),
    [
        ({"EventPattern": SHOP}, {"source": "Shop"}, '✗ want one of ["shop"], got "Shop"'),
        ({"EventPattern": SHOP, "State": "DISABLED"}, None, "is disabled"),
        ({"EventPattern": '{"source": [{"anything-but": "anything"}]}'}, None, "give an event"),
        ({"ScheduleExpression": "rate(1 hour)"}, {"source": "shop"}, "has no pattern"),
    ],
)
def test_what_cannot_be_fired_says_why(
    tmp_path: Path, members: dict[str, str], given: dict[str, Any] | None, said: str
) -> None:
    async def scenario(timed: Timed) -> None:
        await timed.rule("rule", **members)
        with pytest.raises(CannotFire, match="rule") as caught:
            fired(timed, "rule", given)
        assert said in str(caught.value)
        assert timed.emulator.store.journal.recent(1) == []

    in_time(tmp_path, scenario)
