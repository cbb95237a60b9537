"""The Extensions API of one environment: programs beside the runtime that hear of each invocation and of the end.

    POST /2020-01-01/extension/register      {"events": ["INVOKE", "SHUTDOWN"]}
    GET  /2020-01-01/extension/event/next    waits for an event
    POST /2020-01-01/extension/init/error, /2020-01-01/extension/exit/error

Answers and errors are those of AWS's runtime interface emulator.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from emulator.ids import new_id
from emulator.runtime.function import FunctionSpec
from emulator.runtime.loopback import Request
from emulator.runtime.outcome import Invocation

MOST = 10
INVOKE, SHUTDOWN = "INVOKE", "SHUTDOWN"
_PREFIX = "/2020-01-01/extension/"
_ID = "Lambda-Extension-Identifier"
_OK = b'{"status":"OK"}\n'


class Listener(Protocol):
    def extensions_moved(self) -> None:
        """One has registered, or waits for its next event."""
        ...

    def extension_failed(self, kind: str, name: str, error_type: str) -> None:
        """`kind` is InitError or ExitError."""
        ...


@dataclass(slots=True)
class _Extension:
    name: str
    id: str
    events: frozenset[str]
    poll: Request | None = None
    given: dict[str, Any] | None = None
    ready: bool = False


@dataclass(slots=True)
class Extensions:
    """`expected` are the names of the programs that were started; they come before the runtime."""

    function: FunctionSpec
    listener: Listener
    handler: str = ""
    expected: set[str] = field(default_factory=set)
    _by_id: dict[str, _Extension] = field(default_factory=dict)
    closed: bool = False

    def restart(self, expected: set[str]) -> None:
        self.expected, self.closed = expected, False
        self._by_id.clear()

    @property
    def all_registered(self) -> bool:
        return self.expected <= {extension.name for extension in self._by_id.values()}

    @property
    def all_ready(self) -> bool:
        """Does each of them wait for an event?"""
        return self.all_registered and all(extension.ready for extension in self._by_id.values())

    def known(self, extension_id: str) -> str | None:
        """The name of an extension."""
        found = self._by_id.get(extension_id)
        return found.name if found is not None else None

    def invoke(self, invocation: Invocation, deadline_ms: int) -> None:
        if self._by_id:
            trace = {"type": "X-Amzn-Trace-Id", "value": invocation.trace or ""}
            self._send(INVOKE, {
                "deadlineMs": deadline_ms, "requestId": invocation.request_id,
                "invokedFunctionArn": invocation.invoked_arn, "tracing": trace,
            })  # fmt: skip

    def shut_down(self, reason: str, deadline_ms: int) -> bool:
        """False when nobody wants to know."""
        return self._send(SHUTDOWN, {"shutdownReason": reason, "deadlineMs": deadline_ms})

    def routes(self, request: Request) -> Callable[[Request], None] | None:
        if not request.path.startswith(_PREFIX):
            return None
        return {
            ("POST", "register"): self._register,
            ("GET", "event/next"): self._next,
            ("POST", "init/error"): lambda request: self._failed(request, "InitError"),
            ("POST", "exit/error"): lambda request: self._failed(request, "ExitError"),
        }.get((request.method, request.path.removeprefix(_PREFIX)))

    def _register(self, request: Request) -> None:
        name = request.headers.get("lambda-extension-name", "")
        events = _events_in(request.body)
        if not name:
            _refuse(request, "Extension.InvalidExtensionName", "Empty extension name")
        elif events is None:
            _refuse(request, "InvalidRequestFormat", "Failed to decode request body")
        elif not events <= {INVOKE, SHUTDOWN}:
            wrong = sorted(events - {INVOKE, SHUTDOWN})[0]
            _refuse(request, "Extension.InvalidEventType", f"Extension.InvalidEventType: {wrong}")
        elif self.closed or name in {known.name for known in self._by_id.values()}:
            _refuse(request, "Extension.RegistrationClosed", "Extension registration closed already")
        elif len(self._by_id) == MOST:
            _refuse(request, "Extension.TooManyExtensions", f"Extension limit ({MOST}) reached")
        else:
            extension = _Extension(name, new_id(), events)
            self._by_id[extension.id] = extension
            members = {"functionName": self.function.name, "functionVersion": self.function.version,
                       "handler": self.handler}  # fmt: skip
            if "accountid" in request.headers.get("lambda-extension-accept-feature", "").lower():
                members["accountId"] = self.function.arn.split(":")[4]
            request.reply_json(200, members, {_ID: extension.id})
            self.listener.extensions_moved()

    def _next(self, request: Request) -> None:
        extension = self._named(request)
        if extension is None:
            return
        extension.poll = request
        if extension.given is not None:
            self._answer(extension, extension.given)
        else:
            extension.ready = True
            self.listener.extensions_moved()

    def _failed(self, request: Request, kind: str) -> None:
        extension = self._named(request)
        if extension is None:
            return
        error_type = request.headers.get("lambda-extension-function-error-type", "")
        if not error_type:
            _refuse(request, "Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found")
            return
        request.reply(202, _OK, {"Content-Type": "application/json"})
        self.listener.extension_failed(kind, extension.name, error_type)

    def _named(self, request: Request) -> _Extension | None:
        identifier = request.headers.get(_ID.lower(), "")
        found = self._by_id.get(identifier)
        if not identifier:
            _refuse(request, "Extension.MissingExtensionIdentifier", f"Missing {_ID} header")
        elif found is None:
            _refuse(request, "Extension.UnknownExtensionIdentifier", f"Unknown extension {identifier}")
        return found

    def _send(self, kind: str, members: Mapping[str, Any]) -> bool:
        wanting = [extension for extension in self._by_id.values() if kind in extension.events]
        for extension in wanting:
            self._answer(extension, {"eventType": kind, **members})
        return bool(wanting)

    def _answer(self, extension: _Extension, event: dict[str, Any]) -> None:
        poll, extension.poll = extension.poll, None
        if poll is None or not poll.connection.is_open:
            extension.given = event
            return
        extension.given, extension.ready = None, False
        poll.reply_json(200, event, {"Lambda-Extension-Event-Identifier": new_id()})


def programs(opt: Path | None, task: Path) -> list[tuple[str, str]]:
    """The extensions that come with layers and code: each one's name and its path as the function has it."""
    found: dict[str, str] = {}
    for folder, seen in ((opt, "/opt"), (task, "/var/task")):
        if folder is None or not (folder / "extensions").is_dir():
            continue
        for path in sorted((folder / "extensions").iterdir()):
            if path.is_file() and os.access(path, os.X_OK):
                found.setdefault(path.name, f"{seen}/extensions/{path.name}")
    return list(found.items())


def _events_in(body: bytes) -> frozenset[str] | None:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return None
    events = found.get("events", []) if isinstance(found, dict) else None
    if not isinstance(events, list) or not all(isinstance(event, str) for event in events):
        return None
    return frozenset(events)


def _refuse(request: Request, error_type: str, message: str) -> None:
    request.reply_json(403, {"errorMessage": message, "errorType": error_type})
