import pytest

from emulator.cli.style import Span, draw, harmless, pad, wants_colour


def test_plain_and_coloured() -> None:
    line = [Span("✓ ", "green"), Span("done")]
    assert draw(line, colour=False) == "✓ done"
    assert draw(line, colour=True) == "\x1b[32m✓ \x1b[0mdone"


def test_pad_leaves_two_blanks_at_least() -> None:
    assert draw(pad([Span("ab", "red")], 5), colour=False) == "ab   "
    assert draw(pad([Span("abcdef")], 5), colour=False) == "abcdef  "


def test_harmless() -> None:
    assert harmless("naïve ✓ 漢字") == "naïve ✓ 漢字"
    assert harmless("a\x1b]0;title\x07\nb") == "a\\x1b]0;title\\x07\\x0ab"


@pytest.mark.parametrize(
    ("environ", "terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"CI": "true"}, True, False),
        ({"CI": "true", "FORCE_COLOR": "1"}, False, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_wants_colour(environ: dict[str, str], terminal: bool, expected: bool) -> None:
    assert wants_colour(environ, terminal) is expected
