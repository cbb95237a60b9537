"""`ebl init`: the four files of a first project."""

import json
import shutil
from pathlib import Path

import click

from emulator.cli import options
from emulator.cli.exits import FAILED, Failure

TEMPLATES = Path(__file__).parent.parent / "templates"
FILES = ("config.yaml", "functions/charge.py", "tests/test_shop.py", "docker-compose.yml")


@click.command("init")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=".")
@options.as_json()
def command(folder: Path, as_json: bool) -> None:
    """Write a first project: a rule, a handler, a test and a compose file.  Never overwrites anything.

    \b
      ebl init            here
      ebl init shop       in the new folder shop
    """
    existing = [name for name in FILES if (folder / name).exists()]
    if existing:
        raise Failure(FAILED, f"{folder / existing[0]} is there already: nothing was written. Try `ebl init NEWDIR`.")
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TEMPLATES / name, folder / name)
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "files": list(FILES)}))
        return
    for name in FILES:
        click.echo(folder / name)
    into = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"\nstart it    {into}ebl\nsend one    ebl put shop OrderPlaced '{{\"id\": 1}}' --bus orders", err=True)
    click.echo(f"test it     {into}pytest        (needs pytest and boto3)", err=True)
