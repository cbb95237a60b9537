"""What is said on stderr about a configuration that is taken and may not be meant so."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from emulator.config import Config
    from emulator.errors import Problem

_LOCAL = ("127.0.0.1", "localhost", "::1")


def say(config: "Config", host: str = "127.0.0.1") -> None:
    """Everything that there is to say before a server with this configuration listens on `host`."""
    from emulator.config.doubts import doubts

    for line in (*lines(doubts(config)), *of_host(host)):
        click.echo(line, err=True)


def lines(found: "Iterable[Problem]") -> Iterator[str]:
    """`config.yaml:4:5: warning: rules.all.pattern.Source: no event has the key Source; did you mean "source"?`"""
    for problem in found:
        key = f"{problem.key}: " if problem.key else ""
        yield f"{problem.file}:{problem.line}:{problem.column}: warning: {key}{problem.text}"


def of_host(host: str) -> Iterator[str]:
    """It runs code that its callers send, so who can reach it can run code here."""
    if host not in _LOCAL and not host.startswith("127."):
        yield (
            f"warning: listening on {host}: whoever reaches this port can run code here."
            " Leave --host out, unless this is a container whose port is published on 127.0.0.1."
        )
