"""One run of `ebl start`: from the listening socket to the last word after Ctrl-C."""

import asyncio
import gc
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from emulator.app import SNAPSHOTS, Emulator, Left
from emulator.cli import STARTED
from emulator.cli.configuration import Refused
from emulator.cli.exits import OK, UNREACHABLE, USAGE, Failure
from emulator.cli.first_run import Found
from emulator.cli.place import way_to
from emulator.cli.screen import Screen
from emulator.cli.style import wants_colour
from emulator.cli.view import View
from emulator.cli.watch import Places, Watcher
from emulator.clock import VirtualClock
from emulator.config import Config
from emulator.delivery.limits import Limits
from emulator.delivery.permissions import Mode
from emulator.delivery.steps import Kind, Step
from emulator.errors import ConfigError, Problem
from emulator.runtime.home import home, staying_home
from emulator.server.run import Address, run, serve
from emulator.store import StateRefused, StateTaken

logger = logging.getLogger(__name__)


class Session:
    """`state` is a file, None for memory; `read` reads the configuration again, None when changes are not applied;
    with `virtual` the clock stands still from the start; `snapshots` is their folder, None for the one beside the
    configuration; `permissions` and `executor` count more than what that says."""

    def __init__(
        self, config: Config, view: View, state: Path | None, read: Callable[[], Config] | None, *,
        virtual: bool = False, snapshots: Path | None = None, permissions: str | None = None,
        executor: str | None = None,
    ) -> None:  # fmt: skip
        self._config = config
        self._view = replace(view, colour=wants_colour(os.environ, sys.stdout.isatty()))
        self._state = state
        self._read = read
        self._virtual = virtual
        self._snapshots = snapshots
        self._permissions = None if permissions is None else Mode(permissions)
        self._executor = executor

    def run(self, listener: socket.socket, address: Address) -> int:
        """Until it is told to stop; the exit code.  Refused when the configuration cannot be applied."""
        try:
            with staying_home():
                return run(self._serve(listener, address))
        except ConfigError as error:
            raise Refused(error) from error

    async def _serve(self, listener: socket.socket, address: Address) -> int:
        # Before the emulator is made: it puts itself between handlers and the standard streams.
        self._screen = Screen(sys.stdout, self._view.step)
        self._emulator = self._make_emulator()
        self._kept = self._emulator.store.deliveries.unfinished()  # by an earlier run, with --state
        watcher = Watcher(self._places, self._changed)
        watching: list[asyncio.Task[None]] = []

        async def on_ready() -> None:
            self._apply(self._config)
            self._say_ready()
            gc.freeze()  # what is here now stays, and need not be looked at again
            gc.enable()
            if self._read is not None:
                watching.append(asyncio.get_running_loop().create_task(watcher.run()))

        try:
            left = await serve(self._emulator, listener, address, on_ready, self._say_stopping)
        finally:
            for task in watching:
                task.cancel()
            self._screen.close()
            if self._screen.abandoned:  # else the interpreter complains when it flushes stdout at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        self._say_stopped(left)
        gc.freeze()  # the interpreter need not look through all of it again at its end: that took most of a stop
        return OK

    def _make_emulator(self) -> Emulator:
        try:
            return Emulator(
                state=self._state or ":memory:", clock=VirtualClock() if self._virtual else None,
                snapshots=home() / (self._snapshots or self._config.file.parent / SNAPSHOTS),
                permissions=self._permissions, limits=_limits(),
                executor=self._executor,
            )  # fmt: skip
        except StateRefused as error:
            code = UNREACHABLE if isinstance(error, StateTaken) else USAGE
            raise Failure(code, f"--state {error}") from error

    def _apply(self, config: Config) -> str:
        """All of it or nothing; what changed.  Raises ConfigError."""
        applied = self._emulator.apply(config)
        self._config = config
        return str(applied)

    def _say_ready(self) -> None:
        emulator = self._emulator
        emulator.ready = True
        for line in self._view.ready(self._found(), emulator.url, _age(), emulator.clock.now()):
            self._screen.show(line)
        if not self._view.quiet:
            emulator.steps.listen(self._screen.show)

    def _found(self) -> Found:
        """From the store, in the order of the file; rules that the API made in an earlier run come after."""
        store, account, region = self._emulator.store, self._config.account, self._config.region
        rules = [rule for bus in store.buses.all(account, region) for rule in store.rules.of(bus.key)]
        places = {(rule.bus, rule.name): place for place, rule in enumerate(self._config.rules)}
        rules.sort(key=lambda rule: places.get((rule.bus, rule.name), len(places)))
        before, after = way_to(self._emulator.url, region, account)
        return Found(
            store.functions.all(account, region),
            [(rule, [target.arn for target in store.rules.targets(rule.bus_key, rule.name)]) for rule in rules],
            before, after, self._kept, self._emulator.function_urls.addresses(account, region, self._emulator.url),
            self._emulator.executor.default,
        )  # fmt: skip

    def _places(self) -> Places:
        return home() / self._config.file, self._config.functions_dir

    async def _changed(self) -> None:
        """Apply the configuration again; one that is refused leaves everything as it was.

        It is read aside: a long one takes seconds.  One that says the same is applied as well, it brings back what
        the API took away.
        """
        assert self._read is not None
        try:
            summary = self._apply(await asyncio.to_thread(self._read))
        except ConfigError as error:
            self._tell(Kind.CONFIGURATION_REFUSED, problems=error.problems)
        except Exception as error:  # whatever it is, the next change may be what mends it
            logger.exception("%s could not be applied", self._config.file)
            text = f"cannot be applied, and that is a bug here: {type(error).__name__}: {error}"
            problem = Problem(str(self._config.file), 1, 1, "", text)
            self._tell(Kind.CONFIGURATION_REFUSED, problems=[problem])
        else:
            self._tell(Kind.CONFIGURATION_APPLIED, summary=summary)

    def _tell(self, kind: Kind, **details: object) -> None:
        emulator = self._emulator
        emulator.steps.tell(Step(kind, emulator.clock.now(), details={"file": str(self._config.file), **details}))

    def _say_stopping(self) -> None:
        self._emulator.steps.tell(Step(Kind.STOPPING, self._emulator.clock.now()))
        running = self._emulator.executor.in_flight
        if running:
            handlers = "a running handler" if running == 1 else f"{running} running handlers"
            click.echo(f"waiting for {handlers} to finish; Ctrl-C again stops now", err=True)

    def _say_stopped(self, left: Left) -> None:
        said = []
        if left.invocations:
            cut = "1 direct invocation" if left.invocations == 1 else f"{left.invocations:,} direct invocations"
            said.append(f"{cut} cut off, which the caller was told")
        if left.deliveries:
            deliveries = "1 delivery is" if left.deliveries == 1 else f"{left.deliveries:,} deliveries are"
            kept = f"kept in {self._state}" if self._state else "and gone with the memory (keep them: --state FILE)"
            said.append(f"{deliveries} left unfinished, {kept}")
        click.echo(f"stopped; {'; '.join(said) or 'nothing is left unfinished'}", err=True)


def _limits() -> Limits:
    try:
        return Limits.of(os.environ)
    except ValueError as error:
        raise Failure(USAGE, str(error)) from error


def _age() -> float:
    """Seconds since this process began, the interpreter's own start included where the system tells it."""
    since_import = time.monotonic() - STARTED
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        began = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # field 22: in ticks since the machine started
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, ValueError, IndexError, AttributeError):
        return since_import
    return age if since_import <= age < since_import + 5 else since_import
