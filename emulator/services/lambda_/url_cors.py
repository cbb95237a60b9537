"""Which pages of other sites may use a function URL: its Cors, and the headers that come of it.  Pure.

Recorded on AWS, September 2026, but where a comment says otherwise.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Header = tuple[str, str]

_ORIGIN, _HEADERS, _VARY = "Access-Control-Allow-Origin", "Access-Control-Allow-Headers", "Vary"
_METHODS, _EXPOSE = "Access-Control-Allow-Methods", "Access-Control-Expose-Headers"
_AGE, _CREDENTIALS = "Access-Control-Max-Age", "Access-Control-Allow-Credentials"
ORDER = tuple(name.lower() for name in (_ORIGIN, _HEADERS, _VARY, _METHODS, _EXPOSE, _AGE, _CREDENTIALS))
"""The order in which AWS sends them."""
_OF_THIS_MACHINE = re.compile(r"https?://(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?", re.I)


class Cors:
    """`members` are AWS's; None where the URL has none."""

    def __init__(self, members: Mapping[str, Any] | None) -> None:
        members = members or {}
        self.origins: Sequence[str] = members.get("AllowOrigins") or []
        self.methods: Sequence[str] = members.get("AllowMethods") or []
        self.headers: Sequence[str] = members.get("AllowHeaders") or []
        self.expose: Sequence[str] = members.get("ExposeHeaders") or []
        self.max_age: int | None = members.get("MaxAge") or None
        self.credentials = bool(members.get("AllowCredentials"))

    def __bool__(self) -> bool:
        return bool(self.origins)

    def allows(self, origin: str) -> bool:
        """As AWS compares them."""
        return "*" in self.origins or any(origin.lower() == named.lower() for named in self.origins)

    def trusts(self, origin: str) -> bool:
        """May a page of this origin reach the function at all?  A function URL of AWS is public, this one is on
        somebody's own machine: `*` stands for the pages of that machine alone, every other origin must be named."""
        named = any(origin.lower() == named.lower() for named in self.origins)
        return named or ("*" in self.origins and _OF_THIS_MACHINE.fullmatch(origin) is not None)

    def of_answer(self, origin: str | None) -> list[Header]:
        """What is added to the answer of a function."""
        if origin is None or not self.allows(origin):
            return []
        shared = self._shared(origin)
        if self.expose:
            shared.append((_EXPOSE, ",".join(self.expose)))
        return _sorted(shared)

    def of_preflight(self, origin: str, method: str, headers: str) -> list[Header]:
        """What a preflight is answered; nothing at all when it asks for something that is not allowed."""
        asked = [name.strip().lower() for name in headers.split(",") if name.strip()]
        known = {name.lower() for name in self.headers}
        fits = "*" in known or all(name in known for name in asked)
        if not self.allows(origin) or not fits or not self._takes(method):
            return []
        allowed = self._shared(origin)
        if self.headers:
            allowed.append((_HEADERS, ",".join(self.headers)))
        if self.methods:
            allowed.append((_METHODS, ",".join(self.methods)))
        if self.max_age is not None:
            allowed.append((_AGE, str(self.max_age)))
        return _sorted(allowed)

    def _takes(self, method: str) -> bool:
        """No methods at all: not recorded, taken for no restriction."""
        return not self.methods or "*" in self.methods or method.upper() in {name.upper() for name in self.methods}

    def _shared(self, origin: str) -> list[Header]:
        shared = [(_ORIGIN, origin), (_VARY, "Origin")]
        return [*shared, (_CREDENTIALS, "true")] if self.credentials else shared


def merged(own: Iterable[Header], added: Iterable[Header], *, streamed: bool) -> tuple[list[Header], list[Header]]:
    """The handler's CORS headers (names lower-case) and those that the configuration adds: what comes before all other
    headers, and (of a streamed answer) what comes after them.

    Of a header that both have, both lines are sent, under the handler's lower-case name; lists of exposed headers
    become one.
    """
    lines: dict[str, list[Header]] = {}
    for name, value in own:
        lines.setdefault(name, []).append((name, value))
    after: list[Header] = []
    for name, value in added:
        key = name.lower()
        if key == _EXPOSE.lower() and key in lines:
            lines[key] = [(key, ",".join([*(each for _, each in lines[key]), value]))]
        elif key in lines:
            lines[key].append((key, value))
        elif streamed:
            after.append((name, value))
        else:
            lines[key] = [(name, value)]
    return [line for key in ORDER for line in lines.get(key, ())], after


def _sorted(headers: list[Header]) -> list[Header]:
    return sorted(headers, key=lambda header: ORDER.index(header[0].lower()))
