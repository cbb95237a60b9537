"""The Telemetry API of one environment, and the Logs API before it: extensions hear what happens and is printed.

    PUT /2022-07-01/telemetry      PUT /2020-08-15/logs

Records are posted to the extension over HTTP, on this machine only. TCP is refused. What an extension does not take is
kept, up to a bound, and tried again with what comes next.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from emulator.clock import Clock, iso_millis
from emulator.runtime.loopback import Request
from emulator.runtime.outcome import Invocation, Outcome
from emulator.runtime.report import Report, metrics

MOST_RECORDS = 10_000
"""For each subscription; the oldest go first."""

_PATHS = ("/2022-07-01/telemetry", "/2020-08-15/logs")
_HOSTS = ("sandbox.localdomain", "sandbox", "localhost", "127.0.0.1")
_TYPES = ("platform", "function", "extension")
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a subscription asked for."""

    types: frozenset[str]
    port: int
    path: str
    most: int
    seconds: float


class Telemetry:
    """`name_of(id)` gives the name of a registered extension."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock, name_of: Callable[[str], str | None]) -> None:
        self._loop = loop
        self._clock = clock
        self._name_of = name_of
        self._subscriptions: dict[str, _Subscription] = {}

    def restart(self) -> None:
        for subscription in self._subscriptions.values():
            subscription.close()
        self._subscriptions.clear()

    def initialised(self, milliseconds: float) -> None:
        """`platform.initRuntimeDone` and `platform.initReport`"""
        if self._subscriptions:
            init = {"initializationType": "on-demand", "phase": "init"}
            self._tell("platform", "platform.initRuntimeDone", {**init, "status": "success"})
            self._tell("platform", "platform.initReport", {**init, "metrics": {"durationMs": round(milliseconds, 2)}})

    def started(self, invocation: Invocation) -> None:
        if self._subscriptions:
            version = invocation.function.version
            self._tell("platform", "platform.start", {"requestId": invocation.request_id, "version": version})

    def ended(self, invocation: Invocation, outcome: Outcome) -> None:
        """`platform.runtimeDone` and `platform.report`"""
        if not self._subscriptions:
            return
        made = Report(outcome.duration_ms, outcome.init_ms, outcome.memory_mb, 0.0)
        ended = {"requestId": invocation.request_id, "status": status_of(outcome)}
        runtime = {"durationMs": round(outcome.duration_ms, 2), "producedBytes": len(outcome.payload)}
        self._tell("platform", "platform.runtimeDone", {**ended, "metrics": runtime})
        self._tell("platform", "platform.report", {**ended, "metrics": metrics(invocation.function, made)})

    def printed(self, line: str) -> None:
        if self._subscriptions:
            self._tell("function", "function", line + "\n")

    def flush(self) -> None:
        """Send what waits."""
        for subscription in self._subscriptions.values():
            subscription.send()

    def routes(self, request: Request) -> Callable[[Request], None] | None:
        return self._subscribe if request.method == "PUT" and request.path in _PATHS else None

    def _tell(self, group: str, kind: str, record: object) -> None:
        entry = {"time": iso_millis(self._clock.now()), "type": kind, "record": record}
        for subscription in self._subscriptions.values():
            if group in subscription.wish.types:
                subscription.add(entry)

    def _subscribe(self, request: Request) -> None:
        identifier = request.headers.get("lambda-extension-identifier", "")
        name = self._name_of(identifier)
        if name is None:
            kind = "Extension.UnknownExtensionIdentifier"
            request.reply_json(403, {"errorMessage": f"Unknown extension {identifier}", "errorType": kind})
            return
        try:
            wish = _wish(json.loads(request.body))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            request.reply_json(400, {"errorMessage": str(error), "errorType": "ValidationError"})
            return
        self._subscriptions[identifier] = _Subscription(self._loop, wish)
        request.reply(200, b'"OK"', {"Content-Type": "application/json"})
        members = {"name": name, "state": "Subscribed", "types": sorted(wish.types)}
        self._tell("platform", "platform.telemetrySubscription", members)


class _Subscription:
    def __init__(self, loop: asyncio.AbstractEventLoop, wish: _Wish) -> None:
        self.wish = wish
        self._loop = loop
        self._records: deque[dict[str, Any]] = deque(maxlen=MOST_RECORDS)
        self._timer: asyncio.TimerHandle | None = None
        self._sending: asyncio.Task[None] | None = None

    def add(self, record: dict[str, Any]) -> None:
        self._records.append(record)
        if len(self._records) >= self.wish.most:
            self.send()
        elif self._timer is None:
            self._timer = self._loop.call_later(self.wish.seconds, self.send)

    def send(self) -> None:
        self._stop_timer()
        if self._records and self._sending is None:
            records = list(self._records)
            self._records.clear()
            self._sending = self._loop.create_task(self._send(records))

    def close(self) -> None:
        self._stop_timer()
        if self._sending is not None:
            self._sending.cancel()

    async def _send(self, records: list[dict[str, Any]]) -> None:
        try:
            await asyncio.wait_for(self._post(json.dumps(records).encode()), _SECONDS)
        except (OSError, TimeoutError, ValueError):
            self._records.extendleft(reversed(records))
        finally:
            self._sending = None
        if self._records and self._timer is None:
            self._timer = self._loop.call_later(max(self.wish.seconds, 1.0), self.send)

    async def _post(self, body: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.wish.port)
        try:
            writer.write(
                f"POST {self.wish.path} HTTP/1.1\r\nHost: sandbox.localdomain:{self.wish.port}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
            status = (await reader.readline()).split()
            if len(status) < 2 or not status[1].startswith(b"2"):
                raise ValueError(f"the extension answered {status!r}")
        finally:
            writer.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def status_of(outcome: Outcome) -> str:
    if outcome.function_error is None:
        return "success"
    return "timeout" if outcome.error_type == "Sandbox.Timedout" else "error"


def _wish(body: Any) -> _Wish:
    """Raises ValueError, KeyError or TypeError with a sentence."""
    if not isinstance(body, dict) or not isinstance(body.get("destination"), dict):
        raise ValueError("destination is required")
    destination, buffering = body["destination"], body.get("buffering") or {}
    if destination.get("protocol", "HTTP") != "HTTP":
        raise ValueError(f"{destination['protocol']} destinations are not emulated; HTTP is")
    uri = urlsplit(str(destination.get("URI", "")))
    if uri.scheme != "http" or uri.hostname not in _HOSTS or not uri.port:
        raise ValueError("destination.URI should be http://sandbox.localdomain:PORT/PATH")
    types = frozenset(body.get("types", ()))
    if not types or not types <= set(_TYPES):
        raise ValueError(f"types should be some of {', '.join(_TYPES)}")
    most, milliseconds = buffering.get("maxItems", MOST_RECORDS), buffering.get("timeoutMs", 1000)
    if not (isinstance(most, int) and 1000 <= most <= MOST_RECORDS and 25 <= milliseconds <= 30_000):
        raise ValueError("buffering: maxItems should be 1000 to 10000, timeoutMs 25 to 30000")
    return _Wish(types, uri.port, uri.path or "/", most, milliseconds / 1000)
