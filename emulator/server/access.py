"""Who may talk to the server.  Pure.

The server runs code that its callers send, so a web page must not be able to reach it.  Two doors are shut:
a page whose own host name resolves to this machine (DNS rebinding) arrives with a foreign `Host`, and a page of
another site that simply sends a request arrives with an `Origin`, or with `Sec-Fetch-Site`, that says so.
"""

import ipaddress
import re
from collections.abc import Collection, Mapping
from functools import lru_cache

# Browsers resolve *.localhost to this machine without asking DNS (RFC 6761), so nobody else can own such a name.
_LOCAL = ("localhost", "localhost.localstack.cloud")
_HOST = re.compile(r"(?:\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]{1,5})?")
_OWN_SITE = ("same-origin", "none")


def refusal(headers: Mapping[str, str], allowed_hosts: Collection[str] = ()) -> str | None:
    """A sentence why this request is refused, or None.

    `headers` have lower-case names; of a repeated one they have all values, so that a foreign one is not overlooked.
    """
    return refusal_of_host(headers, allowed_hosts) or _refusal_of_page(headers, allowed_hosts)


def refusal_of_host(headers: Mapping[str, str], allowed_hosts: Collection[str] = ()) -> str | None:
    """The first of the two doors alone: for function URLs, which decide by themselves which pages may use them."""
    host = headers.get("host", "")
    if _schemes(host.lower(), frozenset(allowed_hosts)):
        return None
    return (
        f"Host {host!r} is not allowed: this server answers to localhost and loopback addresses."
        " Allow another name with --allow-host, EBL_ALLOWED_HOSTS or allowed_hosts in config.yaml."
    )


def _refusal_of_page(headers: Mapping[str, str], allowed_hosts: Collection[str]) -> str | None:
    host = headers.get("host", "")
    schemes = _schemes(host.lower(), frozenset(allowed_hosts))
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"{scheme}://{host.lower()}" for scheme in schemes):
        return f"Origin {origin!r} is another site: pages of other sites may not use this server."
    site = headers.get("sec-fetch-site")
    if site is not None and site.strip().lower() not in _OWN_SITE:
        return "A page of another site may not use this server (Sec-Fetch-Site)."
    return None


@lru_cache(maxsize=256)
def _schemes(host: str, allowed: frozenset[str]) -> tuple[str, ...]:
    """With which schemes pages of this host (lower-case) are our own; none at all for a host that is not ours.

    We speak http; a proxy that speaks https for us has a name that was allowed.
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return ()
    name = match["ipv6"] or match["name"]
    if name in _LOCAL or name.endswith(tuple(f".{local}" for local in _LOCAL)) or _is_loopback(name):
        return ("http",)
    suffixes = tuple(pattern[1:] for pattern in allowed if pattern.startswith("*."))
    return ("http", "https") if name in allowed or name.endswith(suffixes) else ()


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
