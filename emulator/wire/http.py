"""An HTTP request and its answer, as frozen values."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

HungUp = Callable[[], Awaitable[None]]
"""Returns when the client has hung up.  Only whoever answers late needs to ask."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What came in.  `path` is raw (still percent-encoded: an ARN in it holds %2F), `query` has no `?`,
    `headers` have lower-case names (of a repeated header the values are joined with a comma)."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What goes out.  Header names keep the case that AWS sends; Content-Length is the server's business, but where
    there is none of the body to count: in the answer to a HEAD, and with a `stream`, the parts of a body that come
    later."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None


async def never() -> None:
    """Of a request that nobody can hang up on."""
    await asyncio.get_running_loop().create_future()
