"""`ebl start`: read the configuration, listen, and leave the rest to the session."""

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.cli import cautions, configuration, options
from emulator.cli.exits import UNREACHABLE, Failure
from emulator.cli.options import flag

if TYPE_CHECKING:
    from emulator.config import Config
    from emulator.server.run import Address


@click.command("start")
@flag("--config", type=click.Path(path_type=Path), help="The configuration; ./config.yaml if there is one.")
@flag("--port", type=click.IntRange(0, 65535), help="Where to listen; 0 for any free port.  [default: 4566]")
@flag("--host", help="The address to listen on.  [default: 127.0.0.1]")
@flag(
    "--allow-host", "allow_hosts", multiple=True, envvar=None, show_envvar=False,
    help="Another name by which callers know this machine.  [env var: EBL_ALLOWED_HOSTS, with commas]",
)  # fmt: skip
@flag("--state", default="memory", show_default=True, metavar="FILE|memory", help="Where everything is kept.")
@flag(
    "--snapshot-dir", type=click.Path(path_type=Path),
    help="Where `ebl snapshot` keeps them; .ebl/snapshots beside the configuration if absent.",
)  # fmt: skip
@flag("--clock", type=click.Choice(["real", "virtual"]), default="real", show_default=True, help="Whose time it is.")
@flag("--executor", type=click.Choice(["in-process", "process"]), help="Where handlers run.  [default: in-process]")
@flag(
    "--permissions", type=click.Choice(["off", "warn", "enforce"]),
    help="What a missing permission to run a function does; else what config.yaml says.  [default: warn]",
)  # fmt: skip
@flag("--reload/--no-reload", default=True, help="Apply config.yaml and functions/ again when they change.")
@options.as_json()
@flag("--quiet", "-q", is_flag=True, help="Only say when it is ready.")
@flag("--verbose", "-v", is_flag=True, help="Show bodies in full, and every step.")
def command(
    config: Path | None, port: int | None, host: str | None, allow_hosts: tuple[str, ...], state: str,
    snapshot_dir: Path | None, clock: str, executor: str | None, permissions: str | None, reload: bool, as_json: bool,
    quiet: bool, verbose: bool,
) -> int:  # fmt: skip
    """Start the emulator; plain `ebl` does the same.

    \b
      ebl                                  ./config.yaml if there is one, and functions/*.py
      ebl --port 0 --json                  any free port; one JSON object a line, the first when it is ready
      ebl --state ebl.db                   nothing is lost between two starts
      ebl --clock virtual                  time stands still until `ebl clock` moves it
      ebl --config shop/config.yaml -v     show bodies, too

    Ctrl-C lets running handlers finish, a second one stops now.
    """
    view = {"as_json": as_json, "quiet": quiet, "verbose": verbose}
    gc.disable()  # importing leaves no garbage: looking for some would be a seventh of the start
    try:
        kept = None if state == "memory" else Path(state)
        place = (host, port, allow_hosts)
        how = (clock == "virtual", reload, permissions, executor)
        return _start(config, place, view, (kept, snapshot_dir), *how)
    finally:
        gc.enable()


def _start(
    config: Path | None, place: tuple[str | None, int | None, tuple[str, ...]], view: dict[str, bool],
    kept: tuple[Path | None, Path | None], virtual: bool, reload: bool, permissions: str | None, executor: str | None,
) -> int:  # fmt: skip
    source = configuration.Source(config)
    found = configuration.required(source)
    # Imported here: they take longer than all of `ebl put`.
    from emulator.cli.session import Session
    from emulator.cli.view import View
    from emulator.server.run import PortTaken, bind

    address = _address(found, *place)
    try:
        listener = bind(address)
    except PortTaken as error:
        raise Failure(UNREACHABLE, str(error)) from error
    with listener:
        cautions.say(found, address.host)
        session = Session(
            found, View(**view), kept[0], source.read if reload else None, virtual=virtual, snapshots=kept[1],
            permissions=permissions, executor=executor,
        )  # fmt: skip
        return session.run(listener, address)


def _address(found: "Config", host: str | None, port: int | None, allow_hosts: tuple[str, ...]) -> "Address":
    """What the command line says, else the file."""
    from emulator.server.run import Address

    more = [name.strip() for name in os.environ.get("EBL_ALLOWED_HOSTS", "").split(",") if name.strip()]
    return Address(
        host or found.host, found.port if port is None else port, {*found.allowed_hosts, *allow_hosts, *more}
    )
