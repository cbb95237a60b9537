"""docs/cli.md says of every command and flag what they say of themselves."""

import re

import click
import pytest

from emulator.cli import exits
from emulator.cli.commands import ebl
from tests.docs.page import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text()
CONTEXT = click.Context(ebl, info_name="ebl")
COMMANDS = ebl.list_commands(CONTEXT)


def section(name: str) -> str:
    found = re.search(rf"^## ebl {name}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/cli.md has no section: ## ebl {name}"
    return found[1]


def row(option: click.Option) -> str:
    """The flag's line in the table of its command."""
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    variable = f"`{option.envvar}`" if isinstance(option.envvar, str) else ""
    return f"| {names} | {variable} | {' '.join((option.help or '').split())} |"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_stands_in_the_section_of_its_command(name: str) -> None:
    command = ebl.get_command(CONTEXT, name)
    assert command is not None
    rows = [row(option) for option in command.params if isinstance(option, click.Option)]
    written = [line for line in section(name).splitlines() if line.startswith("| `-")]
    assert written == rows, f"docs/cli.md, ## ebl {name}, should have:\n" + "\n".join(rows)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_section_begins_with_how_the_command_is_called(name: str) -> None:
    command = ebl.get_command(CONTEXT, name)
    assert command is not None
    usage = command.collect_usage_pieces(click.Context(command, info_name=name, parent=CONTEXT))
    arguments = " ".join(piece for piece in usage if piece != "[OPTIONS]")
    assert section(name).lstrip().startswith(f"`ebl {name} {arguments}`".replace(" `", "`"))


def test_the_page_has_no_other_commands() -> None:
    assert re.findall(r"^## ebl (\w+)$", PAGE, re.MULTILINE) == COMMANDS


def test_every_exit_code_stands_in_the_page() -> None:
    codes = {value for name, value in vars(exits).items() if name.isupper() and isinstance(value, int)}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)} == codes | {130}
