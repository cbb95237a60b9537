"""Text that is no JSON, in Jackson's words, and where the reader stands; the places are those of Jackson 2.17."""

import pytest

from emulator.matching import InvalidPattern, compile_pattern

VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
CHAR = "Unexpected character"
PLUS = (
    "JSON spec does not allow numbers to have plus signs: enable "
    "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
)
MINUS = "expected digit (0-9) to follow minus sign, for valid numeric value"


def reason(text: str) -> str:
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern(text)
    return refused.value.reason


def at(text: str, column: int, line: int = 1) -> str:
    return f'\n at [Source: (String)"{text}"; line: {line}, column: {column}]'


@pytest.mark.parametrize(
    ("text", "wanted", "column"),
    [
        ("", "Filter is not an object", 1),
        ("   ", "Filter is not an object", 4),
        ("{bad", f"{CHAR} ('b' (code 98)): was expecting double-quote to start field name", 2),
        ('{"a"', "Unexpected end-of-input within/between Object entries", 5),
        ('{"a" []}', f"{CHAR} ('[' (code 91)): was expecting a colon to separate field name and value", 6),
        ('{"a":}', f"{CHAR} ('}}' (code 125)): expected a value", 6),
        ('{"a":["b",', "Unexpected end-of-input within/between Array entries", 11),
        ('{"a":["b"],}', f"{CHAR} ('}}' (code 125)): was expecting double-quote to start field name", 12),
        ('{"a":["b"] "c":["d"]}', f"{CHAR} ('\"' (code 34)): was expecting comma to separate Object entries", 12),
        ('{"a":[NaN]}', "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", 10),
        ('{"a":[Nope]}', f"Unrecognized token 'Nope': was expecting {VALUES}", 11),
        ('{"a":[truest]}', f"Unrecognized token 'truest': was expecting {VALUES}", 13),
        ('{"a":[nul]}', f"Unrecognized token 'nul': was expecting {VALUES}", 10),
        ('{"a":[+1]}', f"{CHAR} ('+' (code 43)) in numeric value: {PLUS}", 8),
        ('{"a":[-]}', f"{CHAR} (']' (code 93)) in numeric value: {MINUS}", 8),
        ('{"a":[1.]}', f"{CHAR} (']' (code 93)) in numeric value: Decimal point not followed by a digit", 9),
        ('{"a":[1e]}', f"{CHAR} (']' (code 93)) in numeric value: Exponent indicator not followed by a digit", 9),
        ('{"a":[-01]}', "Invalid numeric value: Leading zeroes not allowed", 9),
        ('{"a":[1a]}', f"{CHAR} ('a' (code 97)): was expecting comma to separate Array entries", 8),
        ('{"a":["\\x"]}', "Unrecognized character escape 'x' (code 120)", 9),
        ('{"a":["\\u12g4"]}', f"{CHAR} ('g' (code 103)): expected a hex-digit for character escape sequence", 12),
        ('{"a":["\\u12', "Unexpected end-of-input in character escape sequence", 12),
        ('{"a":["b', "Unexpected end-of-input: was expecting closing quote for a string value", 9),
        ('{"a', "Unexpected end-of-input in field name", 4),
        ('{"a":[#]}', f"{CHAR} ('#' (code 35)): expected a valid value {VALUES}", 7),
        ('{"a":[😀]}', f"{CHAR} ('?' (code 55357 / 0xd83d)): expected a valid value {VALUES}", 7),
        ('{"a":["é😀", 01]}', "Invalid numeric value: Leading zeroes not allowed", 15),
    ],
)
def test_no_json(text: str, wanted: str, column: int) -> None:
    assert reason(text) == wanted + at(text, column)


def test_the_start_of_what_was_not_closed_is_told() -> None:
    text = '{"a":["b"'
    opened = f'(start marker at [Source: (String)"{text}"; line: 1, column: 6])'
    assert reason(text) == f"Unexpected end-of-input: expected close marker for Array {opened}" + at(text, 10)


def test_a_closing_brace_at_the_top() -> None:
    assert reason("]").startswith("Unexpected close marker ']': expected '}' (for root starting at [Source")


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
def test_lines_are_counted(newline: str) -> None:
    text = f'{{{newline}"a":{newline}  []}}'
    assert reason(text) == "Empty arrays are not allowed" + at(text, 5, line=3)


def test_control_characters() -> None:
    text = '{"a":["\t"]}'
    quoted = text.replace("\t", "\\u0009")
    assert reason(text) == (
        "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in "
        "string value" + at(quoted, 8)
    )
    assert reason('{\x01"a":[1]}').startswith(
        "Illegal character ((CTRL-CHAR, code 1)): only regular white space (\\r, \\n, \\t) is allowed between tokens"
    )


def test_a_long_text_is_cut() -> None:
    text = '{"a":["' + "x" * 600 + '"],"b":[]}'
    assert f'(String)"{text[:500]}"[truncated {len(text) - 500} chars]; line: 1, column: {len(text)}]' in reason(text)


def test_what_follows_the_pattern_is_ignored() -> None:
    assert compile_pattern('{"a":["b"]} trailing').paths == ("a",)


@pytest.mark.parametrize("opening", ['{"a":', "[", '{"a":[', '{"$or":['])
def test_deep_nesting_is_refused(opening: str) -> None:
    assert reason(opening * 100_000)


def test_depth_is_bounded_as_in_jackson() -> None:
    assert compile_pattern('{"a":' * 999 + "[1]" + "}" * 999).paths == (".".join("a" * 999),)
    assert reason('{"a":' * 1001).startswith("Document nesting depth (1001) exceeds the maximum allowed (1000")


def test_numbers_are_bounded_as_in_jackson() -> None:
    assert reason(f'{{"a":[{"1" * 1001}]}}').startswith("Number value length (1001) exceeds the maximum allowed (1000")


def test_halves_of_surrogate_pairs() -> None:
    (condition,) = compile_pattern(r'{"a":["\ud83d\ude00"]}').branches[0]
    assert condition.test("😀")
    assert compile_pattern(r'{"a":["\ud83d", {"wildcard": "\ude00*"}, {"equals-ignore-case": "\ud83d"}]}').branches
    assert compile_pattern('{"a\ud83d":["\ud83d"]}').paths == ("a\ud83d",)
    assert reason('{"a":[{"\ud83d":1}]}').startswith("Unrecognized match type ?\n")
