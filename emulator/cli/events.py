"""`ebl events`: what came in lately, or one event with all that came of it."""

import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import click

from emulator.cli import options
from emulator.cli.client import Server
from emulator.cli.exits import OK
from emulator.cli.options import flag
from emulator.cli.put import outcome
from emulator.cli.style import Line, Span, draw, harmless, pad, verdict, wants_colour
from emulator.cli.terminal import label, milliseconds, short

Json = dict[str, Any]

_SECOND = 43
_LONGEST_RESULT = 200
_LAMBDA = ("START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START ")


@click.command("events")
@click.argument("event_id", metavar="[ID]", required=False)
@flag("--bus", help="Only events of this bus.")
@flag("--source", help="Only events of this source.")
@flag("--failed", is_flag=True, help="Only events of which an attempt failed.")
@flag("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many, the newest.")
@options.endpoint()
@options.as_json()
def command(
    event_id: str | None, bus: str | None, source: str | None, failed: bool, limit: int, endpoint: str | None,
    as_json: bool,
) -> int:  # fmt: skip
    """List the last events, or show what came of one: rules, attempts, logs, and the events that its handlers put.

    \b
      ebl events                      the last ones, the newest at the end
      ebl events --failed --limit 5   those of which something failed
      ebl events 8f31c2               one (the first characters of its id will do) with its whole tree
    """
    server = Server(endpoint)
    conditions = {"bus": bus, "source": source, "failed": "true" if failed else None, "limit": limit}
    query = urlencode({name: value for name, value in conditions.items() if value is not None})
    path = f"/_ebl/events?{query}" if event_id is None else f"/_ebl/events/{quote(event_id)}"
    answer = server.get(path)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return OK
    colour = wants_colour(os.environ, sys.stdout.isatty())
    for line in listed(answer["events"]) if event_id is None else tree(answer["received"]):
        click.echo(draw(line, colour))
    return OK


def listed(ways: list[Json]) -> Iterator[Line]:
    """One line for each, the newest last: that is where one looks in a terminal."""
    for way in reversed(ways):
        yield [*pad(_head(way), _SECOND + 14), Span(f"{short(way['event_id'])}  ", "dim"), Span(outcome(way))]


def tree(ways: list[Json]) -> Iterator[Line]:
    """An event on each bus that it came to, oldest first; what it caused stands below what caused it."""
    for way in reversed(ways):
        yield from _caused_by(way.get("caused_by"))
        yield from _branch(way, "")


def _caused_by(link: Json | None) -> Iterator[Line]:
    """From the first cause to the last."""
    if link is None:
        return
    yield from _caused_by(link.get("caused_by"))
    target = link.get("target_arn")
    function = label(target) if target else "an invocation that is not known any more"
    of = f" of {link['source']}/{link['detail_type']}  {short(link['event_id'])}" if link.get("event_id") else ""
    yield [Span(harmless(f"caused by {function}{of}"), "dim")]


def _branch(way: Json, indent: str) -> Iterator[Line]:
    yield [Span(indent), *pad(_head(way), _SECOND + 14), Span(short(way["event_id"]), "dim")]
    below = f"{indent}  "
    if way["verdict"] != "matched":
        yield [Span(below), Span("✗ ", "red"), Span(outcome(way))]
    if way.get("explanation"):
        yield from ([verdict(f"{below}  {line}")] for line in way["explanation"]["text"].splitlines())
    for name in way.get("disabled_rules", ()):
        yield [Span(f"{below}  {harmless(name)} would have matched, and is disabled", "yellow")]
    without = [rule for rule in way["rules"] if all(d["rule"] != rule for d in way["deliveries"])]
    for rule in without:
        yield [Span(below), Span("✓ ", "green"), Span(f"{harmless(rule)} → "), Span("nothing was sent", "yellow")]
    for delivery in way["deliveries"]:
        yield from _delivery(delivery, below)


def _delivery(delivery: Json, indent: str) -> Iterator[Line]:
    to = f"{harmless(delivery['rule'])} → {label(delivery['target_arn'])}"
    if not delivery["attempts"]:
        yield [Span(indent), Span("… ", "yellow"), Span(f"{to}  {delivery['state']}")]
    for attempt in delivery["attempts"]:
        yield [Span(indent), *_attempt(to, attempt)]
        if attempt.get("note"):
            yield [Span(f"{indent}  ! ", "yellow"), Span(harmless(attempt["note"]))]
        for line in attempt["log"].splitlines():
            if not line.startswith(_LAMBDA):
                yield [Span(f"{indent}  │ ", "cyan"), Span(harmless(line))]
    if delivery["attempts"] and delivery["next_attempt"]:
        yield [Span(f"{indent}  next attempt {delivery['next_attempt']}", "yellow")]
    if delivery["condition"] is not None:
        yield [Span(f"{indent}  given up ({harmless(delivery['condition'])})", "yellow")]
    for letter in delivery["sent_on"]:
        yield [Span(indent), *_sent_on(letter)]
    for caused in delivery["caused"]:
        yield from _branch(caused, f"{indent}  ")


def _attempt(to: str, attempt: Json) -> Iterator[Span]:
    took = milliseconds(attempt["duration_ms"])
    again = f"attempt {attempt['number']}" if attempt["number"] > 1 or attempt["duplicate"] else ""
    again += ", a second time (duplicate)" if attempt["duplicate"] else ""
    if attempt["status"] == "success":
        yield Span("✓ ", "green")
        yield Span("  ".join(part for part in (to, again, took, _cut(attempt["result"])) if part))
    else:
        error = ": ".join(part for part in (attempt["error_type"], attempt["error_message"]) if part)
        yield Span("✗ ", "red")
        yield Span("  ".join(part for part in (to, again, took) if part) + "  ")
        yield Span(harmless(error.partition("\n")[0]), "red")
        if attempt["where"]:
            yield Span(f"   {harmless(attempt['where'])}")


def _sent_on(letter: Json) -> Iterator[Span]:
    kind = "dead letter" if letter["kind"] == "dlq" else letter["kind"]
    way = f"{kind} of {letter['by']} → {label(letter['target_arn'])}"
    if letter["status"] == "success":
        yield from (Span("✉ ", "yellow"), Span(way))
    else:
        error = ": ".join(part for part in (letter["error_type"], letter["error_message"]) if part)
        yield from (Span("✗ ", "red"), Span(f"{way}  not sent: "), Span(harmless(error.partition("\n")[0]), "red"))


def _head(way: Json) -> Line:
    event = way["event"]
    at = datetime.fromisoformat(way["at"]).astimezone()
    name = harmless(f"{event.get('source', '')}/{event.get('detail-type', '')}")
    time = Span(f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}  ", "dim")
    return [time, Span("→ ", "cyan"), Span(harmless(way["bus"]), "cyan"), Span(f"  {name}")]


def _cut(result: str) -> str:
    return harmless(result if len(result) <= _LONGEST_RESULT else f"{result[:_LONGEST_RESULT]}…")
