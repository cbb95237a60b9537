"""`ebl put`: one event, and what it led to."""

import json
import os
import sys
from collections import Counter
from typing import Any
from urllib.parse import quote

import click

from emulator.cli import near, options
from emulator.cli.client import Server
from emulator.cli.exits import FAILED, NO_MATCH, OK, USAGE, Failure
from emulator.cli.options import flag
from emulator.cli.style import draw, verdict, wants_colour

# Seconds that a handler may take for its end to be part of the answer, without --wait.
_PATIENCE = 1
# The server waits no longer than this for one request.
_LONGEST = 60
_STATES = ("delivered", "running", "late", "retrying", "failed")


@click.command("put")
@click.argument("source")
@click.argument("detail_type", metavar="TYPE")
@click.argument("detail", metavar="[DETAIL|@FILE|-]", required=False)
@flag("--bus", default="default", show_default=True, help="The event bus, by name or ARN.")
@flag("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Put a value into the detail: items.0.sku=A1")
@flag("--resource", "resources", multiple=True, metavar="ARN", help="A resource that the event is about.")
@flag("--wait", is_flag=True, help="Wait for every handler, however long it takes; 1 when one failed.")
@options.endpoint()
@options.as_json()
def command(
    source: str, detail_type: str, detail: str | None, bus: str, changes: tuple[str, ...],
    resources: tuple[str, ...], wait: bool, endpoint: str | None, as_json: bool,
) -> int:  # fmt: skip
    """Put an event, and see what it led to.

    \b
      ebl put shop OrderPlaced '{"id": 1}' --bus orders
      ebl put shop OrderPlaced @order.json --set id=2 --set customer.vip=true
      generate | ebl put shop OrderPlaced - --wait && echo done

    Exit codes: 4 when no rule matched, 1 when a delivery failed (with --wait).
    """
    entry: dict[str, Any] = {"Source": source, "DetailType": detail_type, "Detail": _detail(detail, changes)}
    entry |= {"EventBusName": bus} | ({"Resources": list(resources)} if resources else {})
    server = Server(endpoint)
    answer = server.events("PutEvents", {"Entries": [entry]})["Entries"][0]
    if "EventId" not in answer:
        hint = near.refused(answer["ErrorCode"], source)
        raise Failure(FAILED, f"{answer['ErrorCode']}: {answer['ErrorMessage']}{hint}")
    received = _outcome(server, answer["EventId"], wait)
    if as_json:
        click.echo(json.dumps(received, ensure_ascii=False))
    else:
        _report(server, received)
    return _code(received["received"], wait)


def changed(detail: Any, path: str, value: Any) -> Any:
    """`detail` with the value put at `path`: `customer.vip`, `items.0.sku`.  ValueError when there is no such place."""
    *parents, last = path.split(".")
    place = detail
    for name in parents:
        place = place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
    if isinstance(place, list):
        place[int(last)] = value
    elif isinstance(place, dict):
        place[last] = value
    else:
        raise ValueError(f"{'.'.join(parents)} is a value, nothing can be put into it")
    return detail


def summary(way: dict[str, Any], url: str) -> str:
    """`matched 1 rule · delivered 1 · http://localhost:4566/_ebl/e/8f31c2`"""
    return " · ".join([outcome(way), f"{url}/_ebl/e/{way['event_id'][:6]}"])


def outcome(way: dict[str, Any]) -> str:
    """`matched 1 rule · delivered 1`"""
    counts = Counter(_state(way, delivery) for delivery in way["deliveries"])
    rules = {delivery["rule"] for delivery in way["deliveries"]}
    if way["verdict"] == "unknown_bus":
        said = [f"no event bus {way['bus']}"]
    elif way["verdict"] == "unmatched":
        said = ["matched no rule"]
    else:
        matched = f"{len(rules)} rule" + ("" if len(rules) == 1 else "s") if rules else "a rule without targets"
        said = [f"matched {matched}"] + [f"{state} {counts[state]}" for state in _STATES if counts[state]]
    return " · ".join(said)


def _detail(argument: str | None, changes: tuple[str, ...]) -> str:
    """As it was written, unless something is put into it: numbers keep their digits."""
    text = options.json_text(argument, "DETAIL")
    if not changes:
        return text
    detail = json.loads(text)
    for change in changes:
        path, equals, value = change.partition("=")
        if not equals:
            raise Failure(USAGE, f"--set {change}: should be PATH=VALUE, such as customer.vip=true")
        if "[" in path or not all(path.split(".")):
            raise Failure(USAGE, f"--set {change}: a path is names and numbers with dots between: items.0.sku")
        try:
            detail = changed(detail, path, _value(value))
        except (ValueError, LookupError, AttributeError) as error:
            raise Failure(USAGE, f"--set {change}: there is no such place in the detail ({error})") from error
    return json.dumps(detail, ensure_ascii=False)


def _value(text: str) -> Any:
    """JSON when it is some, else text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _outcome(server: Server, event_id: str, wait: bool) -> Any:
    """The event as the server has it, after waiting for what it caused."""
    path = f"/_ebl/events/{quote(event_id)}?wait={_LONGEST if wait else _PATIENCE}"
    found = server.get(path)
    while wait and any(_state(way, d) == "running" for way in found["received"] for d in way["deliveries"]):
        found = server.get(path)
    return found


def _state(way: dict[str, Any], delivery: dict[str, Any]) -> str:
    """A first attempt is due when the event comes in, but where a fault has made it late."""
    if delivery["state"] != "pending":
        return str(delivery["state"])
    if tried(delivery):
        return "retrying"
    return "late" if delivery["next_attempt"] > way["at"] else "running"


def tried(delivery: dict[str, Any]) -> list[dict[str, Any]]:
    """Its attempts, without second copies."""
    return [attempt for attempt in delivery["attempts"] if attempt["duplicate"] is None]


def _code(ways: list[dict[str, Any]], wait: bool) -> int:
    if ways[-1]["verdict"] != "matched":
        return NO_MATCH
    failed = any(delivery["state"] != "delivered" for way in ways for delivery in way["deliveries"])
    return FAILED if wait and failed else OK


def _report(server: Server, received: dict[str, Any]) -> None:
    way = received["received"][-1]  # newest first: an event that rules forwarded has come to other buses since
    click.echo(summary(way, server.url))
    for delivery in way["deliveries"]:
        if tried(delivery) and delivery["state"] != "delivered":
            last = tried(delivery)[-1]
            error = ": ".join(part for part in (last["error_type"], last["error_message"]) if part)
            click.echo(f"  ✗ {delivery['rule']} → {delivery['target_id']}  {error}", err=True)
    for hint in near.hints(server, way):
        click.echo(f"  {hint}", err=True)
    if way["verdict"] == "unmatched":
        _explain(way)


def _explain(way: dict[str, Any]) -> None:
    """The closest rule, as the server explains it."""
    colour = wants_colour(os.environ, sys.stderr.isatty())
    if way["explanation"] is None:
        click.echo(f"  there is no rule with a pattern on the bus {way['bus']}", err=True)
    elif not way["explanation"]["rules"][0]["held"]:
        click.echo("  no rule comes close", err=True)
    else:
        for line in way["explanation"]["text"].splitlines():
            click.echo(draw([verdict(f"  {line}")], colour), err=True)
    for name in way["disabled_rules"]:
        click.echo(f"  {name} would have matched, and is disabled", err=True)
