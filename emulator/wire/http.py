"""An HTTP request and its answer, as frozen values."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field


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
    """What goes out.  Header names keep the case that AWS sends; Content-Length is the server's business.  `chunks`,
    where there are any, is a body that comes piece by piece: each is sent when it is there."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    chunks: AsyncIterator[bytes] | None = None
