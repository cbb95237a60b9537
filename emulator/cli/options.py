"""Options as every command spells them: each flag has its `EBL_…` variable, and the help shows it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from emulator.cli.exits import USAGE, Failure

F = TypeVar("F", bound=Callable[..., Any])


def flag(name: str, *more: str, **settings: Any) -> Callable[[F], F]:
    """An option; `--allow-host` reads `EBL_ALLOW_HOST`, unless `envvar` names another variable."""
    variable = "EBL_" + name.partition("/")[0].lstrip("-").replace("-", "_").upper()
    return click.option(name, *more, **{"envvar": variable, "show_envvar": True, **settings})


def as_json() -> Callable[[F], F]:
    return flag("--json", "as_json", is_flag=True, help="Print JSON.")


def endpoint() -> Callable[[F], F]:
    return flag("--endpoint", help="Where the server is; else AWS_ENDPOINT_URL, else http://localhost:4566.")


def json_text(argument: str | None, what: str, default: str = "{}") -> str:
    """The JSON text that an argument stands for: itself, `@file`, or `-` for standard input."""
    text = _read(argument, what, default)
    try:
        json.loads(text)
    except ValueError as error:
        raise Failure(USAGE, f"{what} is not JSON: {error}. {_quoting(argument)}") from error
    return text


def _read(argument: str | None, what: str, default: str) -> str:
    if argument is None:
        return default
    if argument == "-":
        return sys.stdin.read()
    if not argument.startswith("@"):
        return argument
    try:
        return Path(argument[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(USAGE, f"{what}: cannot read {argument[1:]}: {error}") from error


def _quoting(argument: str | None) -> str:
    if argument == "-" or (argument or "").startswith("@"):
        return ""
    return "In a shell, put it between single quotes: '{\"id\": 1}'."
