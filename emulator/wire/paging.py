"""Pages of a list: the items after the last one that the client saw, and a token for the next.

A token holds the key of that item and a digest of its query. So an item that comes or goes between two pages shifts
nothing; a token works again and with another limit; with another query it is refused (all recorded on AWS, Sep 2026).
"""

import base64
import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from operator import attrgetter
from typing import TypeVar

from emulator.errors import AwsError

T = TypeVar("T")
PAGE = 100
"""Items of a page when the client names no limit."""

_NAME: Callable[[object], str] = attrgetter("name")


class InvalidToken(AwsError):
    """A token that we did not make (`malformed`), or made for another query; in the words of ListArchives."""

    def __init__(self, *, malformed: bool) -> None:
        reason = "Malformed request." if malformed else "Token invalid."
        super().__init__("ValidationException", f"Parameter NextToken is not valid. Reason: {reason}")
        self.malformed = malformed


def page(
    items: Sequence[T], limit: int | None, next_token: str | None, query: object, key: Callable[[T], str] = _NAME
) -> tuple[list[T], str | None]:
    """The items of a page, and the token of the next one or None.

    `items` are sorted by `key`; `query` is whatever the token belongs to: the operation and its filters, not the limit.
    """
    limit = limit or PAGE
    after = None if next_token is None else _read(next_token, query)
    rest = items if after is None else [item for item in items if key(item) > after]
    shown = list(rest[:limit])
    return shown, _written(key(shown[-1]), query) if len(rest) > limit else None


def _written(after: str, query: object) -> str:
    return base64.urlsafe_b64encode(json.dumps([_digest(query), after]).encode()).decode()


def _read(token: str, query: object) -> str:
    try:
        digest, after = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, RecursionError):
        raise InvalidToken(malformed=True) from None
    if digest != _digest(query) or not isinstance(after, str):
        raise InvalidToken(malformed=False)
    return after


def _digest(query: object) -> str:
    return sha256(repr(query).encode()).hexdigest()[:16]
