"""Turns: who is next, how many may run, and what is read from the store."""

from emulator.delivery.lanes import (
    MAX_HELD,
    MAX_HELD_IN_ALL,
    MAX_OF_A_FUNCTION,
    MAX_OF_FUNCTIONS,
    Lane,
    Lanes,
)  # fmt: skip
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


def arn(number: int) -> str:
    return f"arn:aws:lambda:us-east-1:000000000000:function:f{number}"


def test_when_many_hang_the_next_one_still_has_room() -> None:
    """One after the other, each with more events than it may ever run; the first two took all 64 threads once."""
    lanes = Lanes(never)
    shares = []
    for hanging in range(40):
        lanes.offer([delivery(n, arn(hanging)) for n in range(100)])
        began = [found for _ in range(100) if (found := lanes.next())]
        assert {found.target_arn for found in began} == {arn(hanging)}
        shares.append(len(began))
    assert shares[0] == MAX_OF_A_FUNCTION
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= MAX_OF_FUNCTIONS
    lanes.offer([delivery(1, arn(99))])
    found = lanes.next()
    assert found is not None
    assert found.target_arn == arn(99)


def test_targets_that_hang_and_are_no_functions_leave_room_too() -> None:
    lanes = Lanes(never)
    for hanging in range(20):
        target = f"arn:aws:events:us-east-1:000000000000:event-bus/b{hanging}"
        lanes.offer([delivery(n, target) for n in range(1_000)])
        assert [found for _ in range(1_000) if (found := lanes.next())]
    lanes.offer([delivery(1, FAST)])
    found = lanes.next()
    assert found is not None
    assert found.target_arn == FAST


def test_whoever_had_no_room_for_the_others_sake_gets_it_when_one_of_them_ends() -> None:
    lanes = Lanes(never)
    lanes.offer([delivery(1, arn(n)) for n in range(MAX_OF_FUNCTIONS + 2)])
    assert len([found for _ in range(1_000) if (found := lanes.next())]) == MAX_OF_FUNCTIONS
    for _ in range(3):  # asked for again and again, and not queued more than once for it
        lanes.offer([delivery(2, arn(MAX_OF_FUNCTIONS))])
        assert lanes.next() is None
    lanes.ended(arn(0))
    found = lanes.next()
    assert found is not None
    assert found.target_arn == arn(MAX_OF_FUNCTIONS)
    assert lanes.next() is None
    lanes.ended(arn(1))
    lanes.ended(arn(2))
    # What is free now is left for others: the first of the two runs already.
    assert [found.target_arn for _ in range(9) if (found := lanes.next())] == [arn(MAX_OF_FUNCTIONS + 1)]


def test_what_is_due_and_has_no_room_is_read_again_from_the_first_of_it_on() -> None:
    asked: list[int | None] = []

    def fill(lane: Lane) -> None:
        asked.append(lane.unread)
        lane.unread = None

    lanes = Lanes(fill)
    lanes.put_back([delivery(n, SLOW) for n in range(1, MAX_HELD + 1)])
    lanes.put_back([delivery(n, SLOW) for n in (70_000, 60_000, 80_000)])
    [lane] = lanes.all()
    assert (len(lane.held), lane.waiting, lane.unread) == (MAX_HELD, MAX_HELD + 3, 59_999)
    for _ in range(MAX_HELD):
        assert lanes.next() is not None
        lanes.ended(SLOW)
    assert lanes.next() is None
    assert (asked, lanes.all()) == ([59_999], [])


def test_all_together_hold_no_more_than_so_much_and_nobody_is_left_without() -> None:
    lanes = Lanes(never)
    for number in range(8):
        lanes.offer([delivery(n, arn(number)) for n in range(1, MAX_HELD + 1)])
    held = [len(lane.held) for lane in lanes.all()]
    assert sum(held) <= MAX_HELD_IN_ALL + 8 * 100
    assert held[-1] == 100
    assert [lane.waiting for lane in lanes.all()] == [MAX_HELD] * 8


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
