"""Who may talk to the server.  Pure.

The server runs code that its callers send, so a web page must not be able to reach it.  Two doors are shut:
a page whose own host name resolves to this machine (DNS rebinding) arrives with a foreign `Host`, and a page of
another site that simply sends a request arrives with an `Origin`, or with `Sec-Fetch-Site`, that says so.
"""

import ipaddress
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

# Browsers resolve *.localhost to this machine without asking DNS (RFC 6761), so nobody else can own such a name.
_LOCAL = ("localhost", "localhost.localstack.cloud")


def refusal(headers: Mapping[str, str], allowed_hosts: Collection[str] = ()) -> str | None:
    """A sentence why this request is refused, or None.  `headers` have lower-case names."""
    host = headers.get("host", "")
    if not _known(_name(host), allowed_hosts):
        return (
            f"Host {host!r} is not allowed: this server answers to localhost and loopback addresses."
            " Allow another name with --allow-host, EBL_ALLOWED_HOSTS or allowed_hosts in config.yaml."
        )
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return f"Origin {origin!r} is another site: pages of other sites may not use this server."
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return "A page of another site may not use this server (Sec-Fetch-Site)."
    return None


def _name(host: str) -> str:
    """Without the port, lower-case: `[::1]:4566` is `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0].lower() if host.count(":") == 1 else host.lower()


def _known(name: str, allowed: Collection[str]) -> bool:
    if name in allowed or name in _LOCAL or name.endswith(tuple(f".{local}" for local in _LOCAL)):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return any(pattern.startswith("*.") and name.endswith(pattern[1:]) for pattern in allowed)
