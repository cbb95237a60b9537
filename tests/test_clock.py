"""The clocks, and the two forms of a moment."""

import pytest

from emulator.clock import SwitchableClock, VirtualClock, iso_millis, iso_seconds


@pytest.mark.parametrize(
    ("moment", "seconds", "millis"),
    [
        (0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        (1767323045.999, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.999Z"),
        (-62135596800, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        (-0.5, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.500Z"),
    ],
)
def test_forms_of_a_moment(moment: float, seconds: str, millis: str) -> None:
    assert iso_seconds(moment) == seconds
    assert iso_millis(moment) == millis


def test_a_virtual_clock_stands_still_until_it_is_moved() -> None:
    clock = VirtualClock(100)
    assert clock.now() == 100
    clock.advance(minutes=1, seconds=5)
    assert clock.now() == 165
    clock.set(7)
    assert clock.now() == 7


def test_everybody_holds_one_clock_which_is_switched_while_they_hold_it() -> None:
    clock = SwitchableClock()
    assert not clock.virtual
    assert clock.now() > 1_700_000_000
    clock.set(100)
    assert clock.virtual
    assert clock.now() == 100
    clock.be_real()
    assert not clock.virtual
    assert clock.now() > 1_700_000_000
