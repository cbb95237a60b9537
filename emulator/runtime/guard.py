"""No call leaves a function for the real AWS unless it was allowed by name.

At the level of sockets, so that it holds for every client library, and in every thread that the function starts.
"""

import ipaddress
import re
import socket
import sys
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from emulator.runtime.current import CURRENT
from emulator.runtime.function import shown

if TYPE_CHECKING:
    from emulator.runtime.sandbox import Sandbox

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


def install() -> Callable[[], None]:
    """Watch the ways out; returns what stops watching."""
    getaddrinfo, gethostbyname, extended = socket.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex

    def watched_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _check(host)
        return getaddrinfo(host, *args, **kwargs)

    def watched_gethostbyname(hostname: str) -> str:
        _check(hostname)
        return gethostbyname(hostname)

    def watched_gethostbyname_ex(hostname: str) -> Any:
        _check(hostname)
        return extended(hostname)

    def connect(self: socket.socket, address: Any) -> None:
        _check_address(address)
        super(socket.socket, self).connect(address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _check_address(address)
        return super(socket.socket, self).connect_ex(address)

    def sendto(self: socket.socket, *args: Any) -> int:
        _check_address(args[-1] if args else None)
        return super(socket.socket, self).sendto(*args)

    socket.getaddrinfo, socket.gethostbyname = watched_getaddrinfo, watched_gethostbyname
    socket.gethostbyname_ex = watched_gethostbyname_ex
    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex  # type: ignore[method-assign, assignment]
    socket.socket.sendto = sendto  # type: ignore[method-assign, assignment]

    def uninstall() -> None:
        socket.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex = getaddrinfo, gethostbyname, extended
        del socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto

    return uninstall


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


def _check_address(address: Any) -> None:
    if isinstance(address, tuple) and address:
        _check(address[0])


def _check(host: Any) -> None:
    sandbox = CURRENT.get()
    if sandbox is None or host is None:
        return
    name = (host.decode(errors="replace") if isinstance(host, bytes) else str(host)).rstrip(".").lower()
    service = service_of(_plain(name))
    if service is not None and service not in sandbox.function.real_aws:
        raise RealAwsRefused(_refusal(sandbox, name, service))


def _plain(host: str) -> str:
    """An IPv4 address that is written as an IPv6 one reaches the same machine (`::ffff:169.254.169.254`)."""
    if ":" not in host:
        return host
    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    return str(address.ipv4_mapped or address)


def _refusal(sandbox: "Sandbox", host: str, service: str) -> str:
    function = sandbox.function.name
    where = _calling_line(sandbox)
    return (
        f"{where or f'function {function}'} calls the real AWS ({host}), which is refused: the client ignores "
        f"AWS_ENDPOINT_URL, or was given another endpoint. To let it through, set allow_real_aws: [{service}] "
        f"for the function {function}."
    )


def _calling_line(sandbox: "Sandbox") -> str | None:
    frame = sys._getframe(2)
    while frame.f_back is not None:
        if frame.f_builtins is sandbox.namespace.builtins:
            return f"{shown(frame.f_code.co_filename)}:{frame.f_lineno} (function {sandbox.function.name})"
        frame = frame.f_back
    return None
