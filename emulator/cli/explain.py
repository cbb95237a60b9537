"""`ebl explain`: why does an event (not) match a rule?  Works without a server."""

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emulator.cli import configuration, options, place
from emulator.cli.client import Server
from emulator.cli.exits import NO_MATCH, OK, USAGE, Failure
from emulator.cli.options import flag
from emulator.cli.style import draw, verdict, wants_colour

if TYPE_CHECKING:
    from emulator.cli.rules import Rules
    from emulator.matching import Explanation, Pattern

_ID = re.compile(r"[0-9a-f]{4,8}(-?[0-9a-f]{1,4}){0,7}")
# Rules that do not match, of which more are seldom of interest.
_MOST_MISSED = 3


@click.command("explain")
@click.argument("event", metavar="EVENT|@FILE|-|ID")
@flag("--rule", help="Only this rule.")
@flag("--pattern", metavar="PATTERN|@FILE", help="This pattern instead of the rules.")
@flag("--config", type=click.Path(path_type=Path), help="Whose rules; ./config.yaml if there is one.")
@options.endpoint()
@options.as_json()
def command(
    event: str, rule: str | None, pattern: str | None, config: Path | None, endpoint: str | None, as_json: bool
) -> int:
    """Why does an event (not) match?  With the rules of config.yaml, or one pattern; no server is needed.

    \b
      ebl explain @event.json
      ebl explain '{"source": "shop"}' --pattern '{"source": ["shop"]}'
      ebl explain 8f31c2                   an event that a running server got, and the server's rules

    Exit codes: 0 it matches a rule, 4 it matches none, 2 a pattern or the event cannot be read.
    """
    if rule is not None and pattern is not None:
        raise Failure(USAGE, "give either --rule or --pattern, not both.")
    from emulator.matching import explain

    envelope, rules = _known(event, endpoint, config) if _ID.fullmatch(event) else (_event(event), None)
    if pattern is not None:
        rules = [("pattern", options.json_text(pattern, "--pattern"))]
    elif rules is None:
        rules = _configured(config)
    compiled = [(name, _compiled(name, text)) for name, text in _selected(rules, rule)]
    explanation = explain(envelope, compiled)
    if as_json:
        click.echo(json.dumps(explanation.to_json(), ensure_ascii=False))
    else:
        _print(explanation)
    return OK if explanation.matched else NO_MATCH


def _known(event_id: str, endpoint: str | None, config: Path | None) -> tuple[Any, "Rules"]:
    """An event from a running server's journal, with the rules of the bus that it came to."""
    from emulator.cli.rules import rules_of

    server = Server(endpoint, place.environ_with(config))
    way = server.get(f"/_ebl/events/{event_id}")["received"][-1]  # the bus that it came to first
    return way["event"], rules_of(server, way["bus"])


def _event(argument: str) -> Any:
    from emulator.matching import parse_event

    text = options.json_text(argument, "EVENT")
    try:
        return parse_event(text)
    except ValueError as error:
        raise Failure(USAGE, f"EVENT is not an event: {error}") from error


def _configured(config: Path | None) -> "Rules":
    from emulator.cli.rules import rules_in

    return rules_in(configuration.required(config))


def _selected(rules: "Rules", rule: str | None) -> "Rules":
    if rule is not None:
        found = [each for each in rules if each[0] == rule]
        if not found:
            names = ", ".join(name for name, _ in rules) or "there are none"
            raise Failure(USAGE, f"no rule {rule!r} with a pattern; known: {names}.")
        return found
    if not rules:
        raise Failure(USAGE, "there are no rules to explain; name a --config or a --pattern.")
    return rules


def _compiled(name: str, text: str) -> "Pattern":
    from emulator.matching import InvalidPattern, compile_pattern

    try:
        return compile_pattern(text)
    except InvalidPattern as error:
        raise Failure(USAGE, f"{name}: Event pattern is not valid. Reason: {error.reason}") from error


def _print(explanation: "Explanation") -> None:
    colour = wants_colour(os.environ, sys.stdout.isatty())
    missed = [rule for rule in explanation.rules if not rule.matches]
    for rule in (*explanation.matched, *missed[:_MOST_MISSED]):
        for line in rule.lines(explanation.heading(rule)):
            click.echo(draw([verdict(line)], colour))
    if len(missed) > _MOST_MISSED:
        click.echo(f"… and {len(missed) - _MOST_MISSED:,} more rules (--json has all)")
