"""Rules that run on a schedule: when one is due, its event is published on the default bus.

Only the moments are kept here, and they are derived: from the store, at the start and whenever a rule changes.
What was due while nobody ran, or between two settings of the clock, is not made up for.
"""

import asyncio
import heapq
import logging
from dataclasses import dataclass

from emulator.clock import Clock, iso_seconds
from emulator.delivery.due import Due
from emulator.delivery.publish import Event, Publisher
from emulator.ids import new_id
from emulator.store.buses import BusKey
from emulator.store.database import Store
from emulator.store.rules import Rule
from emulator.timing import Schedule, parse_rule_schedule

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class _Firing:
    at: float
    bus: tuple[str, str, str]
    name: str


class Schedules:
    """Fires what is due, on the event loop's thread."""

    def __init__(self, store: Store, clock: Clock, publisher: Publisher) -> None:
        self._store = store
        self._clock = clock
        self._publisher = publisher
        self._due: list[_Firing] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.reload()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._loop = None

    def reload(self) -> None:
        """Read every schedule that runs from the store."""
        self._due.clear()
        for rule in self._store.rules.scheduled():
            self._plan(rule)
        self._sleep()

    def rule_changed(self, bus: BusKey, name: str) -> None:
        """This rule was put, switched or removed.  The same expression keeps its cadence (recorded on AWS): its anchor
        in the store has not moved."""
        key = (bus.account, bus.region, bus.name)
        self._due = [firing for firing in self._due if (firing.bus, firing.name) != (key, name)]
        heapq.heapify(self._due)
        rule = self._store.rules.find(bus, name)
        if rule is not None:
            self._plan(rule)
        self._sleep()

    def next_at(self) -> float | None:
        """When the next rule fires; None when none ever will."""
        return self._due[0].at if self._due else None

    def fire_due(self) -> list[Due]:
        """Publish one event for each schedule that is due, in due order; what that was, one entry for each target."""
        fired: list[Due] = []
        while self._due and self._due[0].at <= self._clock.now():
            firing = heapq.heappop(self._due)
            rule = self._store.rules.find(BusKey(*firing.bus), firing.name)
            if rule is None or rule.anchored is None:
                continue
            event = scheduled_event(rule, firing.at, self._clock.now())
            fired += self._described(rule, firing.at, event.envelope["id"])
            self._publisher.publish([event])
            # From now, not from the firing: a machine that slept does not catch up event by event.
            self._plan(rule)
        self._sleep()
        return fired

    def waiting(self, limit: int) -> list[Due]:
        """The next firing of each rule, the earliest first."""
        found = ((f.at, self._store.rules.find(BusKey(*f.bus), f.name)) for f in heapq.nsmallest(limit, self._due))
        return [due for at, rule in found if rule is not None for due in self._described(rule, at)][:limit]

    def clock_changed(self) -> None:
        """What lies between is not made up for, and after a jump back everything is still to come."""
        self.reload()

    def _described(self, rule: Rule, at: float, event_id: str = "") -> list[Due]:
        targets = [target.arn for target in self._store.rules.targets(rule.bus_key, rule.name)]
        return [
            Due(at=at, kind="schedule", rule=rule.name, bus=rule.bus, target=target, event_id=event_id,
                why=rule.schedule or "")
            for target in targets or [""]
        ]  # fmt: skip

    def _plan(self, rule: Rule) -> None:
        if rule.anchored is None or not rule.schedule:
            return
        schedule: Schedule = parse_rule_schedule(rule.schedule)
        now = self._clock.now()
        # A clock that was set back may stand before the moment at which the rule was enabled.
        at = schedule.next_after(now, min(rule.anchored, now))
        if at is not None:
            heapq.heappush(self._due, _Firing(at, (rule.account, rule.region, rule.bus), rule.name))

    def _sleep(self) -> None:
        """Wake up by myself when the next rule is due; whoever moves a virtual clock asks what is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is not None and self._due and not self._clock.virtual:
            # At most an hour: the machine's clock may be set while we wait.
            wait = min(max(self._due[0].at - self._clock.now(), 0), 3600)
            self._timer = self._loop.call_later(wait, self.fire_due)


def scheduled_event(rule: Rule, at: float, now: float) -> Event:
    """What a scheduled rule sends (recorded on AWS): it enters the default bus, where other rules may match it too.

    Its time is the scheduled moment `at`; its age counts from when it enters, `now`: a machine may have slept.
    """
    envelope = {
        "version": "0",
        "id": new_id(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": rule.account,
        "time": iso_seconds(at),
        "region": rule.region,
        "resources": [rule.arn],
        "detail": {},
    }
    return Event(rule.bus_key, envelope, now, fired=rule.name)
