"""How a command ends: the exit codes, and the one exception that carries them."""

from typing import IO, Any

import click

OK = 0
FAILED = 1
"""The thing asked for failed."""
USAGE = 2
"""Wrong usage or configuration."""
UNREACHABLE = 3
"""The server does not answer, or the port is taken."""
NO_MATCH = 4
"""Nothing matched."""
TIMEOUT = 124


class Failure(click.ClickException):
    """End the command with this exit code, and say why in one sentence on stderr."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"ebl: {self.message}", file=file, err=file is None)
