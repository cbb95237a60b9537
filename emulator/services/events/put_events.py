"""PutEvents: entries of a client -> events on their buses.  The hot path: nothing here touches the store."""

import re
from datetime import datetime
from typing import Any

from emulator.clock import iso_seconds
from emulator.delivery.publish import Event
from emulator.delivery.trace import trace_of
from emulator.ids import new_hex, new_id
from emulator.matching import parse_event
from emulator.services.call import Call
from emulator.services.events.names import bus_key, invalid
from emulator.services.events.service import events
from emulator.store.buses import DEFAULT, BusKey
from emulator.wire.service import Members

MAXIMUM_SIZE = 1024 * 1024
"""The total of a request must be less (botocore model, September 2026)."""

_DEEPEST = 1000
_INT64 = range(-(2**63), 2**63)
_DETAIL_TYPE_LENGTH = 128
_MANY_DIGITS = re.compile(r"[0-9]{19}")

_MALFORMED = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
_FOREIGN_SOURCE = {
    "ErrorCode": "NotAuthorizedForSourceException",
    "ErrorMessage": "Not authorized for the source.",
}


@events.operation("PutEvents")
def put_events(call: Call, *, entries: list[Members], endpoint_id: str | None = None) -> Members:
    """An entry that is refused fails alone; an unknown bus is accepted, and its events go nowhere.

    `endpoint_id` changes only the host that a client talks to.
    """
    if sum(map(size_of, entries)) >= MAXIMUM_SIZE:
        raise invalid("Total size of the entries in the request is over the limit.")
    intake = _Intake(call)
    results = [intake.take(entry) for entry in entries]
    if intake.events:
        call.publisher.publish(intake.events)
    return {"FailedEntryCount": len(entries) - len(intake.events), "Entries": results}


def size_of(entry: Members) -> int:
    """Bytes that an entry counts (formula of the user guide): 14 for a Time, and the UTF-8 text of the rest."""
    size = 14 if "Time" in entry else 0
    for member in ("Source", "DetailType", "Detail"):
        size += _bytes(entry.get(member, ""))
    return size + sum(map(_bytes, entry.get("Resources", ())))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


class _Intake:
    """The entries of one request: what they have in common is worked out once."""

    def __init__(self, call: Call) -> None:
        self.events: list[Event] = []
        self._call = call
        self._now = call.clock.now()
        self._time = iso_seconds(self._now)
        self._trace = call.headers.get("x-amzn-trace-id")
        self._buses: dict[str, BusKey] = {}

    def take(self, entry: Members) -> Members:
        """The result of one entry; its event is added to `events`."""
        for member in ("Source", "DetailType", "Detail"):
            if not entry.get(member):
                return _bad_argument(member, f"{member} is a required argument.")
        if len(entry["DetailType"]) > _DETAIL_TYPE_LENGTH:  # the limit is the model's, the text is not recorded
            return _bad_argument("DetailType", f"DetailType must be at most {_DETAIL_TYPE_LENGTH} characters long.")
        detail = _parsed(entry["Detail"])
        if detail is None:
            return dict(_MALFORMED)
        if entry["Source"].startswith("aws."):
            return dict(_FOREIGN_SOURCE)
        envelope = self._envelope(entry, detail)
        trace = trace_of(entry.get("TraceHeader"), self._trace, self._new_root)
        self.events.append(Event(self._bus(entry.get("EventBusName", DEFAULT)), envelope, self._now, trace))
        return {"EventId": envelope["id"]}

    def _envelope(self, entry: Members, detail: dict[str, Any]) -> dict[str, Any]:
        time: datetime | None = entry.get("Time")
        return {
            "version": "0",
            "id": new_id(),
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": self._call.account,
            "time": self._time if time is None else iso_seconds(time.timestamp()),
            "region": self._call.region,
            "resources": entry.get("Resources", []),
            "detail": detail,
        }

    def _new_root(self) -> str:
        return f"1-{int(self._now):08x}-{new_hex(24)}"

    def _bus(self, name: str) -> BusKey:
        key = self._buses.get(name)
        if key is None:
            key = self._buses[name] = bus_key(self._call, name)
        return key


def _bad_argument(member: str, reason: str) -> Members:
    return {"ErrorCode": "InvalidArgument", "ErrorMessage": f"Parameter {member} is not valid. Reason: {reason}"}


def _parsed(text: str) -> dict[str, Any] | None:
    """The detail, or None when it is no JSON object, is nested too deeply or has an integer of more than 64 bits."""
    try:
        detail = parse_event(text)
    except (ValueError, RecursionError):
        return None
    # Looking at every value would cost as much as parsing: only a text that could break a limit is walked.
    suspect = text.count("{") + text.count("[") > _DEEPEST or _MANY_DIGITS.search(text) is not None
    return None if suspect and not _within_limits(detail) else detail


def _within_limits(detail: dict[str, Any]) -> bool:
    level: list[Any] = [detail]
    for _ in range(_DEEPEST):
        if not level:
            return True
        if any(type(value) is int and value not in _INT64 for value in level):
            return False
        level = [inner for value in level for inner in _inside(value)]
    return not any(isinstance(value, dict | list) for value in level)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
