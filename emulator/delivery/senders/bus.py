"""Deliver to another event bus: of the same account, of another one, or in another region.

Recorded on AWS, September 2026: within a region the whole envelope stays; another region gives a new id and time,
account and region stay those of the origin.  A bus that does not exist takes the event, and nobody sees it again (here
one does: the event is in the journal as one for an unknown bus).  Nothing is retried.
"""

from collections.abc import Callable, Sequence
from typing import Any

from emulator.arn import Arn
from emulator.clock import Clock, iso_seconds
from emulator.delivery.access import guard_of
from emulator.delivery.batch import Batch
from emulator.delivery.publish import Event
from emulator.delivery.refusals import denied, refused
from emulator.delivery.result import By, Result, Status
from emulator.delivery.retry import RetryPolicy, of_target
from emulator.delivery.senders import Report
from emulator.delivery.trace import cause
from emulator.ids import new_id
from emulator.matching import parse_event
from emulator.store.buses import BusKey
from emulator.store.database import Store
from emulator.store.deliveries import Delivery
from emulator.store.forwards import Hops

MAX_HOPS = Hops(local=1, regional=2)
"""Recorded on AWS, September 2026: a second hop within a region fails, inside of one account too; two hops from region
to region are allowed, and a third fails.  Each kind has its own allowance."""

_TAKEN = Result(Status.SUCCESS, by=By.EVENTBRIDGE)


class BusSender:
    """`publish` is the publisher's: it is made after this."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.publish: Callable[[Sequence[Event]], None]
        self._batch = Batch(self._hand_over)

    def send(self, delivery: Delivery, report: Report) -> None:
        self._batch.add(delivery, report)

    def policy(self, delivery: Delivery) -> RetryPolicy:
        return of_target({"RetryPolicy": {"MaximumRetryAttempts": 0}})

    def _hand_over(self, deliveries: Sequence[Delivery]) -> Sequence[Result]:
        forwarded = [self._forwarded(delivery) for delivery in deliveries]
        events = [event for event in forwarded if isinstance(event, Event)]
        if events:
            self.publish(events)
        return [event if isinstance(event, Result) else _TAKEN for event in forwarded]

    def _forwarded(self, delivery: Delivery) -> Event | Result:
        """The event as the other bus gets it, or why it does not."""
        bus = _bus(delivery.target_arn)
        envelope: dict[str, Any] = parse_event(delivery.payload)
        hops, origin = self._store.forwards.of(delivery.received), None
        if bus.region == delivery.region:
            if hops.local >= MAX_HOPS.local:
                return refused("THIRD_ACCOUNT_HOP_DETECTED", "The event has already been sent from one bus to another.")
            hops = hops._replace(local=hops.local + 1)
        elif hops.regional >= MAX_HOPS.regional:
            return refused("THIRD_REGION_HOP_DETECTED", "The event has already been sent from region to region twice.")
        else:
            hops = hops._replace(regional=hops.regional + 1)
            envelope |= {"id": new_id(), "time": iso_seconds(self._clock.now())}
            origin = cause(delivery.request_id)  # by its new id nobody would know where it came from
        guard = guard_of(self._store, delivery.account, bus)
        if guard is not None and guard.refuses(envelope["source"], envelope["detail-type"], forwarded=True):
            return denied(delivery.target_arn)
        return Event(bus, envelope, self._clock.now(), delivery.trace, cause=origin, hops=hops)


def _bus(target_arn: str) -> BusKey:
    arn = Arn.parse(target_arn)
    assert arn is not None, "chosen by its ARN"
    return BusKey(arn.account, arn.region, arn.resource.removeprefix("event-bus/"))
