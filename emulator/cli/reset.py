"""`ebl reset`: forget everything."""

from typing import Any

import click

from emulator.cli import options
from emulator.cli.client import Server, refusal
from emulator.cli.exits import FAILED, OK, Failure
from emulator.cli.options import flag


@click.command("reset")
@flag("--keep-rules", is_flag=True, help="Forget only what happened; keep buses, rules, targets, functions, tags.")
@options.endpoint()
@options.as_json()
def command(keep_rules: bool, endpoint: str | None, as_json: bool) -> int:
    """Forget everything, and apply config.yaml again.

    \b
      ebl reset                 as after a fresh start
      ebl reset --keep-rules    only events, deliveries and invocations

    Handlers that run are abandoned: they go on to their end, and nothing of it is kept.
    """
    answer = Server(endpoint).send("POST", f"/_ebl/reset?keep_rules={'true' if keep_rules else 'false'}")
    if answer.status >= 400:
        raise Failure(FAILED, refusal(answer))
    if as_json:
        click.echo(answer.body.decode())
    else:
        click.echo(_summary(answer.json()))
    return OK


def _summary(said: dict[str, Any]) -> str:
    forgotten = said["forgotten"]
    parts = [_counted(forgotten["events"], "event") + " forgotten"]
    if forgotten["unfinished_deliveries"]:
        parts.append(_counted(forgotten["unfinished_deliveries"], "unfinished delivery", "unfinished deliveries"))
    if said["abandoned"]:
        parts.append(_counted(said["abandoned"], "running handler") + " abandoned")
    return f"{', '.join(parts)}; {'rules are kept' if said['kept_rules'] else 'the configuration is applied again'}"


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
