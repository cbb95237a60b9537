"""A publisher, a worker and a recording sender, put together as the emulator does, on a virtual clock."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.clock import VirtualClock
from emulator.delivery.faults import Faults
from emulator.delivery.publish import Event, Publisher
from emulator.delivery.result import Result, Status
from emulator.delivery.retry import RetryPolicy
from emulator.delivery.schedules import Schedules
from emulator.delivery.senders import Report, Senders
from emulator.delivery.steps import Kind, Step, Steps
from emulator.delivery.worker import Worker
from emulator.ids import new_id
from emulator.store.buses import Bus, BusKey
from emulator.store.database import Store
from emulator.store.deliveries import Delivery
from emulator.store.rules import Rule, Target

ACCOUNT, REGION = "000000000000", "us-east-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:charge"


class RecordingSender:
    """Answers each attempt with the next of `results` (success when there are none left), on the next turn."""

    def __init__(self, results: Iterable[Result] = ()) -> None:
        self.seen: list[Delivery] = []
        self._results = list(results)

    def send(self, delivery: Delivery, report: Report) -> None:
        self.seen.append(delivery)
        result = self._results.pop(0) if self._results else Result(Status.SUCCESS)
        asyncio.get_running_loop().call_soon(report, delivery, result)

    def policy(self, delivery: Delivery) -> RetryPolicy:
        return RetryPolicy(attempts=3, pauses=(60, 120), max_age=3600)


class Bench:
    """Everything from a published event to the sender; `steps` is what was told."""

    def __init__(
        self, results: Iterable[Result] = (), store: Store | None = None, sender: RecordingSender | None = None,
        faults: Faults | None = None,
    ) -> None:  # fmt: skip
        self.clock = VirtualClock(1_790_000_000)
        self.store = store or Store()
        self.sender = sender or RecordingSender(results)
        self.steps: list[Step] = []
        steps = Steps()
        steps.listen(self.steps.append)
        senders = Senders({"lambda:function": self.sender})
        self.worker = Worker(self.store, self.clock, senders, steps, faults=faults)
        self.publisher = Publisher(self.store, self.clock, senders, steps, self.worker.offer)
        self.schedules = Schedules(self.store, self.clock, self.publisher)
        self.publisher.on_rule_change(self.schedules.rule_changed)

    def kinds(self) -> list[Kind]:
        return [step.kind for step in self.steps]

    def bus(self, name: str = "default") -> BusKey:
        key = BusKey(ACCOUNT, REGION, name)
        if self.store.buses.find(key) is None:
            self.store.buses.put(Bus(ACCOUNT, REGION, name, 0, 0))
        return key

    def rule(
        self, name: str, pattern: Mapping[str, Any] | None = None, *, bus: str = "default", state: str = "ENABLED",
        targets: Iterable[Mapping[str, Any]] = ({"Id": "1", "Arn": FUNCTION},), **members: Any,
    ) -> None:  # fmt: skip
        """Put a rule and its targets, and say so."""
        key = self.bus(bus)
        text = None if pattern is None else json.dumps(pattern)
        self.store.rules.put(Rule(ACCOUNT, REGION, bus, name, state, ACCOUNT, pattern=text, **members))
        self.store.rules.put_targets(key, [Target(name, t["Id"], t["Arn"], t) for t in targets])
        self.publisher.rule_changed(key, name)

    def event(self, source: str = "shop", detail: Mapping[str, Any] | None = None, bus: str = "default") -> Event:
        envelope = {
            "version": "0", "id": new_id(), "detail-type": "T", "source": source, "account": ACCOUNT,
            "time": "2026-09-13T00:00:00Z", "region": REGION, "resources": [], "detail": dict(detail or {}),
        }  # fmt: skip
        return Event(BusKey(ACCOUNT, REGION, bus), envelope, self.clock.now())

    def enqueue(self, payload: str = "{}", target: str = FUNCTION) -> None:
        self.worker.enqueue(ACCOUNT, REGION, target, payload, "request-1", None)
