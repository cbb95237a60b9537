"""`ebl env`: the variables that point an SDK here; and of a function, what it finds in its environment."""

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.cli import configuration, options, place
from emulator.cli.client import endpoint_url
from emulator.cli.exits import USAGE, Failure
from emulator.cli.options import flag

if TYPE_CHECKING:
    from emulator.config import Config, Function

_WIDTH = 50


@click.command("env")
@click.argument("function", metavar="[FN]", required=False)
@flag("--config", type=click.Path(path_type=Path), help="The configuration; ./config.yaml if there is one.")
@options.endpoint()
@options.as_json()
def command(function: str | None, config: Path | None, endpoint: str | None, as_json: bool) -> None:
    """Print the variables that point an SDK here, or a function's environment and where each value comes from.

    \b
      eval "$(ebl env)"
      ebl env charge
    """
    environ = place.environ_with(config)
    url = endpoint_url(endpoint, environ)
    if function is None:
        _print_exports(exports(url, environ), as_json)
        return
    found = configuration.required(config)
    rows = list(_environment(found, _named(found, function), url))
    if as_json:
        click.echo(json.dumps({name: {"value": value, "from": origin} for name, value, origin in rows}))
        return
    for name, value, origin in rows:
        click.echo(f"{f'{name}={value}':{_WIDTH}}   {origin}")


def exports(url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What an application of the user's needs: the endpoint, a region, and keys that are not real."""
    region = place.region(environ)
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": place.own_key(environ),
        "AWS_SECRET_ACCESS_KEY": place.DEFAULT_KEY,
    }


def _print_exports(variables: dict[str, str], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(variables))
    else:
        for name, value in variables.items():
            click.echo(f"export {name}={shlex.quote(value)}")


def _named(config: "Config", name: str) -> "Function":
    for function in config.functions:
        if function.name == name:
            return function
    known = ", ".join(function.name for function in config.functions) or "there are none"
    raise Failure(USAGE, f"no function {name!r}; known: {known}.")


def _environment(config: "Config", function: "Function", url: str) -> Iterator[tuple[str, str, str]]:
    """Name, value and origin of each variable, as the handler will find them."""
    from emulator.delivery.invoke import environment_of
    from emulator.runtime.function import FunctionSpec
    from emulator.runtime.loader import task_root
    from emulator.runtime.variables import INHERITED, in_thread
    from emulator.store.functions import FunctionRow

    row = FunctionRow(
        config.account, config.region, function.name, str(function.code), environment=function.environment
    )
    sdk = environment_of(row, url)
    spec = FunctionSpec(
        name=function.name, arn=row.arn, code=function.code, handler=function.handler, environment=sdk,
        memory_mb=function.memory,
    )  # fmt: skip
    # The user's own come last in the runtime's order, and first here.
    for name, value in reversed(in_thread(spec, str(task_root(function.code)), "(made for each run)").items()):
        if name in function.environment:
            place = config.problem(("functions", function.name, "env", name), "")
            origin = f"{place.file}:{place.line}"
        elif name in sdk:
            origin = "ebl: the handler's own SDK calls stay here"
        else:
            origin = "this machine" if name in INHERITED else "Lambda"
        yield name, value, origin
