"""Under which address a function URL answers here, and which one is meant by a request.  Pure.

http://ID.lambda-url.REGION.localhost:4566/path     the usual one: every browser, curl, and whatever asks a resolver
                                                    that knows RFC 6761
http://localhost:4566/_ebl/url/ID/path              for clients that cannot resolve *.localhost, and for those that
                                                    reach this machine by another name (another container)
"""

import re

PATH = "/_ebl/url/"
_ID = "[a-z0-9]{32}"
_HOST = re.compile(rf"({_ID})\.lambda-url\.[a-z0-9-]+\.(?:localhost|localhost\.localstack\.cloud)(?::\d+)?", re.I)
_IN_PATH = re.compile(rf"{re.escape(PATH)}({_ID})(/.*)?")
_LOOPBACK = re.compile(r"(?:.*\.)?localhost(?:\.localstack\.cloud)?|127(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|")


def address_of(url_id: str, region: str, host: str) -> str:
    """The URL for a client that calls this server `host` (`localhost:4566`)."""
    name, port = split_host(host)
    suffix = f":{port}" if port else ""
    if _LOOPBACK.fullmatch(name):
        return f"http://{url_id}.lambda-url.{region}.localhost{suffix}/"
    return f"http://{name}{suffix}{PATH}{url_id}/"


def id_in(host: str, path: str) -> tuple[str, str] | None:
    """Id and path of the function URL that is asked for; None for every other request."""
    by_host = _HOST.fullmatch(host) if ".lambda-url." in host.lower() else None
    if by_host is not None:
        return by_host[1].lower(), path
    by_path = _IN_PATH.fullmatch(path) if path.startswith(PATH) else None
    return None if by_path is None else (by_path[1], by_path[2] or "/")


def domain_of(url_id: str, region: str) -> str:
    """What a function is told as its domain, whichever address was used."""
    return f"{url_id}.lambda-url.{region}.localhost"


def split_host(host: str) -> tuple[str, str]:
    """Name and port of a Host header; an address of IPv6 keeps its brackets."""
    name, colon, port = host.lower().rpartition(":")
    return (name, port) if colon and port.isdecimal() else (host.lower(), "")
