"""JSON as text: write it as AWS does, and find where a text stops being JSON.  Knows nothing of targets.

`json.loads` cannot do the second part: it accepts NaN, and its recursion limit depends on who calls it.
"""

import json
import re
from collections.abc import Callable
from typing import Any

compact: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
quoted: Callable[[str], str] = json.encoder.encode_basestring
"""A string as a JSON literal: `say "hi"` -> `"say \\"hi\\""`.  Non-ASCII text stays as it is, as on AWS."""

SNIPPET = 500
"""Characters of a faulty text that AWS's JSON reader (Jackson) repeats in its message."""

_STRING = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_TOKEN = re.compile(
    rf"""[ \t\r\n]*+(?:
        (?P<mark>[][{{}},:])
      | (?P<string>{_STRING})
      | (?P<scalar>(?:true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?![\w.+-]))
      | (?P<bad>.) )?""",
    re.VERBOSE | re.DOTALL,
)
_LINES = re.compile(rf"[ \t\r\n]*+{_STRING}(?:[ \t\r\n]++{_STRING})*+[ \t\r\n]*+")


def _refuse(constant: str) -> None:
    raise ValueError(constant)


# numbers are kept as text: converting them is a waste, and Python refuses to convert a very long integer
_decode = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse).decode


def is_json(text: str) -> bool:
    """Is `text` one JSON value?"""
    try:
        _decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def is_lines(text: str) -> bool:
    """Is `text` a sequence of JSON strings with white space between them?  (AWS: multiline text)"""
    return _LINES.fullmatch(text) is not None


def fault(text: str) -> int | None:
    """Where `text` stops being one JSON value: the index of the token that Jackson would name; None when it is one.

    Jackson names the last token that it began: a value that cannot be read by its own place, but inside an object by
    the name before it; a missing comma, colon or closing mark by what comes before it.  Linear, and not recursive.
    """
    enclosing: list[str] = []
    expected = "value"
    at = named = 0
    while True:
        found = _TOKEN.match(text, at)
        assert found is not None  # everything in it is optional
        kind = found.lastgroup or "end"
        start, at = found.start(kind) if found.lastgroup else len(text), found.end()
        token = found["mark"] or kind
        if expected == "end" and token == "end":
            return None
        follows = _follows(expected, token, enclosing)
        if follows is None:
            in_object = bool(enclosing) and enclosing[-1] == "{"
            begun = token != "end" and expected in ("value", "first value", "end") and not in_object
            return start if begun else named
        expected = follows
        if token not in ",:":
            named = start


def _follows(expected: str, token: str, enclosing: list[str]) -> str | None:
    """What is expected after `token`; None when the token itself was not.  Keeps `enclosing` up to date."""
    match expected, token:
        case (("value" | "first value"), ("{" | "[")):
            enclosing.append(token)
            return "first name" if token == "{" else "first value"
        case (("value" | "first value"), ("string" | "scalar")):
            return "more" if enclosing else "end"
        case (("first name" | "name"), "string"):
            return "colon"
        case "colon", ":":
            return "value"
        case "more", ",":
            return "name" if enclosing[-1] == "{" else "value"
        case ("first name", "}") | ("first value", "]"):
            pass
        case "more", ("}" | "]") if token == {"{": "}", "[": "]"}[enclosing[-1]]:
            pass
        case _:
            return None
    enclosing.pop()
    return "more" if enclosing else "end"


def location(text: str, index: int) -> str:
    """Jackson's words for a place in a text: `[Source: (String)"not-json"; line: 1, column: 1]`."""
    before = re.split(r"\r\n|\r|\n", text[:index])
    cut = len(text) - SNIPPET
    source = f'"{text[:SNIPPET]}"' + (f"[truncated {cut} chars]" if cut > 0 else "")
    return f"[Source: (String){source}; line: {len(before)}, column: {len(before[-1]) + 1}]"
