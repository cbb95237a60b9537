"""The composition root: the only module that knows everyone.

`Emulator` is the whole product without a port: it takes HTTP requests as values and answers them.  Build it on the
thread of the event loop that will run it; nothing in it may be touched from another thread.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import random
from typing import Any, NamedTuple

from emulator.apply import Applied, apply
from emulator.backends.gateway import Gateway
from emulator.backends.neighbours import Neighbours
from emulator.clock import Clock, SwitchableClock
from emulator.config import Config
from emulator.delivery.aftermath import Aftermath
from emulator.delivery.concurrency import Concurrency
from emulator.delivery.event_invoke import EventInvokes
from emulator.delivery.invoke import Invoker
from emulator.delivery.limits import Limits
from emulator.delivery.loops import allows_loops
from emulator.delivery.outlets import Outlets
from emulator.delivery.permissions import Mode, Permissions
from emulator.delivery.publish import Publisher
from emulator.delivery.retries import Retries
from emulator.delivery.schedules import Schedules
from emulator.delivery.senders import Senders
from emulator.delivery.senders.bus import BusSender
from emulator.delivery.senders.function import FunctionSender
from emulator.delivery.senders.queue import QueueSender
from emulator.delivery.settle import Settle
from emulator.delivery.steps import Kind, Step, Steps
from emulator.delivery.timeline import Passage, Timeline
from emulator.delivery.worker import Worker
from emulator.ids import new_id
from emulator.runtime.dispatch import IN_PROCESS, Executors
from emulator.runtime.outcome import Invocation
from emulator.runtime.packages import Packages
from emulator.services.call import Call
from emulator.services.events import events
from emulator.services.lambda_ import lambda_api, settle_all
from emulator.services.lambda_.url_address import id_in
from emulator.services.lambda_.url_front import FunctionUrls
from emulator.store.database import Store
from emulator.store.snapshots import Snapshot, Snapshots
from emulator.wire.endpoint import Endpoint
from emulator.wire.http import HttpRequest, HttpResponse, HungUp, never
from emulator.wire.service import Members, Scope, Service

ACCOUNT = "000000000000"
REGION = "us-east-1"
SNAPSHOTS = Path(".ebl/snapshots")
_CLEARING_PAUSE = 0.01


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a reset took away: events, deliveries that had not ended, and of these, the running ones."""

    events: int
    unfinished: int
    running: int


class Left(NamedTuple):
    """What a stop leaves: deliveries that had not ended, and direct invocations whose callers were told so."""

    deliveries: int
    invocations: int


class Emulator:
    """`url` is where a handler's own SDK calls are sent: the server sets it once it knows its port.

    `state` is a file or `":memory:"`, `snapshots` the folder of the snapshots.  The `dice` fall from 0 up to 1, to
    divide the invocations of an alias.  `limits` are those of the environment, where none are given; `permissions` and
    `executor` ("in-process", "process") count whatever the configuration says.  Raises StateRefused.
    """

    def __init__(
        self,
        *,
        state: str | Path = ":memory:",
        clock: Clock | None = None,
        snapshots: Path = SNAPSHOTS,
        dice: Callable[[], float] = random,
        limits: Limits | None = None,
        permissions: Mode | None = None,
        executor: str | None = None,
    ) -> None:
        self.url = "http://localhost:4566"
        self.ready = False
        self.stopping = asyncio.Event()  # set when it is told to stop: who answers late, answers now
        self._cut = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clearing: asyncio.TimerHandle | None = None
        self.clock = SwitchableClock(clock)
        self.store = Store(state)
        self.snapshots = Snapshots(snapshots)
        self._config: Config | None = None
        self.steps = Steps()
        self.neighbours = Neighbours(self.clock, lambda: self.url)
        self._executor = executor
        self.executor = Executors(
            clock=self.clock, default=executor or IN_PROCESS, on_reload=self._reloaded,
            on_line_of_thread=lambda invocation, line: self._printed(invocation, line, self.steps.tell_from_thread),
            on_line_of_process=lambda invocation, line: self._printed(invocation, line, self.steps.tell),
        )  # fmt: skip
        limits = limits or Limits.of(os.environ)
        self.packages = Packages()
        self.invoker = Invoker(
            self.store, self.clock, self.executor, self.steps, lambda: self.url,
            Concurrency(self.store.settings, limits), self.packages, dice,
        )  # fmt: skip
        self.faults = self.invoker.faults
        outlets, bus_sender = Outlets(self.store, self.clock), BusSender(self.store, self.clock)
        self.permissions = Permissions(self.store, self.clock, self.steps, permissions)
        event_invokes = EventInvokes(self.store.settings, limits.retry_delay)
        senders = Senders({
            "lambda:function": FunctionSender(self.store, self.invoker, event_invokes, self.permissions),
            "events:event-bus": bus_sender,
            "sqs": QueueSender(self.store, outlets),
        })  # fmt: skip
        aftermath = Aftermath(self.store, self.clock, outlets, event_invokes)
        self.worker = Worker(self.store, self.clock, senders, self.steps, aftermath, self.faults)
        self.worker.allows_loops = lambda arn: allows_loops(self.store.settings, arn)
        self.publisher = Publisher(self.store, self.clock, senders, self.steps, self.worker.offer)
        outlets.publish = bus_sender.publish = self.publisher.publish
        outlets.enqueue = self.worker.enqueue
        self.schedules = Schedules(self.store, self.clock, self.publisher)
        self.publisher.on_rule_change(self.schedules.rule_changed)
        retries = Retries(self.store, self.clock, self.worker)
        settle = Settle(self.store, self.worker, self.invoker, self.neighbours)
        self.timeline = Timeline(self.clock, settle, retries, self.invoker.delays, self.schedules)
        self.function_urls = FunctionUrls(self.store, self.clock, self.invoker, self.permissions)
        self.services: Mapping[str, Service[Call]] = {"events": events, "lambda": lambda_api}
        self.gateway = Gateway(self.neighbours, self.stopping.wait)
        self._endpoint = Endpoint(self.services, self.call, self.gateway.handle)

    async def start(self) -> None:
        """Begin to deliver, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self.steps.start()
        self.neighbours.start()
        self._settle_functions()
        self.worker.start()
        self.schedules.start()

    async def drain(self, patience: float | None, now: asyncio.Event | None = None) -> None:
        """Begin nothing more, and give what is running `patience` seconds (None: all it needs), or until `now` is set.

        Requests are still answered: a handler that runs may need that.  Who waits for a direct invocation that has not
        ended then is told so.
        """
        self.stopping.set()
        self.schedules.stop()
        self.worker.stop()
        self._cut += self.invoker.close()
        waiting: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._drained())]
        if now is not None:
            waiting.append(asyncio.ensure_future(now.wait()))
        _, pending = await asyncio.wait(waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        for future in pending:
            future.cancel()
        self._cut += self.invoker.cut()

    async def _drained(self) -> None:
        await self.worker.drained()
        await self.invoker.drained()

    async def stop(self, patience: float | None = 3.0) -> Left:
        """`drain`, and let go of everything; what is left unfinished."""
        await self.drain(patience)
        left = Left(self.store.deliveries.unfinished(), self._cut)
        if self._clearing is not None:
            self._clearing.cancel()
        await self.executor.stop()
        self.neighbours.close()
        self.packages.close()
        self.store.close()
        return left

    async def handle(self, request: HttpRequest, hung_up: HungUp = never) -> HttpResponse:
        """Answer a request to an AWS API, one of ours or a neighbour's."""
        return await self._endpoint.handle(request, hung_up)

    def is_function_url(self, host: str, path: str) -> bool:
        """Is this a request for `function_urls`, whether there is such a URL or not?"""
        return id_in(host, path) is not None

    def operation(self, request: HttpRequest) -> str | None:
        """The name of the operation that a request to an AWS API is for; it need not have its body."""
        return self._endpoint.operation(request)

    def call(self, scope: Scope, request_id: str, headers: Mapping[str, str]) -> Call:
        """The facts of one request, and what its operation may use."""
        return Call(
            scope=scope, request_id=request_id, headers=headers, store=self.store, clock=self.clock,
            publisher=self.publisher, invoker=self.invoker, worker=self.worker, permissions=self.permissions,
            packages=self.packages, url=self.url,
        )  # fmt: skip

    async def api(self, service: str, operation: str, members: Members, scope: Scope | None = None) -> Members:
        """Run an operation as a client would, without HTTP; raises AwsError."""
        call = self.call(scope or Scope(ACCOUNT, REGION), new_id(), {})
        answer = self.services[service].call(call, operation, members)
        return answer if isinstance(answer, dict) else await answer

    async def settled(self, event_id: str, patience: float) -> bool:
        """Wait until nothing of this event is running or due now; False when `patience` seconds were not enough."""
        try:
            async with asyncio.timeout(patience):
                while not all(way.settled(self.clock.now()) for way in self.store.journal.ways(event_id)):
                    await self.worker.next_settlement()
        except TimeoutError:
            return False
        return True

    async def settle(self, timeout: float = 5.0, *, advance: bool = False) -> Passage:
        """Wait until nothing is in flight, `timeout` seconds at most; see `Timeline.settle`."""
        return await self.timeline.settle(timeout, advance=advance)

    async def advance(self, seconds: float, timeout: float = 30.0) -> Passage:
        """Move the virtual clock, over everything that is due meanwhile; see `Timeline.advance`."""
        return await self.timeline.advance(seconds, timeout)

    def apply(self, config: Config) -> Applied:
        """Make what the file says, all of it or nothing; again after each reset and restore.  Raises ConfigError."""
        applied = apply(config, self.call(Scope(config.account, config.region), new_id(), {}))
        self._settle_functions()
        self._config = config
        self.neighbours.configure(config.services)
        self.executor.default = self._executor or config.executor
        return applied

    def reset(self, *, keep_rules: bool = False) -> Forgotten:
        """Forget everything and apply the configuration again, or (`keep_rules`) forget all but what was made: buses,
        rules, targets, functions, tags and permissions.  Handlers that run are abandoned: they go on, and nothing of
        theirs is written down; their loaded code stays.  The clock stays where it is."""
        deliveries = self.store.deliveries
        forgotten = Forgotten(deliveries.received(), deliveries.unfinished(), len(self.worker.running()))
        try:
            with self.store.transaction():
                self.store.reset(keep_rules=keep_rules)
                self.publisher.forget()
                if not keep_rules:
                    self._apply_again()
        except BaseException:  # the configuration was refused: everything is as it was
            self.publisher.forget()
            self.schedules.reload()
            raise
        if not keep_rules:
            self.faults.clear()
            self.neighbours.reset()
        self._derive_again()
        if self._loop is not None and self._clearing is None:
            self._clearing = self._loop.call_later(_CLEARING_PAUSE, self._clear_waste)
        return forgotten

    def snapshot(self, name: str) -> Snapshot:
        """Save all of the state under this name, in the place of an older one.  Raises BadName, OSError."""
        return self.snapshots.save(name, self.store)

    def restore(self, name: str) -> Snapshot:
        """Put a saved state into the place of this one and apply the configuration to it, as a start does; what was
        pending in it is delivered.  What runs is abandoned, as by `reset`.

        Raises BadName, NoSnapshot, StateRefused: then nothing has changed.  ConfigError: the state is the snapshot's,
        and the configuration could not be applied to it.
        """
        loaded = self.snapshots.load(name, self.store)
        self.faults.clear()  # a start has none
        self.publisher.forget()
        try:
            self._apply_again()
        finally:
            self._derive_again()
        return loaded

    def _clear_waste(self) -> None:
        """With a pause after each table: nobody is to wait for what was put aside."""
        assert self._loop is not None
        left = self.store.waste.clear_one()
        self._clearing = self._loop.call_later(_CLEARING_PAUSE, self._clear_waste) if left else None

    def _apply_again(self) -> None:
        if self._config is not None:
            self.apply(self._config)

    def _derive_again(self) -> None:
        """The tables are others now: whoever remembers something of them reads again."""
        self.publisher.forget()
        self.invoker.forget()
        self.worker.forget()
        self.schedules.reload()
        self._settle_functions()

    def _settle_functions(self) -> None:
        """What was being made when the state was written is ready, and code that nobody uses any more is removed."""
        with self.store.transaction():
            settle_all(self.store)
            self.packages.keep(self.store.archives.collect())

    def _printed(self, invocation: Invocation, line: str, tell: Callable[[Step], None]) -> None:
        if self.steps.wanted:
            details = {"line": line, "request_id": invocation.request_id}
            tell(Step(Kind.FUNCTION_OUTPUT, self.clock.now(), target=invocation.function.arn, details=details))

    def _reloaded(self, function: str, files: list[str], ms: float) -> None:
        details = {"files": len(files), "ms": ms}
        self.steps.tell(Step(Kind.FUNCTION_RELOADED, self.clock.now(), target=function, details=details))
