"""`ebl wait`: until everything is still, an event has come in, or a function has run."""

import json
from typing import Any
from urllib.parse import urlencode

import click

from emulator.cli import options
from emulator.cli.client import Server
from emulator.cli.clock import fired, report
from emulator.cli.exits import TIMEOUT, USAGE, Failure
from emulator.cli.options import flag
from emulator.cli.terminal import label


@click.command("wait")
@flag("--settled", is_flag=True, help="Until nothing is in flight or due (what it does when nothing else is asked).")
@flag("--advance", is_flag=True, help="With --settled: move the virtual clock over every retry that waits.")
@flag("--pattern", metavar="JSON|@FILE", help="Until an event comes in that matches this pattern.")
@flag("--bus", help="With --pattern: on this bus only.")
@flag("--function", metavar="FN", help="Until an invocation of this function has ended.")
@flag("--after", metavar="ID|MOMENT", help="What has come since this event or moment counts, too.")
@flag("--not-there-yet", is_flag=True, help="The function or the bus need not be there yet.")
@flag("--timeout", default="30s", show_default=True, help="The longest to wait, in real time.")
@options.endpoint()
@options.as_json()
def command(
    settled: bool, advance: bool, pattern: str | None, bus: str | None, function: str | None, after: str | None,
    not_there_yet: bool, timeout: str, endpoint: str | None, as_json: bool,
) -> int:  # fmt: skip
    """Wait for something to happen on the server; 124 when it has not in time.

    \b
      ebl wait                                       until everything is still
      ebl wait --settled --advance                   and no retry is left (on a virtual clock)
      ebl wait --pattern '{"source": ["billing"]}'   until such an event comes in
      ebl wait --function charge --after 8f31c2      until charge has run; for that event, or a later one

    With --after nothing is missed that has happened before this command began.
    """
    if (settled or advance) + (pattern is not None) + (function is not None) > 1:
        raise Failure(USAGE, "wait for one thing: --settled, --pattern or --function.")
    server = Server(endpoint)
    if pattern is None and function is None:
        query = {"timeout": timeout} | ({"advance": "true"} if advance else {})
        code, answer = server.act(f"/_ebl/settle?{urlencode(query)}")
        shown = _still
    else:
        query = {"timeout": timeout} | ({"after": after} if after is not None else {})
        code, answer = server.act(f"/_ebl/wait?{urlencode(query)}", _wanted(pattern, bus, function, not_there_yet))
        shown = _found
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return code
    return shown(answer, code)


def _wanted(pattern: str | None, bus: str | None, function: str | None, not_there_yet: bool) -> dict[str, Any]:
    later = {"not_there_yet": True} if not_there_yet else {}
    if pattern is None:
        return {"invocation": function, **later}
    wanted = {"event": json.loads(options.json_text(pattern, "--pattern")), **later}
    return wanted if bus is None else wanted | {"bus": bus}


def _still(answer: Any, code: int) -> int:
    for line in fired(answer):
        click.echo(line)
    if code != TIMEOUT:
        retries = sum(due["kind"] == "retry" for due in answer["waiting"])
        waiting = "" if not retries else " · 1 retry waits" if retries == 1 else f" · {retries} retries wait"
        click.echo(f"settled{waiting}")
    return report(answer, code)


def _found(answer: Any, code: int) -> int:
    if code == TIMEOUT:
        click.echo("ebl: it did not come in time.", err=True)
        if answer.get("closest"):
            click.echo(answer["closest"], err=True)
    elif "function" in answer:
        error = ": ".join(part for part in (answer["error_type"], answer["error_message"]) if part)
        said = [label(answer["function"]), f"attempt {answer['attempt']}", answer["status"], error or answer["result"]]
        click.echo("  ".join(said))
    else:
        event = answer["event"]
        click.echo(f"{answer['bus']}  {event['source']}/{event['detail-type']}  {answer['event_id']}")
    return code
