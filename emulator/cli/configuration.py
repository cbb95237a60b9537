"""The configuration as a command gets it: ./config.yaml unless another file is named, every problem on stderr."""

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from emulator.cli.exits import USAGE, Failure

if TYPE_CHECKING:
    from emulator.config import Config
    from emulator.errors import ConfigError

DEFAULT = Path("config.yaml")


class Refused(Failure):
    """A configuration that cannot be used: all of its problems, one a line, as compilers print them."""

    def __init__(self, error: "ConfigError") -> None:
        super().__init__(USAGE, str(error))
        self.problems = error.problems

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=file is None)


def read(named: Path | None) -> "Config":
    """Raises ConfigError.  Without a file there is still a configuration: that of the functions here."""
    from emulator.config import load, parse

    if named is None and not DEFAULT.exists():
        return parse("", DEFAULT, os.environ)
    return load(named or DEFAULT, os.environ)


def required(named: Path | None) -> "Config":
    """The same, for a command that cannot go on without it."""
    from emulator.errors import ConfigError

    try:
        return read(named)
    except ConfigError as error:
        raise Refused(error) from error
