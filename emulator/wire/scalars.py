"""Timestamps, and scalars as text: how they stand in JSON, in a URI, a query string or a header.

Pure.  Refuses what AWS's parser refuses, with a SerializationException.
"""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from emulator.errors import AwsError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INTEGERS = range(-(2**63), 2**63)
"""What a number member takes.  AWS reads more into an Integer than 32 bits (2147483648 was refused by Lambda's own
rules, not by its parser), so the limit is that of a long for both."""

_NAMES = {"string": "a String", "character": "a String", "integer": "an Integer", "long": "a Long"}
_NAMES |= {
    "boolean": "a Boolean",
    "double": "a Double",
    "float": "a Float",
    "timestamp": "a Timestamp",
    "blob": "a Blob",
}
_TOKENS = {str: "STRING_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE", type(None): "NULL_VALUE"}


def mismatch(value: object, wanted: str) -> AwsError:
    """A JSON value where another type is due.  Recorded on AWS: `TRUE_VALUE can not be converted to an Integer`."""
    if isinstance(value, list):
        return unreadable("Start of list found where not expected")
    if isinstance(value, dict):
        return unreadable("Start of structure or map found where not expected.")
    token = str(value).upper() + "_VALUE" if isinstance(value, bool) else _TOKENS[type(value)]
    return unreadable(f"{token} can not be converted to {_NAMES.get(wanted, 'a ' + wanted.capitalize())}")


def unreadable(message: str) -> AwsError:
    return AwsError("SerializationException", message)


def read_epoch(value: object) -> datetime:
    """Epoch seconds as a JSON number; ISO 8601 text is taken, too."""
    if type(value) is float or type(value) is int:
        try:
            return EPOCH + timedelta(seconds=value)
        except (OverflowError, ValueError):  # ValueError: not a number
            raise mismatch(value, "timestamp") from None
    if type(value) is str:
        return read_iso(value)
    raise mismatch(value, "timestamp")


def read_iso(value: object) -> datetime:
    """`2026-09-26T19:14:33Z`, with or without a fraction or an offset; UTC when it names none."""
    if type(value) is not str:
        return read_epoch(value)
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise mismatch(value, "timestamp") from None


def read_http_date(value: object) -> datetime:
    """`Sat, 26 Sep 2026 19:14:33 GMT`."""
    try:
        return parsedate_to_datetime(str(value)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise mismatch(str(value), "timestamp") from None


def read_blob(value: object) -> bytes:
    """Base64 text."""
    if type(value) is not str:
        raise mismatch(value, "blob")
    try:
        return base64.b64decode(value, validate=True) if len(value) <= _PIECE else _large_blob(value)
    except (binascii.Error, ValueError):
        raise mismatch(value, "blob") from None


_PIECE = 1 << 20


def _large_blob(text: str) -> bytes:
    """In pieces, between which other threads get on: 50 MB would stop them all for a second."""
    if "=" in text[:-2]:
        raise ValueError("padding before the end")
    pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
    return b"".join(base64.b64decode(piece, validate=True) for piece in pieces)


def read_json_value(value: str) -> Any:
    """A header that holds base64 of JSON (`jsonvalue`)."""
    try:
        return json.loads(read_blob(value))
    except (ValueError, RecursionError):
        raise unreadable("a header does not hold JSON in base64") from None


def write_epoch(value: datetime | float) -> float:
    """Epoch seconds with milliseconds, an integer when there are none."""
    seconds = round(value.timestamp() if isinstance(value, datetime) else value, 3)
    return int(seconds) if seconds == int(seconds) else seconds


def write_iso(value: datetime | float) -> str:
    moment = _moment(value)
    fraction = f".{moment.microsecond // 1000:03d}" if moment.microsecond >= 1000 else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def write_http_date(value: datetime | float) -> str:
    return format_datetime(_moment(value), usegmt=True)


def write_blob(value: bytes | bytearray | str) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


READ_TIME: dict[str, Callable[[object], datetime]] = {
    "unixTimestamp": read_epoch,
    "iso8601": read_iso,
    "rfc822": read_http_date,
}
WRITE_TIME: dict[str, Callable[[datetime | float], Any]] = {
    "unixTimestamp": write_epoch,
    "iso8601": write_iso,
    "rfc822": write_http_date,
}


def read_text(text: str, type_: str, time_format: str) -> Any:
    """A scalar from a URI, a query string or a header."""
    if type_ == "timestamp":
        return READ_TIME[time_format](_number(text, "timestamp") if time_format == "unixTimestamp" else text)
    if type_ == "blob":
        return read_blob(text)
    if type_ == "boolean":
        if text not in ("true", "false"):
            raise mismatch(text, type_)
        return text == "true"
    return text if type_ in ("string", "character") else _number(text, type_)


def write_text(value: Any, type_: str, time_format: str) -> str:
    """A scalar for a header."""
    if type_ == "timestamp":
        return str(WRITE_TIME[time_format](value))
    if type_ == "blob":
        return write_blob(value)
    return str(value).lower() if type_ == "boolean" else str(value)


def _number(text: str, type_: str) -> float:
    whole = type_ in ("integer", "long")
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        raise mismatch(text, type_) from None
    if whole and number not in INTEGERS:
        raise mismatch(number, type_)
    return number


def _moment(value: datetime | float) -> datetime:
    return value.astimezone(UTC) if isinstance(value, datetime) else EPOCH + timedelta(seconds=round(value, 3))
