"""The loop that delivers: claims what is due, hands it to its sender, and writes down what came of it.

Runs on the event loop's thread and never blocks it.  Work is taken and settled in batches: everything that happened
since the last turn of the loop is one transaction.
"""

import asyncio
import heapq
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from emulator.clock import Clock
from emulator.delivery.result import Result, Status
from emulator.delivery.retry import Decision, Done, GiveUp, Retry, decide
from emulator.delivery.senders import Senders
from emulator.delivery.signal import Signal
from emulator.delivery.steps import Kind, Step, Steps
from emulator.store.database import Store
from emulator.store.deliveries import DELIVERED, FAILED, PENDING, Attempt, Delivery, Settled

logger = logging.getLogger(__name__)

# How many deliveries may be running at once, and how many more are held in memory; the rest wait in the store.
MAX_RUNNING = 1_000
MAX_HELD = 10_000
# `.value` of an enumeration is a call, and this is asked for every attempt.
_WORD = {status: status.value for status in Status}


class _Ended(NamedTuple):
    delivery: Delivery
    attempt: int
    started: float
    ended: float
    result: Result


class Worker:
    """What is pending in the store is in exactly one of four places here: running, held (ready to run), later (due in
    the future), or, numbered above `_unread`, not read yet.  All of it is derived: a new process reads the store."""

    def __init__(self, store: Store, clock: Clock, senders: Senders, steps: Steps) -> None:
        self._store = store
        self._clock = clock
        self._senders = senders
        self._steps = steps
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: dict[int, float] = {}
        self._held: deque[Delivery] = deque()
        self._later: list[tuple[float, int]] = []
        self._unread: int | None = 0
        self._ended: list[_Ended] = []
        self._pump_soon = self._settle_soon = False
        self._timer: asyncio.TimerHandle | None = None
        self._settled = Signal()

    def start(self) -> None:
        """On the running event loop; deliveries that a previous process left unfinished are taken up again."""
        self._loop = asyncio.get_running_loop()
        self._later = self._store.deliveries.later(self._clock.now())
        heapq.heapify(self._later)
        self.wake()

    def stop(self) -> None:
        """Begin nothing more.  What is running may still report; what is pending stays in the store."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop = None

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        """These have just been stored: run them.  Beyond MAX_HELD they are read from the store when there is room."""
        if self._unread is None:
            if len(self._held) < MAX_HELD:
                self._held.extend(deliveries)
            else:
                self._unread = deliveries[0].id - 1
        self.wake()

    def wake(self) -> None:
        """Something may be due."""
        if self._loop is not None and not self._pump_soon:
            self._pump_soon = True
            self._loop.call_soon(self._pump)

    def enqueue(
        self, account: str, region: str, target_arn: str, payload: str, request_id: str, trace: str | None
    ) -> None:
        """Hand `payload` to a target without any event: an asynchronous invocation."""
        now = self._clock.now()
        delivery = Delivery(
            id=self._store.deliveries.new_delivery(), received=None, account=account, region=region, bus="",
            event_id=request_id, rule="", target_id="", target_arn=target_arn, payload=payload, problem=None,
            trace=trace, request_id=request_id, attempts=0, created=now, due=now,
        )  # fmt: skip
        with self._store.transaction():
            self._store.deliveries.add([], [delivery])
        self.offer([delivery])

    async def next_settlement(self) -> None:
        """Returns when the next batch of attempts has been written down, or when there is nothing to do."""
        await self._settled.wait()

    async def idle(self) -> None:
        """Returns when nothing is running and nothing is due now (a retry in the future does not count)."""
        while self.busy():
            await self.next_settlement()

    async def drained(self) -> None:
        """Returns when nothing is running any more, whatever is due."""
        while self._running or self._ended:
            await self.next_settlement()

    def busy(self) -> bool:
        """Is anything running, due, or not yet written down?"""
        if self._running or self._ended or self._held or self._unread is not None:
            return True
        return bool(self._later) and self._later[0][0] <= self._clock.now()

    def running(self) -> Mapping[int, float]:
        """The numbers of the deliveries that a sender has now, and since when."""
        return self._running

    def later(self) -> Sequence[tuple[float, int]]:
        """When, and the number, of each delivery that waits for its next attempt; the earliest first, the others not
        in order."""
        return self._later

    def _pump(self) -> None:
        self._pump_soon = False
        if self._loop is None:
            return
        now = self._clock.now()
        self._read_what_is_due(now)
        while self._held and len(self._running) < MAX_RUNNING:
            delivery = self._held.popleft()
            self._running[delivery.id] = now
            self._begin(delivery, now)
        self._sleep_until_due()
        if not self.busy():
            self._settled.give()

    def _read_what_is_due(self, now: float) -> None:
        due = []
        while self._later and self._later[0][0] <= now:
            due.append(heapq.heappop(self._later)[1])
        if due:
            self._held.extend(self._store.deliveries.get(due))
        if self._unread is not None and not self._held:
            backlog = self._store.deliveries.pending(self._unread, now, MAX_HELD)
            self._held.extend(delivery for delivery in backlog if delivery.id not in self._running)
            self._unread = backlog[-1].id if len(backlog) == MAX_HELD else None

    def _begin(self, delivery: Delivery, now: float) -> None:
        if self._steps.wanted:
            self._tell(Kind.INVOCATION_ATTEMPT_START, delivery, delivery.attempts + 1, now)
        if delivery.problem is not None:
            self._report(delivery, Result(Status.PERMANENT, error_type=delivery.problem))
            return
        sender = self._senders.sender(delivery.target_arn)
        if sender is None:
            message = self._senders.refusal(delivery.target_arn)
            self._report(delivery, Result(Status.PERMANENT, error_type="NO_RESOURCE", error_message=message))
            return
        sender.send(delivery, self._report)

    def _report(self, delivery: Delivery, result: Result) -> None:
        started = self._running.pop(delivery.id)
        self._ended.append(_Ended(delivery, delivery.attempts + 1, started, self._clock.now(), result))
        if not self._settle_soon:
            self._settle_soon = True
            asyncio.get_running_loop().call_soon(self._settle)

    def _settle(self) -> None:
        self._settle_soon = False
        batch, self._ended = self._ended, []
        decided = [(ended, self._decide(ended)) for ended in batch]
        settled = [_state(ended, decision) for ended, decision in decided]
        with self._store.transaction():
            self._store.deliveries.settle(settled, [_attempt(ended) for ended in batch])
        for row in settled:
            if row.state == PENDING:
                heapq.heappush(self._later, (row.due, row.id))
        if self._steps.wanted:
            for ended, decision in decided:
                self._tell_end(ended, decision)
        self.wake()
        self._settled.give()

    def _decide(self, ended: _Ended) -> Decision:
        delivery, result = ended.delivery, ended.result
        sender = self._senders.sender(delivery.target_arn)
        if result.status is Status.SUCCESS or sender is None:
            return Done() if result.status is Status.SUCCESS else GiveUp("PermanentFailure")
        return decide(
            sender.policy(delivery),
            attempt=ended.attempt, created=delivery.created, result=result, now=ended.ended,
        )  # fmt: skip

    def _sleep_until_due(self) -> None:
        """Wake up by myself when the next retry is due; whoever moves a virtual clock wakes me."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is not None and self._later and not self._clock.virtual:
            wait = max(self._later[0][0] - self._clock.now(), 0)
            self._timer = self._loop.call_later(wait, self.wake)

    def _tell(self, kind: Kind, delivery: Delivery, attempt: int, at: float, **details: object) -> None:
        self._steps.tell(
            Step(kind, at, delivery.bus, delivery.event_id, delivery.rule, delivery.target_arn, attempt, details)
        )

    def _tell_end(self, ended: _Ended, decision: Decision) -> None:
        delivery, result = ended.delivery, ended.result
        details: dict[str, object] = {"result": result}
        match decision:
            case Done():
                kind = Kind.INVOCATION_ATTEMPT_SUCCESS
            case Retry(at):
                kind = Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE
                sender = self._senders.sender(delivery.target_arn)
                retries = sender.policy(delivery).attempts - 1 if sender is not None else 0
                details |= {"retry_at": at, "retries": retries, "virtual": self._clock.virtual}
            case GiveUp(condition):
                kind = Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE
                details["condition"] = condition
        self._tell(kind, delivery, ended.attempt, ended.ended, **details)


def _state(ended: _Ended, decision: Decision) -> Settled:
    match decision:
        case Done():
            return Settled(ended.delivery.id, DELIVERED, ended.attempt, ended.ended)
        case Retry(at):
            return Settled(ended.delivery.id, PENDING, ended.attempt, at)
        case GiveUp():
            return Settled(ended.delivery.id, FAILED, ended.attempt, ended.ended)


def _attempt(ended: _Ended) -> Attempt:
    delivery, result = ended.delivery, ended.result
    return Attempt(
        delivery.id, delivery.account, delivery.region, delivery.target_arn, ended.attempt, delivery.request_id,
        ended.started, ended.ended, _WORD[result.status], result.error_type, result.error_message, result.payload,
        result.log, result.where,
    )  # fmt: skip
