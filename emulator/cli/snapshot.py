"""`ebl snapshot`: keep the state of a running server under a name, and go back to it."""

import json
from typing import Any
from urllib.parse import quote

import click

from emulator.cli import options
from emulator.cli.client import Server, refusal
from emulator.cli.exits import FAILED, OK, USAGE, Failure

_PATHS = {"save": "", "load": "/load", "delete": "/delete"}


@click.command("snapshot")
@click.argument("action", type=click.Choice(["save", "load", "ls", "delete"]), metavar="save|load|ls|delete")
@click.argument("name", required=False)
@options.endpoint()
@options.as_json()
def command(action: str, name: str | None, endpoint: str | None, as_json: bool) -> int:
    """Save all of the state under a name, go back to it, list what there is.

    \b
      ebl snapshot save seeded
      ebl snapshot load seeded
      ebl snapshot ls

    The server writes them to .ebl/snapshots/ beside its configuration, or to its --snapshot-dir.
    """
    server = Server(endpoint)
    if action == "ls":
        said = server.get("/_ebl/snapshots")
    elif not name:
        raise Failure(USAGE, f"which one? `ebl snapshot {action} NAME`; `ebl snapshot ls` shows what there is.")
    else:
        answer = server.send("POST", f"/_ebl/snapshots/{quote(name, safe='')}{_PATHS[action]}")
        if answer.status >= 400:
            raise Failure(FAILED, refusal(answer))
        said = answer.json()
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        for line in _lines(action, said):
            click.echo(line)
    return OK


def _lines(action: str, said: dict[str, Any]) -> list[str]:
    match action:
        case "ls":
            found = said["snapshots"]
            width = max((len(snapshot["name"]) for snapshot in found), default=0)
            lines = [f"{s['name']:{width}}  {s['saved'][:19]}Z  {_size(s['bytes'])}" for s in found]
            return lines or [f"no snapshots in {said['folder']}"]
        case "delete":
            return [f"deleted {said['deleted']}"]
        case "load":
            return [f"loaded {said['name']}, saved {said['saved'][:19]}Z"]
        case _:
            return [f"saved {said['name']} ({_size(said['bytes'])}) to {said['file']}"]


def _size(size: int) -> str:
    return f"{size / 1000:,.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"
