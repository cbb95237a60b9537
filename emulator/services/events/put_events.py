"""PutEvents: entries of a client -> events on their buses.  The hot path: of the store, only policies are read here."""

from datetime import datetime
from math import isfinite
from typing import Any

from emulator.clock import iso_seconds
from emulator.delivery.access import Guard, guard_of
from emulator.delivery.publish import Event
from emulator.delivery.trace import cause_of, trace_of
from emulator.ids import new_hex, new_id
from emulator.matching import parse_event
from emulator.services.call import Call
from emulator.services.events.names import bus_key, invalid
from emulator.services.events.service import events
from emulator.store.buses import DEFAULT, BusKey
from emulator.wire.reading import has_surrogates, without_surrogates
from emulator.wire.service import Members

MAXIMUM_SIZE = 1024 * 1024
"""The total of a request must be less (botocore model, September 2026)."""

_REQUIRED = ("Source", "DetailType", "Detail")
_INT64 = range(-(2**63), 2**63)
_DETAIL_TYPE_LENGTH = 128
_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_NINETEEN_DIGITS = b"0" * 19
_LARGE_EXPONENTS = (b"0e000", b"0E000", b"0e+000", b"0E+000")

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
    get = entry.get
    texts = (get("Source", ""), get("DetailType", ""), get("Detail", ""), *get("Resources", ()))
    return len("".join(texts).encode()) + (14 if "Time" in entry else 0)


class _Intake:
    """The entries of one request: what they have in common is worked out once."""

    def __init__(self, call: Call) -> None:
        self.events: list[Event] = []
        self._call = call
        self._now = call.clock.now()
        self._time = iso_seconds(self._now)
        self._http_trace = call.headers.get("x-amzn-trace-id")
        self._cause = cause_of(self._http_trace)
        self._traces: dict[str | None, str | None] = {}
        self._buses: dict[str, tuple[BusKey, Guard | None]] = {}

    def take(self, entry: Members) -> Members:
        """The result of one entry; its event is added to `events`.  AwsError when the caller may not put it."""
        bus, guard = self._bus(entry.get("EventBusName", DEFAULT))
        if guard is not None:
            guard.check(entry.get("Source", ""), entry.get("DetailType", ""))
        for member in _REQUIRED:
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
        self.events.append(Event(bus, envelope, self._now, self._trace(entry.get("TraceHeader")), cause=self._cause))
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

    def _trace(self, header: str | None) -> str | None:
        """Most requests have one header, or none, for all of their entries."""
        if header not in self._traces:
            self._traces[header] = trace_of(header, self._http_trace, self._new_root)
        return self._traces[header]

    def _new_root(self) -> str:
        return f"1-{int(self._now):08x}-{new_hex(24)}"

    def _bus(self, name: str) -> tuple[BusKey, Guard | None]:
        found = self._buses.get(name)
        if found is None:
            key = bus_key(self._call, name)
            found = self._buses[name] = key, guard_of(self._call.store, self._call.account, key)
        return found


def _bad_argument(member: str, reason: str) -> Members:
    return {"ErrorCode": "InvalidArgument", "ErrorMessage": f"Parameter {member} is not valid. Reason: {reason}"}


def _parsed(text: str) -> dict[str, Any] | None:
    """The detail, or None when it is no JSON object, or has a whole number of more than 64 bits or one that no double
    can hold: it could not be delivered as JSON."""
    try:
        detail = parse_event(text)
    except ValueError:
        return None
    if has_surrogates(text):
        detail = without_surrogates(detail)
    return None if _may_be_huge(text) and not _fits(detail) else detail


def _may_be_huge(text: str) -> bool:
    """To look at every value would cost as much as parsing: they are walked only where a text has so many digits."""
    digits = text.encode().translate(_AS_ZEROS)
    return _NINETEEN_DIGITS in digits or any(exponent in digits for exponent in _LARGE_EXPONENTS)


def _fits(value: Any) -> bool:
    """Is every whole number in there one of 64 bits (botocore model of PutEvents), and every other one finite?"""
    if isinstance(value, dict):
        return all(map(_fits, value.values()))
    if isinstance(value, list):
        return all(map(_fits, value))
    if isinstance(value, float):
        return isfinite(value)
    return not isinstance(value, int) or value in _INT64
