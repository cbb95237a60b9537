"""`ebl validate`: is config.yaml right?"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.cli import cautions, configuration, options
from emulator.cli.exits import OK, USAGE

if TYPE_CHECKING:
    from emulator.config import Config
    from emulator.errors import Problem


@click.command("validate")
@click.argument("file", metavar="[CONFIG.YAML]", type=click.Path(path_type=Path), required=False)
@options.as_json()
def command(file: Path | None, as_json: bool) -> int:
    """Check the configuration without starting anything; 2 when something is wrong, and all of it is printed.

    What is right and hardly meant is a warning on stderr: it changes nothing.

    \b
      ebl validate
      ebl validate shop/config.yaml --json
    """
    from emulator.config.doubts import doubts
    from emulator.errors import ConfigError

    try:
        config = configuration.read(file)
        _try(config)
    except ConfigError as error:
        problems = [_to_json(problem) for problem in error.problems]
        click.echo(json.dumps({"ok": False, "problems": problems}, ensure_ascii=False) if as_json else str(error))
        return USAGE
    found = doubts(config)
    buses, rules, functions = len(config.buses), len(config.rules), len(config.functions)
    if as_json:
        counts = {"buses": buses, "rules": rules, "functions": functions}
        said = {"ok": True, **counts, "warnings": [_to_json(problem) for problem in found]}
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        for line in cautions.lines(found):
            click.echo(line, err=True)
        counted = f"{_count(buses, 'bus', 'buses')}, {_count(rules, 'rule')}, {_count(functions, 'function')}"
        click.echo(f"{config.file}: ok ({counted})")
    return OK


def _to_json(problem: "Problem") -> dict[str, object]:
    return {"file": problem.file, "line": problem.line, "column": problem.column, "key": problem.key,
            "text": problem.text}  # fmt: skip


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _try(config: "Config") -> None:
    """Apply it to an emulator that nobody uses: what the operations refuse is found too."""
    from emulator.app import Emulator
    from emulator.apply import apply
    from emulator.ids import new_id
    from emulator.wire.service import Scope

    emulator = Emulator()
    try:
        apply(config, emulator.call(Scope(config.account, config.region), new_id(), {}))
    finally:
        emulator.executor.close()
        emulator.store.close()
