"""Pages of Lambda's lists: `Marker`, `MaxItems` and `NextMarker`."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from emulator.services.lambda_.names import invalid
from emulator.wire.paging import InvalidToken, page
from emulator.wire.service import Members

T = TypeVar("T")
PAGE = 50
"""Items of a page when the client names no limit (botocore's model: the most that it may name)."""


def listed(
    items: Sequence[T], max_items: int | None, marker: str | None, query: object, key: Callable[[T], str]
) -> tuple[list[T], Members]:
    """The items of a page, and the members that lead to the next one.  `items` are sorted by `key`."""
    try:
        shown, token = page(items, max_items or PAGE, marker, query, key=key)
    except InvalidToken:
        raise invalid("Invalid marker value from user.") from None  # recorded, Sep 2026
    return shown, {"NextMarker": token} if token else {}
