"""`ebl fail`: make something go wrong on purpose."""

import json
from typing import Any
from urllib.parse import urlencode

import click

from emulator.cli import options
from emulator.cli.client import Server
from emulator.cli.exits import OK, USAGE, Failure
from emulator.cli.options import flag

_SAID = ("error", "message", "status", "latency", "duplicate", "reorder", "probability", "seed", "not_there_yet")


@click.command("fail")
@click.argument("function", metavar="[FN]", required=False)
@flag("--rule", help="Not a function: the attempts of this rule.")
@flag("--target", metavar="ID|ARN", help="Not a function: the attempts at this target.")
@flag("--times", type=click.IntRange(1), help="How many attempts; without it all, until cleared.")
@flag("--error", metavar="E", help="The error's type, such as TimeoutError; of a rule or target an ERROR_CODE.")
@flag("--message", help="The error's text.")
@flag("--status", type=click.IntRange(400, 599), help="The HTTP status of the service; 429 throttles.")
@flag("--latency", metavar="3s", help="Be so much later.")
@flag("--duplicate", is_flag=True, help="Deliver twice.")
@flag("--reorder", is_flag=True, help="Deliver what is ready at the same time in any order.")
@flag("--probability", type=click.FloatRange(0, 1, min_open=True), help="How likely; dice are seeded.")
@flag("--seed", type=int, help="Of the dice.")
@flag("--not-there-yet", is_flag=True, help="Whom it is for need not be there yet.")
@flag("--clear", is_flag=True, help="Take back all faults.")
@options.endpoint()
@options.as_json()
def command(
    function: str | None, rule: str | None, target: str | None, times: int | None, clear: bool,
    endpoint: str | None, as_json: bool, **said: Any,
) -> int:  # fmt: skip
    """Make the next attempts fail, late, double or out of order; with nothing given, list what is set.

    \b
      ebl fail charge --times 2                     fails twice, then works
      ebl fail charge --error TimeoutError
      ebl fail --rule charge-on-order --status 503  EventBridge cannot reach the target
      ebl fail charge --latency 3s
      ebl fail --clear
    """
    server = Server(endpoint)
    if clear:
        _, answer = server.act("/_ebl/fail/clear")
        text = f"cleared {answer['cleared']}"
    elif not (function or rule or target):
        answer = server.get("/_ebl/fail")
        text = "\n".join(_line(fault) for fault in answer["faults"]) or "nothing fails on purpose"
    else:
        if sum(map(bool, (function, rule, target))) != 1:
            raise Failure(USAGE, "give one of FN, --rule and --target.")
        given = {"function": function, "rule": rule, "target": target, "times": times} | {n: said[n] for n in _SAID}
        query = {name: value for name, value in given.items() if value not in (None, False, "")}
        _, answer = server.act(f"/_ebl/fail?{urlencode(query)}")
        text = _line(answer)
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else text)
    return OK


def _line(fault: dict[str, Any]) -> str:
    """`charge  TimeoutError  the next 2 attempts`"""
    whom = next(fault[name] for name in ("function", "rule", "target") if name in fault)
    what = [str(fault[name]) for name in ("error", "status") if name in fault]
    what += [f"{fault['latency']:g} s late"] if "latency" in fault else []
    what += [name for name in ("duplicate", "reorder") if name in fault]
    left = "all attempts" if fault["left"] is None else f"the next {fault['left']} attempts"
    return f"{whom}  {' '.join(what)}  {left if fault['left'] != 0 else 'done'}"
