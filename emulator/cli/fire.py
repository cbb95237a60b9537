"""`ebl fire`: a rule's event comes in now."""

import json
import os
from typing import Any

import click

from emulator.cli import options
from emulator.cli.client import Server
from emulator.cli.exits import FAILED, OK, USAGE, Failure
from emulator.cli.options import flag
from emulator.cli.put import summary

# Seconds that its handlers may take for their end to be part of the answer.
_PATIENCE = 5


@click.command("fire")
@click.argument("rule")
@click.argument("event", metavar="[EVENT|@FILE|-]", required=False)
@flag("--bus", default="default", show_default=True, help="The event bus of the rule.")
@options.endpoint()
@options.as_json()
def command(rule: str, event: str | None, bus: str, endpoint: str | None, as_json: bool) -> int:
    """Fire a rule now, whatever its schedule says or whether anybody sends such an event.

    \b
      ebl fire nightly                                the scheduled event, as if it were time
      ebl fire charge-on-order --bus orders           a sample that its pattern matches
      ebl fire on-upload '{"source": "aws.s3", "detail-type": "Object Created", "detail": {"object": {"key": "a"}}}'

    The event comes to the rule's bus, so other rules that match it get it, too. Exit code 1 when a delivery failed.
    """
    asked: dict[str, Any] = {"rule": rule, "bus": bus, **_place()}
    if event is not None:
        asked["event"] = json.loads(options.json_text(event, "EVENT"))
        if not isinstance(asked["event"], dict):
            raise Failure(USAGE, "EVENT is not a JSON object.")
    server = Server(endpoint)
    _, answer = server.act("/_ebl/fire", asked)
    way = server.get(f"/_ebl/events/{answer['event_id']}?wait={_PATIENCE}")["received"][-1]
    if as_json:
        click.echo(json.dumps(way, ensure_ascii=False))
    else:
        click.echo(summary(way, server.url))
    tried = [delivery for delivery in way["deliveries"] if delivery["attempts"]]
    return FAILED if any(delivery["state"] != "delivered" for delivery in tried) else OK


def _place() -> dict[str, str]:
    """Account and region only where the environment names them: one server has most rules in one place."""
    key, region = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_REGION")
    account = {"account": key} if len(key) == 12 and key.isdecimal() else {}
    return account | ({"region": region} if region else {})
