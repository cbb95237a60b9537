"""The loop that delivers: claims what is due, hands it to its sender, and writes down what came of it.

Runs on the event loop's thread and never blocks it.  Work is taken and settled in batches: everything that happened
since the last turn of the loop is one transaction.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from emulator.clock import Clock
from emulator.delivery.accidents import Accidents
from emulator.delivery.aftermath import Aftermath
from emulator.delivery.backlog import Backlog
from emulator.delivery.ended import Ended, ended_of
from emulator.delivery.expiry import Expiry
from emulator.delivery.faults import Fault, Faults
from emulator.delivery.lanes import MAX_HELD, MAX_OF_FUNCTIONS, MAX_OF_OTHERS, Lane, Lanes
from emulator.delivery.later import Later
from emulator.delivery.ledger import Ledger
from emulator.delivery.policies import Policies
from emulator.delivery.refusals import refused
from emulator.delivery.result import By, Result
from emulator.delivery.senders import Report, Sender, Senders
from emulator.delivery.signal import Signal
from emulator.delivery.steps import Steps
from emulator.delivery.telling import Telling
from emulator.delivery.trace import functions_before
from emulator.store.database import Store
from emulator.store.deliveries import PENDING, Delivery, Settled

logger = logging.getLogger(__name__)

MAX_RUNNING = MAX_OF_FUNCTIONS + MAX_OF_OTHERS
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
        policies = Policies(senders, aftermath)
        self.expiry = Expiry(store, policies)
        self.backlog = Backlog(self.lanes, clock, steps)
        self._ledger = Ledger(store, clock, policies, self.expiry, aftermath, steps)
        self.accidents = Accidents(faults or Faults())
        self.max_depth = MAX_DEPTH
        self.allows_loops: Callable[[str], bool] = lambda target_arn: False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: dict[int, float] = {}
        self._now = 0.0
        self._lanes = Lanes(self._fill)
        self._later = Later(clock, self.wake)
        self._put_off: list[Settled] = []
        self._ended: list[Ended] = []
        self._pump_soon = self._settle_soon = False
        self._settled = Signal()
        self._report = self._reporter()

    def start(self) -> None:
        """On the running event loop; deliveries that a previous process left unfinished are taken up again."""
        self._loop = asyncio.get_running_loop()
        self._read()
        self.wake()

    def stop(self) -> None:
        """Begin nothing more.  What is running may still report; what is pending stays in the store."""
        self._later.stop()
        self.backlog.stop()
        self._loop = None

    def forget(self) -> None:
        """The store was emptied or replaced: what runs is abandoned (its end is not written down), and what is pending
        is read again."""
        self._running = {}
        self._report = self._reporter()
        self._ended.clear()
        self.accidents.forget()
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
        while self._running or self._ended or self.accidents.copies:
            await self.next_settlement()

    def busy(self) -> bool:
        """Is anything running, due, or not yet written down?"""
        if self._running or self._ended or self.accidents.copies or self._lanes.waiting():
            return True
        return self._later.is_due(self._clock.now())

    def running(self) -> Mapping[int, float]:
        """The numbers of the deliveries that a sender has now, and since when."""
        return self._running

    def later(self) -> Sequence[tuple[float, int]]:
        """When, and the number, of each delivery that waits for its next attempt; the earliest first, the others not
        in order."""
        return self._later.all()

    def lanes(self) -> list[Lane]:
        """What is ready or running, by target."""
        return self._lanes.all()

    def _read(self) -> None:
        """What is pending, as the store has it."""
        now = self._clock.now()
        self._later.replace(self._store.deliveries.later(now))
        self._lanes = Lanes(self._fill)
        self._lanes.unread(self._store.deliveries.due_targets(now))

    def _pump(self) -> None:
        self._pump_soon = False
        if self._loop is None:
            return
        now = self._now = self._clock.now()
        self._take_what_is_due(now)
        struck: list[tuple[Delivery, Fault]] = []
        while len(self._running) + len(self._ended) < MAX_RUNNING and (delivery := self._lanes.next()) is not None:
            self._running[delivery.id] = now
            expired = self.expiry.found(delivery, now)
            fault = self.accidents.of(delivery) if self.accidents.possible and expired is None else None
            if expired is not None:
                self.accidents.let_go(delivery.id)
                self._report(delivery, expired)
            elif fault is None:
                self._begin(delivery, now, self._report)
            elif fault.reorder:
                struck.append((delivery, fault))
            else:
                self._begin_badly(delivery, fault, now)
        for delivery, fault in self.accidents.shuffled(struck):
            self._begin_badly(delivery, fault, now)
        if self._put_off:
            self._ledger.put_off(self._put_off)
            self._put_off = []
        self._later.sleep()
        if self._lanes.waiting():
            self.backlog.watch()
        elif not self.busy():
            self._settled.give()

    def _take_what_is_due(self, now: float) -> None:
        """All of it, a part after the other: of ten thousand that are due at once, a lane may have no room for most."""
        while due := self._later.take(now, MAX_RUNNING):
            self._lanes.put_back(self._store.deliveries.get(due))

    def _fill(self, lane: Lane) -> None:
        """Read what the store has for a lane that has run empty, and what nobody has yet: it is pending, too, while it
        runs, and until it is written down."""
        assert lane.unread is not None
        backlog = self._store.deliveries.pending(lane.target, lane.unread, self._now, MAX_HELD)
        unwritten = {ended.delivery.id for ended in self._ended if ended.duplicate is None}
        unwritten.update(row.id for row in self._put_off)
        lane.held.extend(
            delivery for delivery in backlog if delivery.id not in self._running and delivery.id not in unwritten
        )
        lane.unread = backlog[-1].id if len(backlog) == MAX_HELD else None

    def _begin(self, delivery: Delivery, now: float, report: Report, duplicate: By | None = None) -> None:
        if self._steps.wanted:
            self._telling.start(delivery, now, duplicate)
        if delivery.problem is not None:
            report(delivery, refused(delivery.problem, "Invalid input for target."))
            return
        sender = self._senders.sender(delivery.target_arn)
        if sender is None:
            refusal = self._senders.refusal(delivery.target_arn) or ""
            report(delivery, refused("NO_RESOURCE", refusal))
        elif delivery.trace and self._is_loop(delivery.trace, delivery.target_arn):
            report(delivery, self._looped(delivery.trace))
        else:
            self._send(sender, delivery, report)

    def _send(self, sender: Sender, delivery: Delivery, report: Report) -> None:
        try:
            sender.send(delivery, report)
        except Exception as error:  # a sender never raises: this is our own mistake, and must not stop the others
            logger.exception("the sender of %s failed", delivery.target_arn)
            report(delivery, refused("INTERNAL_FAILURE", f"{type(error).__name__}: {error}"))

    def _is_loop(self, trace: str, target_arn: str) -> bool:
        return functions_before(trace) >= self.max_depth and not self.allows_loops(target_arn)

    def _looped(self, trace: str) -> Result:
        text = (
            f"{functions_before(trace)} functions have caused each other, one event after the other: this looks like a"
            f" loop, and it ends here. Where it is none, set max_depth (now {self.max_depth}) in config.yaml, or"
            " RecursiveLoop to Allow (PutFunctionRecursionConfig)."
        )
        return refused("LOOP_DETECTED", text)

    def _begin_badly(self, delivery: Delivery, fault: Fault, now: float) -> None:
        if self.accidents.is_late(delivery.id):
            self._put_off_until(now + fault.latency, delivery)
        elif fault.fails:
            if self._steps.wanted:
                self._telling.start(delivery, now)
            self._report(delivery, fault.result(delivery.target_arn, delivery.request_id))
        else:
            self._begin(delivery, now, self._report)
            if fault.duplicate:
                self.accidents.copies += 1
                self._begin(delivery, now, self._reporter_of_copy(fault.by, now), fault.by)

    def _put_off_until(self, at: float, delivery: Delivery) -> None:
        del self._running[delivery.id]
        self._lanes.ended(delivery.target_arn)
        self._later.put(at, delivery.id)
        self._put_off.append(Settled(delivery.id, PENDING, delivery.attempts, at, delivery.taken))

    def _reporter(self) -> Report:
        """Takes the results of what is begun from now on; `forget` makes it deaf."""
        running = self._running

        def report(delivery: Delivery, result: Result) -> None:
            if running is not self._running or delivery.id not in running:
                return
            started = running.pop(delivery.id)
            self._lanes.ended(delivery.target_arn)
            self._end(ended_of(delivery, started, self._clock.now(), result))

        return report

    def _reporter_of_copy(self, duplicate: By, started: float) -> Report:
        """Takes the result of what one target has a second time; `forget` makes it deaf, too."""
        running = self._running
        reported = False

        def report(delivery: Delivery, result: Result) -> None:
            nonlocal reported
            if running is not self._running or reported:
                return
            reported = True
            self.accidents.copies -= 1
            self._end(ended_of(delivery, started, self._clock.now(), result)._replace(duplicate=duplicate))

        return report

    def _end(self, ended: Ended) -> None:
        self._ended.append(ended)
        if not self._settle_soon:
            self._settle_soon = True
            asyncio.get_running_loop().call_soon(self._settle)

    def _settle(self) -> None:
        self._settle_soon = False
        batch, self._ended = self._ended, []
        for at, number in self._ledger.write(batch):
            self._later.put(at, number)
        self.wake()
        self._settled.give()
