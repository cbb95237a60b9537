"""The operators of the pattern language: a table from the name to the function that reads the operand.

Every function is called behind the operator's name and leaves the reader behind the match expression. The order of
the checks is that of event-ruler's compiler, since the first fault is the one that AWS reports.
"""

from collections.abc import Callable, Iterable
from math import inf
from typing import TypeVar

from emulator.matching import reader as tokens
from emulator.matching.addresses import InvalidBlock, block
from emulator.matching.alternatives import (
    Absent,
    Affix,
    Alternative,
    AnythingBut,
    Cidr,
    Exists,
    IgnoreCase,
    Literal,
    Number,
    Numeric,
    Wildcard,
)
from emulator.matching.numbers import Digits, comparable
from emulator.matching.reader import Reader, Unreadable
from emulator.matching.wildcard import InvalidWildcard, pieces

T = TypeVar("T")


def match_expression(reader: Reader, allowed: frozenset[str]) -> Alternative:
    """Read `{"prefix": "a"}`, the opening brace being read already."""
    if reader.next() != tokens.NAME:
        reader.refuse("Match expression name not found")
    read = OPERATORS.get(reader.name)
    if read is None or reader.name not in allowed:
        reader.refuse(f"Unrecognized match type {reader.name}")
    return read(reader)


def number(text: str) -> Number:
    """A number among the alternatives: any JSON number is accepted."""
    value = comparable(text)
    return Number(Digits(text) if value is None else value, text)


def _string_operand(reader: Reader, complaint: str) -> str:
    if reader.next() != tokens.STRING:
        reader.refuse(complaint)
    return reader.text()


def _only_key(reader: Reader, complaint: str = "Only one key allowed in match expression") -> None:
    if reader.next() != tokens.END_OBJECT:
        reader.refuse(complaint)


def _exactly(reader: Reader) -> Alternative:
    text = _string_operand(reader, "exact match pattern must be a string")
    _only_key(reader)
    return Literal(text, "exactly")


def _prefix(reader: Reader) -> Alternative:
    return _affix(reader, "prefix")


def _suffix(reader: Reader) -> Alternative:
    return _affix(reader, "suffix")


def _affix(reader: Reader, operator: str) -> Alternative:
    token = reader.next()
    if token == tokens.START_OBJECT:
        return _folded_affix(reader, operator)
    if token != tokens.STRING:
        reader.refuse(f"{operator} match pattern must be a string")
    text = reader.text()
    _only_key(reader)
    return Affix(operator, text, folded=False)


def _folded_affix(reader: Reader, operator: str) -> Alternative:
    if reader.next() != tokens.NAME:
        reader.refuse(f"{operator.capitalize()} expression name not found")
    if reader.name != "equals-ignore-case":
        reader.refuse(f"Unsupported {operator} pattern: {reader.name}")
    text = _string_operand(reader, "equals-ignore-case match pattern must be a string")
    _only_key(reader)
    _only_key(reader)
    return Affix(operator, text, folded=True)


def _equals_ignore_case(reader: Reader) -> Alternative:
    text = _string_operand(reader, "equals-ignore-case match pattern must be a string")
    _only_key(reader)
    return IgnoreCase(text)


def _wildcard(reader: Reader) -> Alternative:
    text = _wildcard_operand(reader, reader.next())
    _check_wildcards(reader, [text])
    _only_key(reader)
    return Wildcard(text)


def _wildcard_operand(reader: Reader, token: str) -> str:
    if token != tokens.STRING:
        reader.refuse("wildcard match pattern must be a string")
    return reader.text()


def _check_wildcards(reader: Reader, operands: Iterable[str]) -> None:
    """A list is read to its end before the first bad wildcard in it is reported."""
    for operand in operands:
        try:
            pieces(operand)
        except InvalidWildcard as problem:
            reader.refuse(str(problem))


def _cidr(reader: Reader) -> Alternative:
    text = _string_operand(reader, "prefix match pattern must be a string")  # AWS says so, whatever it means
    try:
        found = block(text)
    except InvalidBlock as problem:
        raise Unreadable(str(problem)) from None
    _only_key(reader)
    return Cidr(found, text)


def _exists(reader: Reader) -> Alternative:
    token = reader.next()
    if token not in (tokens.TRUE, tokens.FALSE):
        reader.refuse("exists match pattern must be either true or false.")
    _only_key(reader)
    return Exists() if token == tokens.TRUE else Absent()


# -- numeric

_TOO_MANY = "Too many elements in numeric expression"


def _numeric(reader: Reader) -> Alternative:
    if reader.next() != tokens.START_ARRAY:
        reader.refuse("Value of numeric must be an array.")
    found = _range(reader)
    _only_key(reader, _TOO_MANY)
    return found


def _range(reader: Reader) -> Alternative:
    if reader.next() != tokens.STRING:
        reader.refuse(f"Invalid member in numeric match: {reader.text()}")
    operator = reader.text()
    token = reader.next()
    if operator not in ("=", "<", "<=", ">", ">="):
        reader.refuse(f"Unrecognized numeric range operator: {operator}")
    text = _bound_text(reader, token, "equals" if operator == "=" else operator)
    if operator in (">", ">="):
        return _upper_end(reader, text, operator == ">=")
    if reader.next() != tokens.END_ARRAY:
        reader.refuse(_TOO_MANY)
    bound = _bound(reader, text)
    return Numeric(bound, True, bound, True) if operator == "=" else Numeric(-inf, False, bound, operator == "<=")


def _upper_end(reader: Reader, low_text: str, low_included: bool) -> Alternative:
    token = reader.next()
    if token == tokens.END_ARRAY:
        return Numeric(_bound(reader, low_text), low_included, inf, False)
    if token != tokens.STRING:
        reader.refuse(f"Bad value in numeric range: {reader.text()}")
    operator = reader.text()
    if operator not in ("<", "<="):
        reader.refuse(f"Bad numeric range operator: {operator}")
    high_text = _bound_text(reader, reader.next(), operator)
    if reader.next() != tokens.END_ARRAY:
        reader.refuse("Too many terms in numeric range expression")
    low, high = _bound(reader, low_text), _bound(reader, high_text)
    if low >= high:
        reader.refuse("Bottom must be less than top")
    return Numeric(low, low_included, high, operator == "<=")


def _bound_text(reader: Reader, token: str, operator: str) -> str:
    if token != tokens.NUMBER:
        reader.refuse(f"Value of {operator} must be numeric")
    return reader.text()


def _bound(reader: Reader, text: str) -> float:
    value = comparable(text)
    if value is None:
        reader.refuse(f"Cannot compare number : {text}")
    return value


# -- anything-but

_SINGLE_OR_LIST = "Value of anything-but must be an array or single string/number value."


def _anything_but(reader: Reader) -> Alternative:
    token = reader.next()
    if token == tokens.START_OBJECT:
        found = _nested_anything_but(reader)
        _only_key(reader, _TOO_MANY)
    else:
        found = AnythingBut("", _excluded_values(reader, token))
    _only_key(reader, _TOO_MANY)
    return found


def _excluded_values(reader: Reader, token: str) -> frozenset[str | float]:
    if token == tokens.START_ARRAY:
        values = _listed(reader, _list_member)
        if len({type(value) for value in values}) != 1:
            reader.refuse(
                "Inside anything but list, either all values are number or string, mixed type is not supported"
            )
        return frozenset(values)
    if token == tokens.STRING:
        return frozenset({reader.text()})
    if token != tokens.NUMBER:
        reader.refuse(_SINGLE_OR_LIST)
    value = comparable(reader.text())
    if value is None:
        raise Unreadable(f"Cannot compare number : {reader.text()}")
    return frozenset({value})


def _list_member(reader: Reader, token: str) -> str | float:
    if token == tokens.STRING:
        return reader.text()
    if token != tokens.NUMBER:
        reader.refuse("Inside anything but list, start|null|boolean is not supported.")
    value = comparable(reader.text())
    if value is None:
        raise Unreadable(f"Cannot compare number : {reader.text()}")
    return value


def _nested_anything_but(reader: Reader) -> AnythingBut:
    if reader.next() != tokens.NAME:
        reader.refuse("Anything-But expression name not found")
    operator = reader.name
    read = _NESTED.get(operator)
    if read is None:
        reader.refuse(f"Unsupported anything-but pattern: {operator}")
    token = reader.next()
    if token == tokens.START_ARRAY:
        operands = _listed(reader, read)
    elif token in (tokens.STRING, tokens.NUMBER):
        operands = [read(reader, token)]
    else:
        reader.refuse(_SINGLE_OR_LIST)
    if operator == "wildcard":
        _check_wildcards(reader, operands)
    if not operands:  # AWS answers HTTP 500; the reason is ours
        reader.refuse(f"Value of anything-but {operator} must not be an empty list.")
    return AnythingBut(operator, frozenset(operands))


def _listed(reader: Reader, read: Callable[[Reader, str], T]) -> list[T]:
    """The members of a list. The place of a fault inside it is reported twice, as AWS does."""
    found: list[T] = []
    try:
        while (token := reader.next()) != tokens.END_ARRAY:
            found.append(read(reader, token))
    except Unreadable as problem:
        reader.refuse(str(problem))
    return found


def _excluded_affix(reader: Reader, token: str) -> str:
    if token != tokens.STRING:
        reader.refuse("prefix/suffix match pattern must be a string")
    if not reader.text():
        reader.refuse("Null prefix/suffix not allowed")
    return reader.text()


def _excluded_ignoring_case(reader: Reader, token: str) -> str:
    if token != tokens.STRING:
        reader.refuse("Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.")
    return reader.text()


_NESTED: dict[str, Callable[[Reader, str], str]] = {
    "prefix": _excluded_affix,
    "suffix": _excluded_affix,
    "equals-ignore-case": _excluded_ignoring_case,
    "wildcard": _wildcard_operand,
}

OPERATORS: dict[str, Callable[[Reader], Alternative]] = {
    "exactly": _exactly,
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "exists": _exists,
    "numeric": _numeric,
    "cidr": _cidr,
}
