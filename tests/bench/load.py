"""A load generator that costs little: prepared bytes, keep-alive connections, and no parsing but the length."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: `seconds` for `requests` in all, and each one's own time (seconds, sorted)."""

    requests: int
    seconds: float
    times: Sequence[float]

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def p50(self) -> float:
        return self.times[len(self.times) // 2]


def request(port: int, body: bytes = b"", *, target: str = "", path: str = "/") -> bytes:
    """The bytes of a POST; `target` is the X-Amz-Target."""
    headers = [
        f"POST {path} HTTP/1.1",
        f"Host: localhost:{port}",
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/events/aws4_request,"
        " SignedHeaders=host, Signature=0",
        "Content-Type: application/x-amz-json-1.1",
        f"Content-Length: {len(body)}",
    ]
    if target:
        headers.append(f"X-Amz-Target: {target}")
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + body


def run(port: int, message: bytes, count: int, connections: int = 4) -> Load:
    """Send `message` `count` times, over `connections` that each wait for their answers."""
    times: list[list[float]] = [[] for _ in range(connections)]
    share = count // connections
    threads = [threading.Thread(target=_client, args=(port, message, share, own)) for own in times]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(share * connections, time.perf_counter() - begin, sorted(t for own in times for t in own))


def _client(port: int, message: bytes, count: int, times: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            begin = time.perf_counter()
            connection.sendall(message)
            answer(connection)
            times.append(time.perf_counter() - begin)


def answer(connection: socket.socket) -> bytes:
    """The body of the next response; RuntimeError unless it is a 200 or 202."""
    data = connection.recv(65536)
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 202")):
        raise RuntimeError(head.decode() + body.decode())
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += connection.recv(65536)
    return body
