"""Where dead letters and records are sent: a queue, a function's own queue, a bus.

Everything happens inside of the caller's transaction: what ended and what was sent on of it are stored together.
"""

import json
from collections.abc import Callable, Sequence

from emulator.arn import Arn
from emulator.clock import Clock, iso_seconds
from emulator.delivery.letters import Attributes
from emulator.delivery.publish import Event
from emulator.delivery.refusals import no_function, no_queue, refused
from emulator.delivery.result import By, Result, Status
from emulator.ids import new_id
from emulator.matching import parse_event
from emulator.store.buses import BusKey
from emulator.store.database import Store
from emulator.store.functions import named_in
from emulator.store.queues import Message, QueueKey

SENT = Result(Status.SUCCESS, by=By.EVENTBRIDGE)
_SENDERS = {By.EVENTBRIDGE: "AIDAEVENTBRIDGELOCAL0", By.LAMBDA: "AROAEVENTBRIDGELOCAL0:awslambda"}

Sent = tuple[Result, str | None]
"""What came of it, and the id that it has there."""


class Outlets:
    """`enqueue` and `publish` are the worker's and the publisher's: they are made after this."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.enqueue: Callable[[str, str, str, str, str, str | None], None]
        self.publish: Callable[[Sequence[Event]], None]

    def to_queue(self, arn: str, body: str, by: By, trace: str | None, attributes: Attributes | None = None) -> Sent:
        """One message."""
        key = QueueKey.of(arn)
        if key is None:
            return refused("NO_RESOURCE", f"A dead-letter queue is a queue of SQS, not {arn}."), None
        now = self._clock.now()
        system = {"SenderId": _SENDERS[by], "SentTimestamp": str(int(now * 1000))}
        if trace:
            system["AWSTraceHeader"] = trace
        message = Message(id=new_id(), body=body, sent=now, attributes=attributes or {}, system=system)
        return (SENT, message.id) if self._store.queues.send(key, message) else (no_queue(), None)

    def to_destination(self, arn: str, record: str, function_arn: str, succeeded: bool, trace: str | None) -> Sent:
        """The record of an asynchronous invocation of `function_arn`, with its qualifier: to a queue, a function or a
        bus."""
        parsed = Arn.parse(arn)
        if parsed is not None and parsed.service == "lambda":
            return self._to_function(parsed, arn, record, trace)
        if parsed is not None and parsed.service == "events":
            return self._to_bus(parsed, arn, record, function_arn, succeeded, trace)
        if parsed is not None and parsed.service != "sqs":
            return refused("NOT_EMULATED", not_emulated(arn)), None
        return self.to_queue(arn, record, By.LAMBDA, trace)

    def to_dead_letters(self, arn: str, body: str, trace: str | None, attributes: Attributes) -> Sent:
        """The event of an asynchronous invocation that failed: to a queue."""
        if QueueKey.of(arn) is None:
            return refused("NOT_EMULATED", not_emulated(arn)), None
        return self.to_queue(arn, body, By.LAMBDA, trace, attributes)

    def _to_function(self, arn: Arn, text: str, record: str, trace: str | None) -> Sent:
        named = named_in(text)
        if named is None or self._store.functions.resolve(*named) is None:
            return no_function(text), None
        request_id = new_id()
        self.enqueue(arn.account, arn.region, text, record, request_id, trace)
        return SENT, request_id

    def _to_bus(self, arn: Arn, text: str, record: str, function_arn: str, succeeded: bool, trace: str | None) -> Sent:
        bus, now = BusKey(arn.account, arn.region, arn.resource.removeprefix("event-bus/")), self._clock.now()
        if not self._store.buses.exists(bus):
            return refused("NO_RESOURCE", f"Event bus {bus.name} does not exist."), None
        function = Arn.parse(function_arn)
        envelope = {
            "version": "0",
            "id": new_id(),
            "detail-type": f"Lambda Function Invocation Result - {'Success' if succeeded else 'Failure'}",
            "source": "lambda",
            "account": arn.account if function is None else function.account,
            "time": iso_seconds(now),
            "region": arn.region if function is None else function.region,
            "resources": [text, function_arn],
            "detail": _detail(record),
        }
        self.publish([Event(bus, envelope, now, trace)])
        return SENT, str(envelope["id"])


def not_emulated(arn: str) -> str:
    """The sentence about something that Lambda can send to, and we cannot yet."""
    return f"What a function sends on goes to queues, functions and event buses here; {arn} is not emulated yet."


def _detail(record: str) -> dict[str, object]:
    try:
        return parse_event(record)
    except ValueError:  # deeper than an event may be, or what a handler answered is no JSON
        found: dict[str, object] = json.loads(record, strict=False)
        return found
