"""Turns: who is next, how many may run, and what is read from the store."""

from emulator.delivery.lanes import MAX_HELD, MAX_OF_A_FUNCTION, Lane, Lanes
from emulator.store.deliveries import Delivery

SLOW, FAST = (f"arn:aws:lambda:us-east-1:000000000000:function:{name}" for name in ("slow", "fast"))


def delivery(number: int, target: str) -> Delivery:
    return Delivery(number, None, "0", "r", "", "e", "", "", target, "{}", None, None, "q", 0, 0.0, 0.0)


def never(lane: Lane) -> None:
    raise AssertionError(f"nothing of {lane.target} was to be read")


def test_targets_take_turns() -> None:
    lanes = Lanes(never)
    lanes.offer([delivery(n, SLOW) for n in range(1, 5)] + [delivery(9, FAST)])
    assert [found.id for _ in range(3) if (found := lanes.next())] == [1, 9, 2]


def test_one_that_hangs_keeps_no_other_from_its_own() -> None:
    lanes = Lanes(never)
    lanes.offer([delivery(n, SLOW) for n in range(1, 1_000)])
    running = [found for _ in range(1_000) if (found := lanes.next())]
    assert len(running) == MAX_OF_A_FUNCTION
    lanes.offer([delivery(2_000, FAST)])
    found = lanes.next()
    assert found is not None
    assert found.target_arn == FAST
    assert lanes.next() is None
    lanes.ended(SLOW)
    found = lanes.next()
    assert found is not None
    assert found.id == MAX_OF_A_FUNCTION + 1


def test_what_has_no_room_is_read_when_its_lane_is_empty() -> None:
    asked: list[tuple[str, int | None]] = []

    def fill(lane: Lane) -> None:
        asked.append((lane.target, lane.unread))
        lane.held.append(delivery(MAX_HELD + 1, lane.target))
        lane.unread = None

    lanes = Lanes(fill)
    lanes.offer([delivery(n, SLOW) for n in range(1, MAX_HELD + 2)])
    for _ in range(MAX_HELD):
        assert lanes.next() is not None
        lanes.ended(SLOW)
    assert asked == []
    found = lanes.next()
    assert found is not None
    assert (found.id, asked) == (MAX_HELD + 1, [(SLOW, MAX_HELD)])


def test_a_lane_goes_when_nothing_is_in_it() -> None:
    lanes = Lanes(never)
    lanes.offer([delivery(1, SLOW)])
    lanes.next()
    assert [lane.running for lane in lanes.all()] == [1]
    lanes.ended(SLOW)
    assert lanes.next() is None
    assert (lanes.all(), lanes.waiting()) == ([], False)
