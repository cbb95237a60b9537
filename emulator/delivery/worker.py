"""The loop that delivers: claims what is due, hands it to its sender, and writes down what came of it.

Runs on the event loop's thread and never blocks it.  Work is taken and settled in batches: everything that happened
since the last turn of the loop is one transaction.
"""

import asyncio
import heapq
import logging
import random
from collections.abc import Callable, Mapping, Sequence

from emulator.clock import Clock
from emulator.delivery.aftermath import Aftermath
from emulator.delivery.ended import Ended, attempt_of, ended_of, state_of
from emulator.delivery.faults import Fault, Faults
from emulator.delivery.lanes import MAX_HELD, Lane, Lanes
from emulator.delivery.refusals import refused
from emulator.delivery.result import By, Result, Status
from emulator.delivery.retry import PERMANENT, Decision, Done, GiveUp, RetryPolicy, decide
from emulator.delivery.senders import Report, Sender, Senders
from emulator.delivery.signal import Signal
from emulator.delivery.steps import Steps
from emulator.delivery.telling import Telling
from emulator.delivery.trace import functions_before
from emulator.store.database import Store
from emulator.store.deliveries import FAILED, PENDING, Delivery, Settled
from emulator.store.letters import Letter

logger = logging.getLogger(__name__)

MAX_RUNNING = 1_000
"""Deliveries that senders have at once."""
MAX_DEPTH = 16
"""Functions that one event may pass, each putting the next event: about where AWS's own loop detection stops."""


class Worker:
    """What is pending in the store is in exactly one of three places here: running, in its target's lane (ready to run,
    or not read yet), or later (due in the future).  All of it is derived: a new process reads the store.

    `max_depth` ends a chain of functions that cause each other, unless the next one `allows_loops` (by its ARN).
    """

    def __init__(
        self, store: Store, clock: Clock, senders: Senders, steps: Steps,
        aftermath: Aftermath | None = None, faults: Faults | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._senders = senders
        self._steps = steps
        self._telling = Telling(steps, clock)
        self._aftermath = aftermath
        self._faults = faults or Faults()
        self.max_depth = MAX_DEPTH
        self.allows_loops: Callable[[str], bool] = lambda target_arn: False
        self._dice = random.Random(0)  # a run can be repeated: its jitter is the same
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: dict[int, float] = {}
        self._lanes = Lanes(self._fill)
        self._later: list[tuple[float, int]] = []
        self._late: dict[int, Fault] = {}
        self._ended: list[Ended] = []
        self._again = 0  # how many targets have something a second time, whose result does not count
        self._pump_soon = self._settle_soon = False
        self._timer: asyncio.TimerHandle | None = None
        self._settled = Signal()
        self._report = self._reporter()
        self._report_again = self._second_reporter()

    def start(self) -> None:
        """On the running event loop; deliveries that a previous process left unfinished are taken up again."""
        self._loop = asyncio.get_running_loop()
        self._read()
        self.wake()

    def stop(self) -> None:
        """Begin nothing more.  What is running may still report; what is pending stays in the store."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop = None

    def forget(self) -> None:
        """The store was emptied or replaced: what runs is abandoned (its end is not written down), and what is pending
        is read again."""
        self._running = {}
        self._report = self._reporter()
        self._again, self._report_again = 0, self._second_reporter()
        self._ended.clear()
        self._late.clear()
        self._read()
        self.wake()
        self._settled.give()

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        """These have just been stored: run them.  What has no room in its lane is read from the store later."""
        self._lanes.offer(deliveries)
        self.wake()

    def wake(self) -> None:
        """Something may be due."""
        if self._loop is not None and not self._pump_soon:
            self._pump_soon = True
            self._loop.call_soon(self._pump)

    def enqueue(
        self, account: str, region: str, target_arn: str, payload: str, request_id: str, trace: str | None
    ) -> None:
        """Put `payload` into a function's own queue, without any event: an asynchronous invocation."""
        now = self._clock.now()
        delivery = Delivery(
            id=self._store.deliveries.new_delivery(), received=None, account=account, region=region, bus="",
            event_id=request_id, rule="", target_id="", target_arn=target_arn, payload=payload, problem=None,
            trace=trace, request_id=request_id, attempts=0, created=now, due=now, taken=now,
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
        while self._running or self._ended or self._again:
            await self.next_settlement()

    def busy(self) -> bool:
        """Is anything running, due, or not yet written down?"""
        if self._running or self._ended or self._again or self._lanes.waiting():
            return True
        return bool(self._later) and self._later[0][0] <= self._clock.now()

    def running(self) -> Mapping[int, float]:
        """The numbers of the deliveries that a sender has now, and since when."""
        return self._running

    def later(self) -> Sequence[tuple[float, int]]:
        """When, and the number, of each delivery that waits for its next attempt; the earliest first, the others not
        in order."""
        return self._later

    def lanes(self) -> list[Lane]:
        """What is ready or running, by target."""
        return self._lanes.all()

    def _read(self) -> None:
        """What is pending, as the store has it."""
        now = self._clock.now()
        self._later = self._store.deliveries.later(now)
        heapq.heapify(self._later)
        self._lanes = Lanes(self._fill)
        for target in self._store.deliveries.due_targets(now):
            self._lanes.unread(target)

    def _pump(self) -> None:
        self._pump_soon = False
        if self._loop is None:
            return
        now = self._clock.now()
        self._take_what_is_due(now)
        shuffled: list[Delivery] = []
        while len(self._running) < MAX_RUNNING and (delivery := self._lanes.next()) is not None:
            self._running[delivery.id] = now
            fault = self._strike(delivery) if self._faults.active or self._late else None
            if fault is None:
                self._begin(delivery, now)
            elif fault.reorder:
                shuffled.append(delivery)
            else:
                self._begin_badly(delivery, fault, now)
        self._dice.shuffle(shuffled)
        for delivery in shuffled:
            self._begin(delivery, now)
        self._sleep_until_due()
        if not self.busy():
            self._settled.give()

    def _take_what_is_due(self, now: float) -> None:
        due = []
        while self._later and self._later[0][0] <= now:
            due.append(heapq.heappop(self._later)[1])
        if due:
            self._lanes.put_back(self._store.deliveries.get(due))

    def _fill(self, lane: Lane) -> None:
        """Read what the store has for a lane that has run empty."""
        assert lane.unread is not None
        backlog = self._store.deliveries.pending(lane.target, lane.unread, self._clock.now(), MAX_HELD)
        lane.held.extend(delivery for delivery in backlog if delivery.id not in self._running)
        lane.unread = backlog[-1].id if len(backlog) == MAX_HELD else None

    def _begin(self, delivery: Delivery, now: float) -> None:
        if self._steps.wanted:
            self._telling.start(delivery, now)
        if delivery.problem is not None:
            self._report(delivery, refused(delivery.problem, "Invalid input for target."))
            return
        sender = self._senders.sender(delivery.target_arn)
        if sender is None:
            refusal = self._senders.refusal(delivery.target_arn) or ""
            self._report(delivery, refused("NO_RESOURCE", refusal))
        elif delivery.trace and self._is_loop(delivery.trace, delivery.target_arn):
            self._report(delivery, self._looped(delivery.trace))
        else:
            self._send(sender, delivery)

    def _send(self, sender: Sender, delivery: Delivery) -> None:
        try:
            sender.send(delivery, self._report)
        except Exception as error:  # a sender never raises: this is our own mistake, and must not stop the others
            logger.exception("the sender of %s failed", delivery.target_arn)
            if delivery.id in self._running:
                self._report(delivery, refused("INTERNAL_FAILURE", f"{type(error).__name__}: {error}"))

    def _is_loop(self, trace: str, target_arn: str) -> bool:
        return functions_before(trace) >= self.max_depth and not self.allows_loops(target_arn)

    def _looped(self, trace: str) -> Result:
        text = (
            f"{functions_before(trace)} functions have caused each other, one event after the other: this looks like a"
            f" loop, and it ends here. Where it is none, set max_depth (now {self.max_depth}) in config.yaml, or"
            " RecursiveLoop to Allow (PutFunctionRecursionConfig)."
        )
        return refused("LOOP_DETECTED", text)

    def _strike(self, delivery: Delivery) -> Fault | None:
        """What is to go wrong with this attempt; one that has been late already is not late again."""
        fault = self._late.pop(delivery.id, None)
        if fault is not None:
            return fault if fault.fails or fault.duplicate else None
        fault = self._faults.on(delivery)
        if fault is None or not fault.latency:
            return fault
        self._late[delivery.id] = fault
        return fault

    def _begin_badly(self, delivery: Delivery, fault: Fault, now: float) -> None:
        if delivery.id in self._late:
            del self._running[delivery.id]
            self._lanes.ended(delivery.target_arn)
            heapq.heappush(self._later, (now + fault.latency, delivery.id))
        elif fault.fails:
            if self._steps.wanted:
                self._telling.start(delivery, now)
            self._report(delivery, fault.result(delivery.target_arn, delivery.request_id))
        else:
            self._begin(delivery, now)
            sender = self._senders.sender(delivery.target_arn)
            if fault.duplicate and sender is not None and delivery.problem is None:
                self._again += 1
                sender.send(delivery, self._report_again)

    def _reporter(self) -> Report:
        """Takes the results of what is begun from now on; `forget` makes it deaf."""
        running = self._running

        def report(delivery: Delivery, result: Result) -> None:
            if running is not self._running:
                return
            started = running.pop(delivery.id)
            self._lanes.ended(delivery.target_arn)
            self._ended.append(ended_of(delivery, started, self._clock.now(), result))
            if not self._settle_soon:
                self._settle_soon = True
                asyncio.get_running_loop().call_soon(self._settle)

        return report

    def _second_reporter(self) -> Report:
        """Takes the results of what targets have a second time; `forget` makes it deaf, too."""
        running = self._running

        def report(delivery: Delivery, result: Result) -> None:
            if running is self._running:
                self._again -= 1
                self._settled.give()

        return report

    def _settle(self) -> None:
        self._settle_soon = False
        batch, self._ended = self._ended, []
        decided = [(ended, self._decide(ended)) for ended in batch]
        settled = [state_of(ended, decision) for ended, decision in decided]
        sent = self._write(decided, settled)
        for row in settled:
            if row.state == PENDING:
                heapq.heappush(self._later, (row.due, row.id))
        if self._steps.wanted:
            for ended, decision in decided:
                self._telling.end(ended, decision, self._retries(ended))
                for letter in sent.get(ended.delivery.id, ()):
                    self._telling.letter(ended.delivery, letter)
        self.wake()
        self._settled.give()

    def _write(self, decided: Sequence[tuple[Ended, Decision]], settled: Sequence[Settled]) -> dict[int, list[Letter]]:
        """In one transaction; what was sent on, by delivery.  One row that cannot be written must not lose the others
        (or itself: it would be pending, and nobody would have it): then each is written alone."""
        sent: dict[int, list[Letter]] = {}
        try:
            with self._store.transaction():
                self._store.deliveries.settle(settled, [attempt_of(ended) for ended, _ in decided])
                if self._aftermath is not None:
                    for ended, decision in decided:
                        if isinstance(decision, GiveUp) or (ended.result.on_success and isinstance(decision, Done)):
                            sent[ended.delivery.id] = self._aftermath.after(ended, decision)
        except Exception:
            logger.exception("what came of %d deliveries could not be written", len(decided))
            if len(decided) == 1:
                with self._store.transaction():
                    self._store.deliveries.settle([settled[0]._replace(state=FAILED)], [])
                return {}
            for pair, row in zip(decided, settled, strict=True):
                sent |= self._write([pair], [row])
        return sent

    def _decide(self, ended: Ended) -> Decision:
        result = ended.result
        if result.status is Status.SUCCESS:
            return Done()
        policy = self._policy(ended)
        if policy is None:
            return GiveUp(PERMANENT)
        # Dice are thrown for EventBridge's retries alone.
        chance = self._dice.random() if policy.jitter else 0.0
        return decide(
            policy, attempt=ended.attempt, created=ended.accepted, result=result, now=ended.ended, chance=chance
        )

    def _policy(self, ended: Ended) -> RetryPolicy | None:
        if ended.result.by is By.EVENTBRIDGE and self._aftermath is not None:
            return self._aftermath.policy(ended.delivery)
        sender = self._senders.sender(ended.delivery.target_arn)
        return None if sender is None else sender.policy(ended.delivery)

    def _retries(self, ended: Ended) -> int:
        policy = None if ended.result.status is Status.SUCCESS else self._policy(ended)
        return 0 if policy is None else policy.attempts - 1

    def _sleep_until_due(self) -> None:
        """Wake up by myself when the next retry is due; whoever moves a virtual clock wakes me."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is not None and self._later and not self._clock.virtual:
            wait = max(self._later[0][0] - self._clock.now(), 0)
            self._timer = self._loop.call_later(wait, self.wake)
