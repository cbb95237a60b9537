"""`ebl clock`: what time it is on the server, what is due next, and moving the clock."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import click

from emulator.cli import options
from emulator.cli.client import Server
from emulator.cli.exits import OK, TIMEOUT, USAGE, Failure
from emulator.cli.options import flag
from emulator.cli.terminal import label

# What each verb takes: the parameter's name, or None.
_VERBS = {"now": None, "advance": "by", "next": None, "set": "to", "real": None}
_SHOWN = 20
_SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@click.command("clock")
@click.argument("words", metavar="[now | advance 1h | next | set T | real]", nargs=-1)
@flag("--timeout", default="30s", show_default=True, help="The longest to wait for what it starts, in real time.")
@options.endpoint()
@options.as_json()
def command(words: tuple[str, ...], timeout: str, endpoint: str | None, as_json: bool) -> int:
    """Show or move the clock of the server; moving it runs everything that is due meanwhile.

    \b
      ebl clock                            what time it is, and what is due next
      ebl clock advance 1h                 also 90s, 5m, 2d; retries and schedules fire in due order
      ebl clock next                       to the next thing that is due
      ebl clock set 2026-12-24T18:00:00Z   jump, and stand still there; `set now` just stops it
      ebl clock real                       show the machine's time again

    Only a virtual clock (`ebl start --clock virtual`, or after `set`) can be advanced. Exit code 124: it took too long.
    """
    verb, given = _parsed(words)
    server = Server(endpoint)
    if verb == "now":
        answer, code = server.get("/_ebl/clock"), OK
    else:
        code, answer = server.act(f"/_ebl/clock/{verb}?{urlencode(given | {'timeout': timeout})}")
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return code
    for line in lines(answer):
        click.echo(line)
    return report(answer, code)


def lines(answer: Any) -> Iterator[str]:
    """What has fired, what time it is, what comes next."""
    yield from fired(answer)
    yield f"{answer['kind']}  {answer['now']}"
    waiting = answer["waiting"]
    for due in waiting[:_SHOWN]:
        yield f"  in {_span(_seconds(due['at']) - _seconds(answer['now'])):<7} {due['at']}  {described(due)}"
    if len(waiting) > _SHOWN:
        yield f"  … {len(waiting) - _SHOWN:,} more"
    if not waiting:
        yield "  nothing is due"


def fired(answer: Any) -> Iterator[str]:
    """What the clock was moved over, one a line."""
    for due in answer.get("fired", ()):
        yield f"fired  {due['at']}  {described(due)}"
    more = answer.get("fired_count", 0) - len(answer.get("fired", ()))
    if more:
        yield f"fired  … {more:,} more"


def report(answer: Any, code: int) -> int:
    """Say what is still in flight when it took too long; the exit code."""
    if code == TIMEOUT:
        click.echo("ebl: it took too long; still in flight or waiting:", err=True)
        for running in answer.get("running", ()):
            click.echo(f"  running since {running['since']}  {way(running)}  attempt {running['attempt']}", err=True)
        for due in answer.get("waiting", ())[:_SHOWN]:
            click.echo(f"  waiting for {due['at']}  {described(due)}", err=True)
    return code


def described(due: Any) -> str:
    """`retry     charge-on-order → charge  attempt 2 (attempt 1 failed)`"""
    attempt = f"attempt {due['attempt']} ({due['why']})" if due["attempt"] else due["why"]
    return f"{due['kind']:<8}  {way(due)}  {attempt}"


def way(item: Any) -> str:
    target = label(item["target"]) if item["target"] else "no targets"
    return f"{item['rule']} → {target}" if item["rule"] else target


def _parsed(words: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    verb, *values = words or ("now",)
    if verb not in _VERBS:
        raise Failure(USAGE, f"ebl clock {verb}? It is one of {', '.join(_VERBS)}.")
    name = _VERBS[verb]
    if len(values) != (0 if name is None else 1):
        example = {"advance": "advance 1h", "set": "set 2026-12-24T18:00:00Z"}.get(verb, verb)
        raise Failure(USAGE, f"write it so: ebl clock {example}")
    return verb, {name: values[0]} if name else {}


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _span(seconds: float) -> str:
    """`60 s`, `5 min`, `8 h`, `3 d`: the largest unit of which there are two; rough on purpose."""
    for size, unit in _SPANS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
