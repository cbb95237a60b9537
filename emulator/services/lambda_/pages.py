"""Pages of Lambda's lists: 50 at most, whatever the client asks for (documentation of ListFunctions)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from emulator.services.call import Call
from emulator.services.lambda_.names import invalid
from emulator.wire.paging import InvalidToken, page
from emulator.wire.service import Members

T = TypeVar("T")
_MOST = 50


def paged(
    call: Call,
    query: tuple[object, ...],
    items: Sequence[T],
    key: Callable[[T], str],
    max_items: int | None,
    marker: str | None,
) -> tuple[list[T], Members]:
    """The items of a page, and the member NextMarker where there is another one.  `items` are sorted by `key`."""
    try:
        listed, token = page(items, bound(max_items), marker, (call.account, call.region, *query), key)
    except InvalidToken:
        raise invalid("Invalid marker value from user.") from None  # recorded of ListFunctionUrlConfigs
    return listed, {"NextMarker": token} if token else {}


def bound(max_items: int | None) -> int:
    return min(max_items or _MOST, _MOST)


def version_key(version: str) -> str:
    """By which versions are sorted: `$LATEST`, 1, 2, 10."""
    return version if not version.isdecimal() else f"{int(version):020d}"
