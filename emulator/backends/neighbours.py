"""The neighbours: one object for all who call S3, SQS, SNS, DynamoDB, …, or want to hear that something is new there.

Each service is answered by the endpoint that the user has named for it (`services:` in config.yaml), else by moto
inside of this process.  Which of them it is makes no difference to the caller.

    answer = await neighbours.call("sqs", "SendMessage", account, region, {"QueueUrl": url, "MessageBody": "{}"})
    if isinstance(answer, Trouble): ...
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

from emulator.backends.answers import answer_of
from emulator.backends.asked import Asked
from emulator.backends.change import Change, Trouble
from emulator.backends.context import IDLE, WORK
from emulator.backends.embedded import Embedded
from emulator.backends.lanes import Lane
from emulator.backends.moto_modules import INSTALL
from emulator.backends.operations import changes
from emulator.backends.place import Place
from emulator.clock import Clock

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from emulator.backends.clients import Clients

Serves = Literal["embedded", "endpoint", "missing"]
Members = dict[str, Any]

SECONDS = 10.0
"""How long a call may take, its wait for a thread included."""
CONSUMERS = 64
"""So many may wait for messages of a queue at the same time."""
CONNECTIONS = 8
"""So many requests go to one service of an endpoint at the same time."""


class Neighbours:
    """For the event loop's thread, but for `client`.  `url` answers where this server listens."""

    def __init__(self, clock: Clock, url: Callable[[], str]) -> None:
        self.embedded = Embedded(clock.now)
        self.in_flight: dict[object, tuple[str, float]] = {}
        """What may be changing something now: `sqs:SendMessage`, and since when."""
        self._clock = clock
        self._url = url
        self._places: Mapping[str, Place] = {}
        self._lanes: dict[str, Lane] = {}
        self._listeners: list[Callable[[Change], None]] = []
        self._ended: list[asyncio.Future[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """On the running event loop: listeners are called on it."""
        self._loop = asyncio.get_running_loop()

    def configure(self, places: Mapping[str, Place]) -> None:
        """Which services are elsewhere, by name."""
        self._places = dict(places)

    def place(self, service: str) -> Place | None:
        """Where this service is, when it is not embedded."""
        return self._places.get(service)

    def serves(self, service: str) -> Serves:
        """Who answers for this service (`sqs`, as in `boto3.client("sqs")`); `missing`: nobody, see `refusal`."""
        if service in self._places:
            return "endpoint"
        return "embedded" if self.embedded.installed else "missing"

    def refusal(self, service: str) -> str | None:
        """A sentence why nobody answers for this service, with the remedy; None when somebody does."""
        if self.serves(service) != "missing":
            return None
        return (
            f"{service} is answered by moto, which is not installed: {INSTALL}"
            f" (or name another endpoint for it: services.{service}.endpoint in config.yaml)."
        )

    def client(self, service: str, account: str, region: str) -> "BaseClient":
        """A client of botocore's, the same for every caller; for any thread but the event loop's: it blocks, to be made
        and with every call.  Only for a service that somebody serves."""
        return self._clients.client(service, account, region, self._places.get(service))

    async def call(
        self,
        service: str,
        operation: str,
        account: str,
        region: str,
        members: Members,
        *,
        trace: str | None = None,
        seconds: float = SECONDS,
    ) -> Members | Trouble:
        """Run an operation (`SendMessage`) and give back what it answers, in AWS's names, or why it came to nothing.

        A neighbour that is down, slow or answers nonsense is a Trouble, after `seconds` at most; it may have done what
        it was asked for all the same.  A body that streams comes as bytes.  `trace` is the X-Ray header to send.
        """
        refusal = self.refusal(service)
        if refusal is not None:
            return Trouble("NotInstalled", refusal)
        with self.working(f"{service}:{operation}", changes(operation)):
            try:
                async with asyncio.timeout(seconds):
                    token = WORK.set(replace(IDLE, trace=trace))
                    try:
                        return await self.lane(service, operation).run(
                            lambda: self._called(service, operation, account, region, members)
                        )
                    finally:
                        WORK.reset(token)
            except TimeoutError:
                return Trouble("Timeout", f"{service} did not answer {operation} within {seconds:g} s.")

    def listen(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """`callback` is called on the event loop's thread after every request that may have changed something, a call
        of ours or a client's; returns what ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def tell(self, change: Change) -> None:
        """On the event loop's thread."""
        for listener in list(self._listeners):
            listener(change)

    def lane(self, service: str, operation: str) -> Lane:
        """The threads on which requests of this kind wait and work: consumers who wait for messages keep nobody
        else."""
        elsewhere = service in self._places
        waits = operation == "ReceiveMessage"
        key = f"{service}{' elsewhere' * elsewhere}{' consumers' * waits}"
        lane = self._lanes.get(key)
        if lane is None:
            threads = CONSUMERS if waits else CONNECTIONS if elsewhere else 1
            lane = self._lanes[key] = Lane(f"ebl {key}", threads)
        return lane

    @contextmanager
    def working(self, what: str, changing: bool) -> Iterator[None]:
        """In flight meanwhile, unless it only reads."""
        if not changing:
            yield
            return
        key = object()
        self.in_flight[key] = what, self._clock.now()
        try:
            yield
        finally:
            del self.in_flight[key]
            ended, self._ended = self._ended, []
            for future in ended:
                if not future.done():
                    future.set_result(None)

    async def next_end(self) -> None:
        """Returns when something that was in flight has ended."""
        future = asyncio.get_running_loop().create_future()
        self._ended.append(future)
        await future

    def reset(self) -> None:
        """Forget what the embedded services hold; endpoints are the user's own."""
        self.embedded.reset()

    def close(self) -> None:
        for lane in self._lanes.values():
            lane.close()

    @cached_property
    def _clients(self) -> "Clients":
        from emulator.backends.clients import Clients

        return Clients(partial(answer_of, self.embedded), self._url, self._told)

    def _called(self, service: str, operation: str, account: str, region: str, members: Members) -> Members | Trouble:
        from emulator.backends.clients import called

        return called(partial(self.client, service, account, region), operation, members)

    def _told(self, asked: Asked, trace: str | None) -> None:
        """On any thread."""
        if self._loop is not None and not self._loop.is_closed() and changes(asked.operation):
            change = Change(asked.service, asked.operation, asked.account, asked.region, trace)
            self._loop.call_soon_threadsafe(self.tell, change)
