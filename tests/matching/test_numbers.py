import pytest

from emulator.matching.numbers import Digits, comparable, event_number, java_text, whole_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("1.0", 1.0),
        ("10e-1", 1.0),
        ("-0", 0.0),
        ("0.10", 0.1),
        ("1E2", 100.0),
        ("5e9", 5000000000.0),
        ("0e-400", 0.0),
        ("1180591620717411300000", 2.0**70),
        ("4.9e-324", 5e-324),
        ("1.7976931348623157e308", 1.7976931348623157e308),
    ],
)
def test_comparable(text: str, value: float) -> None:
    assert comparable(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740993",
        "1.0000000000000001",
        "0.1234567890123456789",
        "1e309",
        "-1e309",
        "1e-400",
        "5e-324",
        "1180591620717411303424",
        "1e999999999999999999999",
        "1e-9999999999999999999999",
        "1" * 1000,
    ],
)
def test_not_comparable(text: str) -> None:
    assert comparable(text) is None


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (1, 1),
        (-(2**53), -(2**53)),
        (2**53 + 1, Digits("9007199254740993")),
        (10**22, 1e22),
        (2**70, Digits("1180591620717411303424")),
        (float("1.0000000000000001"), 1.0),
        (float("1e309"), Digits("Infinity")),
    ],
)
def test_event_number(number: float, value: float | Digits) -> None:
    assert event_number(number) == value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1.0"),
        (-0.5, "-0.5"),
        (10000000.0, "1.0E7"),
        (1.5e-05, "1.5E-5"),
        (0.001, "0.001"),
        (1e22, "1.0E22"),
        (0.0, "0.0"),
        (5e-324, "4.9E-324"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
    ],
)
def test_java_text(number: float, text: str) -> None:
    assert java_text(number) == text


def test_whole_numbers_of_any_length_have_a_text() -> None:
    assert whole_text(-(10**5000)) == "-1" + "0" * 5000
    assert event_number(10**5000) == Digits("1" + "0" * 5000)
    assert repr(Digits("1")) == "Digits(1)"
    assert Digits("1") != "1"
