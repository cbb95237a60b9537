"""Is the server ready?  The standard library's sockets alone: an image's HEALTHCHECK runs this every other second."""

import socket

from emulator.cli.place import default_url

_TIMEOUT = 2.0


def main() -> int:
    """0 when the server answers and its configuration is applied, else 1; prints nothing."""
    return 0 if ready(default_url()) else 1


def ready(endpoint: str) -> bool:
    host, port = _address(endpoint)
    try:
        with socket.create_connection((host, port), _TIMEOUT) as connection:
            request = f"GET /_ebl/ready HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
            connection.sendall(request.encode())
            return connection.recv(12).endswith(b" 200")
    except (OSError, ValueError, OverflowError):  # the last: of a port such as 99999
        return False


def _address(endpoint: str) -> tuple[str, int]:
    """Without urllib, which takes longer to import than the whole question takes to answer."""
    place = endpoint.partition("://")[2].partition("/")[0]
    host, colon, port = place.rpartition(":")
    if not colon or not port.isdecimal():
        return place.strip("[]"), 80
    return host.strip("[]"), int(port)
