"""The loop that delivers: claims what is due, hands it to its sender, and writes down what came of it.

Runs on the event loop's thread and never blocks it.  Work is taken and settled in batches: everything that happened
since the last turn of the loop is one transaction.
"""

import asyncio
import logging
from dataclasses import dataclass

from emulator.clock import Clock
from emulator.delivery.result import Result, Status
from emulator.delivery.retry import Decision, Done, GiveUp, Retry, decide
from emulator.delivery.senders import Senders
from emulator.delivery.steps import Kind, Step, Steps
from emulator.store.database import Store
from emulator.store.deliveries import DELIVERED, FAILED, PENDING, Attempt, Delivery, NewDelivery

logger = logging.getLogger(__name__)

# How many deliveries may be running at once; the rest wait in the store.
MAX_RUNNING = 1_000
# The journal is trimmed after this many settled deliveries, so that the cost is spread.
_TRIM_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class _Ended:
    delivery: Delivery
    started: float
    ended: float
    result: Result


class Worker:
    def __init__(self, store: Store, clock: Clock, senders: Senders, steps: Steps) -> None:
        self._store = store
        self._clock = clock
        self._senders = senders
        self._steps = steps
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: dict[int, float] = {}
        self._ended: list[_Ended] = []
        self._pump_soon = self._settle_soon = False
        self._timer: asyncio.TimerHandle | None = None
        self._settled = 0
        self._watchers: list[asyncio.Future[None]] = []

    def start(self) -> None:
        """On the running event loop; deliveries that a previous process left unfinished are taken up again."""
        self._loop = asyncio.get_running_loop()
        self._store.deliveries.requeue_running()
        self.wake()

    def stop(self) -> None:
        """Claim nothing more.  What is running may still report; what is pending stays in the store."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop = None

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
        with self._store.transaction():
            self._store.deliveries.enqueue(
                [
                    NewDelivery(
                        received=None, account=account, region=region, bus="", event_id=request_id, rule="",
                        target_id="", target_arn=target_arn, payload=payload, problem=None, trace=trace,
                        request_id=request_id, created=now, due=now,
                    )
                ]
            )  # fmt: skip
        self.wake()

    async def next_settlement(self) -> None:
        """Returns when the next batch of attempts has been written down."""
        future = asyncio.get_running_loop().create_future()
        self._watchers.append(future)
        await future

    async def idle(self) -> None:
        """Returns when nothing is running and nothing is due now (a retry in the future does not count)."""
        while self._busy():
            await self.next_settlement()

    async def drained(self) -> None:
        """Returns when nothing is running any more, whatever is due."""
        while self._running or self._ended:
            await self.next_settlement()

    def _busy(self) -> bool:
        due = self._store.deliveries.next_due()
        return bool(self._running or self._ended) or (due is not None and due <= self._clock.now())

    def _pump(self) -> None:
        self._pump_soon = False
        room = MAX_RUNNING - len(self._running)
        if self._loop is None or room <= 0:
            return
        now = self._clock.now()
        with self._store.transaction():
            claimed = self._store.deliveries.claim_due(now, room)
        for delivery in claimed:
            self._running[delivery.id] = now
            self._begin(delivery, now)
        self._sleep_until_due()

    def _begin(self, delivery: Delivery, now: float) -> None:
        if self._steps.wanted:
            self._tell(Kind.INVOCATION_ATTEMPT_START, delivery, now)
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
        self._ended.append(_Ended(delivery, started, self._clock.now(), result))
        if not self._settle_soon:
            self._settle_soon = True
            asyncio.get_running_loop().call_soon(self._settle)

    def _settle(self) -> None:
        self._settle_soon = False
        batch, self._ended = self._ended, []
        decided = [(ended, self._decide(ended)) for ended in batch]
        with self._store.transaction():
            self._store.deliveries.settle([_state(e, d) for e, d in decided], [_attempt(e) for e in batch])
            self._settled += len(batch)
            if self._settled >= _TRIM_EVERY:
                self._settled = 0
                self._store.deliveries.trim()
        if self._steps.wanted:
            for ended, decision in decided:
                self._tell_end(ended, decision)
        self.wake()
        watchers, self._watchers = self._watchers, []
        for future in watchers:
            if not future.done():  # whoever waited may have given up
                future.set_result(None)

    def _decide(self, ended: _Ended) -> Decision:
        delivery, result = ended.delivery, ended.result
        sender = self._senders.sender(delivery.target_arn)
        if result.status is Status.SUCCESS or sender is None:
            return Done() if result.status is Status.SUCCESS else GiveUp("PermanentFailure")
        return decide(
            sender.policy(delivery),
            attempt=delivery.attempt, created=delivery.created, result=result, now=ended.ended,
        )  # fmt: skip

    def _sleep_until_due(self) -> None:
        """Wake up by myself when the next retry is due (on the real clock; a virtual one is moved from outside)."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._store.deliveries.next_due()
        if due is None or self._loop is None or len(self._running) >= MAX_RUNNING:
            return
        wait = due - self._clock.now()
        if wait <= 0:
            self.wake()
        else:
            self._timer = self._loop.call_later(wait, self.wake)

    def _tell(self, kind: Kind, delivery: Delivery, at: float, **details: object) -> None:
        self._steps.tell(
            Step(
                kind, at, delivery.bus, delivery.event_id, delivery.rule, delivery.target_arn, delivery.attempt, details
            )
        )

    def _tell_end(self, ended: _Ended, decision: Decision) -> None:
        delivery, result = ended.delivery, ended.result
        match decision:
            case Done():
                self._tell(Kind.INVOCATION_ATTEMPT_SUCCESS, delivery, ended.ended, result=result)
            case Retry(at):
                sender = self._senders.sender(delivery.target_arn)
                attempts = sender.policy(delivery).attempts if sender else 1
                self._tell(
                    Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE, delivery, ended.ended,
                    result=result, retry_at=at, retries=attempts - 1,
                )  # fmt: skip
            case GiveUp(condition):
                self._tell(
                    Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE, delivery, ended.ended, result=result, condition=condition
                )


def _state(ended: _Ended, decision: Decision) -> tuple[str, float, int]:
    match decision:
        case Done():
            return DELIVERED, ended.ended, ended.delivery.id
        case Retry(at):
            return PENDING, at, ended.delivery.id
        case GiveUp():
            return FAILED, ended.ended, ended.delivery.id


def _attempt(ended: _Ended) -> Attempt:
    delivery, result = ended.delivery, ended.result
    return Attempt(
        delivery.id, delivery.account, delivery.region, delivery.target_arn, delivery.attempt, delivery.request_id,
        ended.started, ended.ended, result.status.value, result.error_type, result.error_message, result.payload,
        result.log,
    )  # fmt: skip
