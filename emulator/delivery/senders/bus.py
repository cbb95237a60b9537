"""Deliver to another event bus: of the same account, of another one, or in another region.

Recorded on AWS, September 2026: within a region the whole envelope stays; another region gives a new id and time,
account and region stay those of the origin.  A bus that does not exist takes the event, and nobody sees it again (here
one does: the event is in the journal as one for an unknown bus).  Nothing is retried.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from emulator.arn import Arn
from emulator.clock import Clock, iso_seconds
from emulator.delivery.access import guard_of
from emulator.delivery.publish import Event
from emulator.delivery.refusals import denied, refused
from emulator.delivery.result import By, Result, Status
from emulator.delivery.retry import RetryPolicy, of_target
from emulator.delivery.senders import Report
from emulator.ids import new_id
from emulator.matching import parse_event
from emulator.store.buses import BusKey
from emulator.store.database import Store
from emulator.store.deliveries import Delivery
from emulator.store.forwards import Hops

MAX_HOPS = Hops(local=1, regional=2)
"""Recorded on AWS, September 2026: a second hop within a region fails, inside of one account too; two hops from region
to region are allowed, and a third fails.  Each kind has its own allowance."""


class BusSender:
    """`publish` is the publisher's: it is made after this."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.publish: Callable[[Sequence[Event]], None]
        self._batch: list[tuple[Delivery, Report]] = []

    def send(self, delivery: Delivery, report: Report) -> None:
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._flush)
        self._batch.append((delivery, report))

    def policy(self, delivery: Delivery) -> RetryPolicy:
        return of_target({"RetryPolicy": {"MaximumRetryAttempts": 0}})

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        forwarded = [self._forwarded(delivery) for delivery, _ in batch]
        events = [event for event in forwarded if isinstance(event, Event)]
        if events:
            self.publish(events)
        for (delivery, report), event in zip(batch, forwarded, strict=True):
            report(delivery, event if isinstance(event, Result) else Result(Status.SUCCESS, by=By.EVENTBRIDGE))

    def _forwarded(self, delivery: Delivery) -> Event | Result:
        """The event as the other bus gets it, or why it does not."""
        bus = _bus(delivery.target_arn)
        envelope: dict[str, Any] = parse_event(delivery.payload)
        hops = self._store.forwards.of(delivery.received)
        if bus.region == delivery.region:
            if hops.local >= MAX_HOPS.local:
                return refused("THIRD_ACCOUNT_HOP_DETECTED", "The event has already been sent from one bus to another.")
            hops = hops._replace(local=hops.local + 1)
        elif hops.regional >= MAX_HOPS.regional:
            return refused("THIRD_REGION_HOP_DETECTED", "The event has already been sent from region to region twice.")
        else:
            hops = hops._replace(regional=hops.regional + 1)
            envelope |= {"id": new_id(), "time": iso_seconds(self._clock.now())}
        guard = guard_of(self._store, delivery.account, bus)
        if guard is not None and guard.refuses(envelope["source"], envelope["detail-type"], forwarded=True):
            return denied(delivery.target_arn)
        return Event(bus, envelope, self._clock.now(), delivery.trace, hops=hops)


def _bus(target_arn: str) -> BusKey:
    arn = Arn.parse(target_arn)
    assert arn is not None, "chosen by its ARN"
    return BusKey(arn.account, arn.region, arn.resource.removeprefix("event-bus/"))
