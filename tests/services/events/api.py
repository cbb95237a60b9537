"""The operations of `events` without HTTP: on a database in memory, a virtual clock and the real publisher."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from emulator.clock import VirtualClock
from emulator.delivery.invoke import Invoker
from emulator.delivery.permissions import Permissions
from emulator.delivery.publish import Event, Publisher
from emulator.delivery.senders import Sender, Senders
from emulator.delivery.steps import Steps
from emulator.delivery.worker import Worker
from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.services.events import events
from emulator.store import Store
from emulator.wire.service import Members, Scope

ACCOUNT, REGION = "111111111111", "us-east-1"
START = 1_700_000_000.25
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:charge"
PATTERN = '{"source": ["shop"]}'


class Noting(Publisher):
    """The real one, that also notes what it was given."""

    def __init__(self, store: Store, clock: VirtualClock, kinds: Sequence[str]) -> None:
        senders = Senders(dict.fromkeys(kinds, cast(Sender, None)))  # asked for their kind alone: nothing is sent
        super().__init__(store, clock, senders, Steps(), offer=lambda deliveries: None)
        self.requests: list[list[Event]] = []
        self.changed: list[tuple[str, str]] = []

    def publish(self, events: Sequence[Event]) -> None:
        self.requests.append(list(events))
        super().publish(events)

    def rule_changed(self, bus: Any, name: str) -> None:
        self.changed.append((bus.name, name))
        super().rule_changed(bus, name)


class Api:
    """`api("PutRule", Name="paid", …)` answers the members or raises AwsError."""

    def __init__(self, kinds: Sequence[str] = ("lambda:function",)) -> None:
        self.store = Store()
        self.clock = VirtualClock(START)
        self.publisher = Noting(self.store, self.clock, kinds)

    def __call__(self, operation: str, /, **members: Any) -> Members:
        return self.ask(operation, members)

    def ask(
        self, operation: str, members: Members, scope: Scope | None = None, headers: Mapping[str, str] | None = None
    ) -> Members:
        answer = events.call(self.call(scope or Scope(ACCOUNT, REGION), "request", headers or {}), operation, members)
        assert isinstance(answer, dict)
        return answer

    def call(self, scope: Scope, request_id: str, headers: Mapping[str, str]) -> Call:
        """No operation of `events` runs a function or waits for a delivery: there is no invoker and no worker."""
        return Call(
            scope=scope,
            request_id=request_id,
            headers=headers,
            store=self.store,
            clock=self.clock,
            publisher=self.publisher,
            invoker=cast(Invoker, None),
            worker=cast(Worker, None),
            permissions=cast(Permissions, None),
        )

    def refused(self, operation: str, /, **members: Any) -> tuple[str, str]:
        """Code and text of the refusal."""
        with pytest.raises(AwsError) as caught:
            self.ask(operation, members)
        return caught.value.code, caught.value.message
