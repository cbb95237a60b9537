"""The ways out of a process to the real AWS: which hosts are AWS's, and a watch over Python's sockets.

Pure of everything of ours: the processes of functions use it too.
"""

import re
import socket
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

_AWS = re.compile(
    r"(?:^|\.)(amazonaws\.(?:com|com\.cn|eu)|api\.aws|on\.aws|api\.amazonwebservices\.(?:com\.cn|eu)"
    r"|c2s\.ic\.gov|sc2s\.sgov\.gov|csp\.hci\.ic\.gov|cloud\.adc-e\.uk|api\.aws\.(?:ic\.gov|scloud|hci\.ic\.gov)"
    r"|api\.cloud-aws\.adc-e\.uk)$"
)
"""The DNS suffixes in botocore's partitions.json, and `on.aws` (function URLs)."""

_METADATA = frozenset({"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254"})
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+")
_REGION_SUFFIX = re.compile(r"-(?:fips|[a-z]{2,4}(?:-[a-z]+)+-\d+)$")


class RealAwsRefused(CancelledError):
    """A function wanted to call the real AWS.

    A CancelledError (of concurrent.futures), because botocore lets that one through as it is: any other exception
    of a socket it wraps, calls transient, and tries again with pauses.
    """


def watch(check: Callable[[Any], None]) -> Callable[[], None]:
    """Call `check(host)` before a name is looked up and before a connection is made; returns what stops watching."""
    getaddrinfo, gethostbyname, extended = socket.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex

    def check_address(address: Any) -> None:
        if isinstance(address, tuple) and address:
            check(address[0])

    def watched_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        check(host)
        return getaddrinfo(host, *args, **kwargs)

    def watched_gethostbyname(hostname: str) -> str:
        check(hostname)
        return gethostbyname(hostname)

    def watched_gethostbyname_ex(hostname: str) -> Any:
        check(hostname)
        return extended(hostname)

    def connect(self: socket.socket, address: Any) -> None:
        check_address(address)
        super(socket.socket, self).connect(address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        check_address(address)
        return super(socket.socket, self).connect_ex(address)

    def sendto(self: socket.socket, *args: Any) -> int:
        check_address(args[-1] if args else None)
        return super(socket.socket, self).sendto(*args)

    socket.getaddrinfo, socket.gethostbyname = watched_getaddrinfo, watched_gethostbyname
    socket.gethostbyname_ex = watched_gethostbyname_ex
    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex  # type: ignore[method-assign, assignment]
    socket.socket.sendto = sendto  # type: ignore[method-assign, assignment]

    def uninstall() -> None:
        socket.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex = getaddrinfo, gethostbyname, extended
        del socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto

    return uninstall


def service_called(host: Any) -> tuple[str, str] | None:
    """The host by its plain name, and AWS's service behind it; None when it is not AWS's."""
    if host is None:
        return None
    name = (host.decode(errors="replace") if isinstance(host, bytes) else str(host)).rstrip(".").lower()
    service = service_of(_plain(name))
    return (name, service) if service is not None else None


def refusal(where: str | None, function: str, host: str, service: str) -> str:
    """The sentence; `where` is the line that calls, if that is known."""
    return (
        f"{where or f'function {function}'} calls the real AWS ({host}), which is refused: the client ignores "
        f"AWS_ENDPOINT_URL, or was given another endpoint. To let it through, set allow_real_aws: [{service}] "
        f"for the function {function}."
    )


def service_of(host: str) -> str | None:
    """The service behind a host of AWS's (`bucket.s3.us-east-1.amazonaws.com` → `s3`); None for any other host."""
    if host in _METADATA:
        return "imds"
    found = _AWS.search(host)
    if found is None:
        return None
    labels = [label for label in host[: found.start()].split(".") if label not in ("", "dualstack", "fips")]
    while len(labels) > 1 and _REGION.fullmatch(labels[-1]):
        labels.pop()
    return _REGION_SUFFIX.sub("", _REGION_SUFFIX.sub("", labels[-1])) if labels else "aws"


def _plain(host: str) -> str:
    """An IPv4 address that is written as an IPv6 one reaches the same machine (`::ffff:169.254.169.254`)."""
    if ":" not in host:
        return host
    import ipaddress

    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    return str(address.ipv4_mapped or address)
