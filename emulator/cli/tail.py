"""`ebl tail`: the live screen of a server, in another terminal."""

import http.client
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

import click

from emulator.arn import Arn
from emulator.cli import options
from emulator.cli.client import Server
from emulator.cli.exits import OK
from emulator.cli.options import flag
from emulator.cli.style import draw, wants_colour
from emulator.cli.terminal import label, lines_of
from emulator.delivery.step_json import from_json, to_json
from emulator.delivery.steps import Kind, Step

_FAILURES = {
    Kind.EVENT_INGEST_FAILURE, Kind.NO_STANDARD_RULES_MATCHED, Kind.RULE_DISABLED, Kind.INVOCATION_FAILURE,
    Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE, Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE, Kind.INVOCATION_DLQ,
    Kind.CONFIGURATION_REFUSED, Kind.BACKLOG,
}  # fmt: skip
# The server says that it is there every fifteen seconds.
_SILENCE = 40.0
# Seconds before a broken connection is made again.
_PAUSE = 0.3


@click.command("tail")
@flag("--bus", help="Only what happens to events of this bus.")
@flag("--fn", help="Only what happens to this function.")
@flag("--failed", is_flag=True, help="Only what goes wrong: no rule, no bus, a failed attempt.")
@flag("--verbose", "-v", is_flag=True, help="Show bodies in full, and every step.")
@options.endpoint()
@options.as_json()
def command(bus: str | None, fn: str | None, failed: bool, verbose: bool, endpoint: str | None, as_json: bool) -> int:
    """Show what happens in a running server, as its own terminal does.

    \b
      ebl tail                     everything, from now on
      ebl tail --bus orders        events of one bus, and the functions that they run
      ebl tail --failed --json     one JSON object a line, for a script

    Ends with Ctrl-C, or when the server stops.
    """
    wanted = Wanted(bus, fn, failed)
    colour = wants_colour(os.environ, sys.stdout.isatty())
    for step in _steps(Server(endpoint)):
        if step.kind is Kind.STOPPING:
            return OK
        if not wanted.shows(step):
            continue
        lines = [to_json(step)] if as_json else [draw(line, colour) for line in lines_of(step, verbose=verbose)]
        for line in lines:
            click.echo(line)
    return OK


@dataclass(slots=True)
class Wanted:
    """Which steps are shown.  What a function prints belongs to a bus when an event of it ran the function last."""

    bus: str | None = None
    function: str | None = None
    failed: bool = False
    _last_bus: dict[str, str] = field(default_factory=dict)

    def shows(self, step: Step) -> bool:
        if step.kind is Kind.INVOCATION_ATTEMPT_START:
            self._last_bus[step.target] = step.bus
        bus = self._last_bus.get(step.target, "") if step.kind is Kind.FUNCTION_OUTPUT else step.bus
        return (
            (self.bus is None or bus == self.bus)
            and (self.function is None or _name(step.target) == self.function)
            and (not self.failed or step.kind in _FAILURES)
        )


class Message(NamedTuple):
    """One server-sent event."""

    id: str
    event: str
    data: str


def messages(lines: Iterator[str]) -> Iterator[Message]:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html, as far as our own server speaks it."""
    fields = {"id": "", "event": "", "data": ""}
    for line in lines:
        name, _, value = line.rstrip("\r\n").partition(": ")
        if name in fields:
            fields[name] = value
        elif not name and not value and fields["event"]:
            yield Message(**fields)
            fields = {"id": fields["id"], "event": "", "data": ""}


def _name(target: str) -> str:
    """Of a function: without its version."""
    return label(target).partition(":")[0] if Arn.parse(target) is not None else target


def _steps(server: Server) -> Iterator[Step]:
    """For ever; a connection that breaks is made again, and goes on where it ended."""
    last = ""
    while True:
        server.get("/_ebl/health")  # ends the command when nobody is there
        try:
            for message in messages(_lines(server.url, last)):
                if message.event == "hello" and not last:
                    click.echo(f"following {server.url}; Ctrl-C ends it", err=True)
                last = message.id or last
                if message.event == "dropped":
                    click.echo("… too slow for all that happens; going on from the journal", err=True)
                elif message.event == "step":
                    yield from _read(message.data)
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(_PAUSE)


def _lines(url: str, last_id: str) -> Iterator[str]:
    """What the server sends, from after `last_id` on; OSError when it falls silent."""
    parts = urlsplit(url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=_SILENCE)
    try:
        connection.request("GET", "/_ebl/stream", headers={"Last-Event-ID": last_id} if last_id else {})
        for line in connection.getresponse():
            yield line.decode(errors="replace")
    finally:
        connection.close()


def _read(text: str) -> Iterator[Step]:
    try:
        yield from_json(text)
    except ValueError:  # of a newer server
        click.echo(f"ebl: a step that this version does not know: {text[:200]}", err=True)
