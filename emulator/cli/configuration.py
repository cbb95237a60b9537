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


class Source:
    """Where the configuration of a server comes from, to be read again and again.

    A file that was there and is gone, or has become empty, is an accident (a branch that was changed, an editor that
    failed) until the user says otherwise: it is refused, or it would take away everything that it made.
    """

    def __init__(self, named: Path | None) -> None:
        self._named = named
        self._was_there = False
        self._was_full = False

    def read(self) -> "Config":
        """Raises ConfigError.  Touches no file but those of the configuration: may run on any thread."""
        from emulator.config import EmptyFile, load
        from emulator.errors import ConfigError, Problem
        from emulator.runtime.home import home

        file = self._named or DEFAULT
        if not (home() / file).exists():
            if not self._was_there:
                return read(self._named)
            text = "is gone; what it made stays, and it is applied again when it is back"
            raise ConfigError([Problem(str(file), 1, 1, "", text)])
        self._was_there = True
        try:
            config = load(file, os.environ, may_be_empty=False)
        except EmptyFile:
            if self._was_full:
                raise
            return load(file, os.environ)
        self._was_full = True
        return config


def read(named: Path | None) -> "Config":
    """Raises ConfigError.  Without a file there is still a configuration: that of the functions here."""
    from emulator.config import load, parse
    from emulator.runtime.home import home

    if named is None and not (home() / DEFAULT).exists():
        return parse("", DEFAULT, os.environ)
    return load(named or DEFAULT, os.environ)


def required(source: Source | Path | None) -> "Config":
    """The same, for a command that cannot go on without it."""
    from emulator.errors import ConfigError

    try:
        return source.read() if isinstance(source, Source) else read(source)
    except ConfigError as error:
        raise Refused(error) from error
