"""All commands.  Each is imported when it is used, so that `ebl put` does not wait for the parts of the server."""

import importlib
import io
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from emulator import __version__
from emulator.cli.exits import USAGE, Failure

# name -> module of emulator.cli, and its line in the list of commands.
COMMANDS = {
    "start": ("start", "Start the emulator (what plain `ebl` does)."),
    "put": ("put", "Put an event and see what it led to."),
    "invoke": ("invoke", "Run a function with a payload."),
    "tail": ("tail", "Show what happens in a running server."),
    "events": ("events", "List the last events, or show what came of one."),
    "explain": ("explain", "Why does an event (not) match a rule?"),
    "validate": ("validate", "Check config.yaml without starting anything."),
    "env": ("env", "Print the variables that point an SDK here."),
    "fire": ("fire", "Fire a rule now: its scheduled event, or one that matches."),
    "wait": ("wait", "Wait until everything is still, or something has happened."),
    "clock": ("clock", "Show the time of the server, and what is due; move it."),
    "reset": ("reset", "Forget everything, or only what happened."),
    "snapshot": ("snapshot", "Keep the state under a name, and go back to it."),
    "fail": ("fail", "Make something fail on purpose, late, double or out of order."),
    "init": ("init", "Write a first project: rule, handler, test, compose file."),
    "health": ("health_command", "Is the server ready? Silent: 0 or 1."),
}
NOT_YET = (
    "replay", "exec", "doctor",
)  # fmt: skip


class Commands(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`ebl` and `ebl --port 5000` start; only --help and --version belong to `ebl` itself."""
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "-h", "--version")):
            args = ["start", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in NOT_YET:
            _not_yet(cmd_name)
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"emulator.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: the list must not import every command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _not_yet(name: str) -> NoReturn:
    raise Failure(USAGE, f"`ebl {name}` is not in this version yet ({__version__}). See `ebl --help` for what is.")


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`ebl COMMAND --help` shows examples. Exit codes: 0 ok, 1 failed, 2 usage or configuration, "
    "3 no server or port taken, 4 nothing matched, 124 timeout.",
)
@click.version_option(__version__, prog_name="ebl", message="%(prog)s %(version)s")
def ebl() -> None:
    """EventBridge and Lambda on one port of your own machine.

    \b
      ebl                                                start with ./config.yaml and functions/*.py
      ebl put shop OrderPlaced '{"id": 1}' --bus orders  in a second terminal
      eval "$(ebl env)"                                  point your own code here
    """


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line; its exit code.  A command ends with a code by `ctx.exit` or by raising Failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ✓ shows ?, and nothing is lost
    try:
        code = ebl.main(args=args, prog_name="ebl", standalone_mode=False)
    except Failure as error:
        error.show()
        return error.code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130  # as a shell has it for SIGINT
    return code if isinstance(code, int) else 0  # what ctx.exit was given, or what the command returned
