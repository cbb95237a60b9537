import pytest

from emulator.matching.folding import folded, folded_end, folded_start


@pytest.mark.parametrize(
    ("operand", "same", "other"),
    [
        ("aB", ["ab", "AB", "Ab"], ["a", "abc", "áb"]),
        ("", [""], ["a"]),
        ("ß", ["ß", "SS"], ["ss", "Ss", "ẞ"]),
        ("STRASSE", ["strasse"], ["straße"]),
        ("Straße", ["STRASSE", "straße", "sTRAßE"], ["strasse"]),
        ("İ", ["i̇", "İ"], ["i", "I"]),
        ("K", ["k", "K"], ["\u212a"]),
        ("\u212a", ["k", "\u212a"], ["K"]),
        ("ǅ", ["ǆ", "Ǆ"], ["ǅ"]),
        ("😀", ["??"], ["😀", "?"]),
        ("é", ["é", "É"], ["e\u0301"]),
    ],
)
def test_folding(operand: str, same: list[str], other: list[str]) -> None:
    assert [value for value in [*same, *other] if folded(operand)(value)] == same
    for value in same:
        assert folded_start(operand)(f"{value}x")
        assert folded_end(operand)(f"x{value}")


def test_only_the_end_of_the_value_counts() -> None:
    assert folded_end("ß")("xSS")
    assert not folded_end("ß")("SSx")
    assert folded_start("ß")("SSx")
    assert not folded_start("ß")("xSS")
