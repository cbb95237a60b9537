import pytest

from emulator.runtime.load import CROWDED_SECONDS, Load


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        # awake, seconds and processor seconds since the begin -> hands to add
        ([(1, 0.001, 0.0)], [1]),
        ([(1, 0.001, 0.0), (2, 0.002, 0.0001), (4, 0.003, 0.0002)], [1, 2, 4]),
        ([(0, 0.001, 0.0)], [1]),
        ([(4, 0.001, 0.001), (4, 0.002, 0.002)], [0, 0]),
        ([(4, CROWDED_SECONDS, CROWDED_SECONDS), (5, CROWDED_SECONDS + 0.001, CROWDED_SECONDS + 0.001)], [1, 0]),
        ([(4, 0.001, 0.001), (4, 0.002, 0.001)], [0, 4]),
        ([(4, 0.001, 0.0), (8, 0.002, 0.001), (8, 0.01 + CROWDED_SECONDS, CROWDED_SECONDS)], [4, 0, 1]),
    ],
)
def test_hands(questions: list[tuple[int, float, float]], expected: list[int]) -> None:
    load = Load(100.0, 7.0)
    assert [load.hands(awake, 100.0 + now, 7.0 + cpu) for awake, now, cpu in questions] == expected
