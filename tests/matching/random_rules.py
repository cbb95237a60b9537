"""Random patterns and events, as JSON texts, that meet each other often; a seed makes each of them again."""

import json
from collections.abc import Callable
from random import Random

KEYS = ["a", "b", "c", "d", "a.b", "b.c", "", "é"]
TEXTS = [
    *("", "a", "A", "b", "ab", "aB", "ba", "aba", "abab", "null", "true", "1", "1.0", "a ", "*", "\\", "x\ny"),
    *("ß", "SS", "ss", "Straße", "İ", "i̇", "K", "\u212a", "k", "😀", "??", "ǅ", "é", "e\u0301"),
    *("a*b", "a\\b", 'a"', '"a', '"', "10.0.0.1", "10.0.0.01", "10.0.0.2", "10.0.0"),
    *("::1", "0:0::1", "a00:1::", "a00::1", "::ffff:a00:1", "a:b"),
]
NUMBERS = [
    *("0", "-0", "1", "1.0", "1e0", "10e-1", "2", "2.5", "-1", "0.1", "0.10", "100", "1E2", "3", "10101010", "300"),
    *("9007199254740992", "9007199254740993", "1.0000000000000001", "1e309", "1e-400", "4.9e-324", "1e22"),
    *("1180591620717411303424", "1180591620717411300000", "10000000000000000000000", "123456789012345678901234567"),
]
COMPARABLE = ["0", "1", "1.0", "-1", "2", "2.5", "0.1", "1e2", "1E22", "9007199254740992", "300"]
WILDCARDS = [
    "",
    "*",
    "a*",
    "*a",
    "*b*",
    "a*a",
    "a*b*",
    "*ab*ab",
    "ab",
    "\\*",
    "a\\*b",
    "*\\\\*",
    "?",
    "*é",
    "*ß*",
    "1*",
]
CIDRS = [
    *("10.0.0.0/8", "10.0.0.0/24", "10.0.0.1/31", "0.0.0.0/0", "16.0.0.0/4"),
    *("::/0", "a00::/8", "::/127", "::ffff:a00:1/9"),
]


def pattern(chance: Random) -> str:
    """A valid pattern; it may be refused for its complexity."""
    return _fields(chance, 3)


def event(chance: Random) -> str:
    """An object, with arrays of objects, repeated keys and dotted keys."""
    return _object([(chance.choice(KEYS), _value(chance, 3)) for _ in range(chance.randint(1, 4))])


def _object(members: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{_text(key)}:{value}" for key, value in members) + "}"


def _array(members: list[str]) -> str:
    return "[" + ",".join(members) + "]"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _fields(chance: Random, depth: int) -> str:
    members = [(chance.choice(KEYS), _content(chance, depth)) for _ in range(chance.randint(1, 3))]
    if depth and chance.random() < 0.2:
        either = _array([_fields(chance, depth - 1) for _ in range(chance.randint(2, 3))])
        members.insert(chance.randint(0, len(members)), ("$or", either))
    return _object(members)


def _content(chance: Random, depth: int) -> str:
    if depth and chance.random() < 0.4:
        return _fields(chance, depth - 1)
    return _array([_alternative(chance) for _ in range(chance.choice([1, 1, 1, 2, 3]))])


def _alternative(chance: Random) -> str:
    return chance.choice(_ALTERNATIVES)(chance)


def _string(chance: Random) -> str:
    return _text(chance.choice(TEXTS))


def _number(chance: Random) -> str:
    return chance.choice(NUMBERS)


def _constant(chance: Random) -> str:
    return chance.choice(["null", "true", "false"])


def _folded(chance: Random) -> str:
    return _object([("equals-ignore-case", _string(chance))])


def _affix(chance: Random) -> str:
    operand = _folded(chance) if chance.random() < 0.3 else _string(chance)
    return _object([(chance.choice(["prefix", "suffix"]), operand)])


def _wildcard(chance: Random) -> str:
    return _object([("wildcard", _text(chance.choice(WILDCARDS)))])


def _cidr(chance: Random) -> str:
    return _object([("cidr", _text(chance.choice(CIDRS)))])


def _exists(chance: Random) -> str:
    return _object([("exists", chance.choice(["true", "false"]))])


def _numeric(chance: Random) -> str:
    low, high = sorted(chance.sample(COMPARABLE, 2), key=float)
    bounds = [_text(chance.choice(["=", "<", "<=", ">", ">="])), low]
    if float(low) < float(high) and chance.random() < 0.5:
        bounds = [_text(chance.choice([">", ">="])), low, _text(chance.choice(["<", "<="])), high]
    return _object([("numeric", _array(bounds))])


def _anything_but(chance: Random) -> str:
    operator = chance.choice(["", "", "number", "prefix", "suffix", "equals-ignore-case", "wildcard"])
    operands = {
        "": TEXTS,
        "number": COMPARABLE,
        "wildcard": WILDCARDS,
    }.get(operator, [text for text in TEXTS if text])
    chosen = [one if operator == "number" else _text(one) for one in chance.sample(operands, chance.randint(1, 3))]
    written = chosen[0] if len(chosen) == 1 else _array(chosen)
    return _object([("anything-but", written if operator in ("", "number") else _object([(operator, written)]))])


_ALTERNATIVES: list[Callable[[Random], str]] = [
    *(_string, _string, _string, _number, _number, _constant, _folded, _affix, _affix),
    *(_wildcard, _cidr, _exists, _exists, _numeric, _anything_but),
]


def _value(chance: Random, depth: int) -> str:
    kind = chance.random() if depth else 0.0
    if kind < 0.4:
        return chance.choice([_string, _string, _number, _constant])(chance)
    if kind < 0.6:
        members = [(chance.choice(KEYS), _value(chance, depth - 1)) for _ in range(chance.randint(0, 3))]
        return _object(members)
    if kind < 0.75:
        return _array([_value(chance, depth - 1) for _ in range(chance.randint(0, 3))])
    return _array([_fields_of_event(chance, depth - 1) for _ in range(chance.randint(1, 4))])


def _fields_of_event(chance: Random, depth: int) -> str:
    return _object([(chance.choice(KEYS[:4]), _value(chance, depth)) for _ in range(chance.randint(1, 3))])
