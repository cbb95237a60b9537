"""The JSON of an event: what became of it, what caused it, and what its handlers caused in turn."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from emulator.clock import iso_millis
from emulator.store.deliveries import PENDING, Attempt
from emulator.store.journal import Delivered, Invocation, Journal, Way
from emulator.store.letters import Letter

Json = dict[str, Any]

MAX_EVENTS = 1_000
"""So many events are shown below one; so many steps lead back from it."""
_MAX_DEPTH = 50
_CAUSE = 8
_REPORT = re.compile(r"^REPORT RequestId: .*?\tDuration: ([\d.]+) ms\t.*?\tMax Memory Used: (\d+) MB", re.MULTILINE)


def way_json(way: Way) -> Json:
    """One event on one bus, by itself."""
    return {
        "event_id": way.event_id,
        "bus": way.bus,
        "account": way.account,
        "region": way.region,
        "at": iso_millis(way.at),
        "verdict": way.verdict,
        "rules": list(way.rules),
        "event": json.loads(way.envelope),
        "deliveries": [_delivery(delivery) for delivery in way.deliveries],
        "links": {"self": f"/_ebl/events/{way.event_id}", "journal": f"/_ebl/journal?event_id={way.event_id}"},
    }


def tree_json(journal: Journal, ways: Iterable[Way]) -> list[Json]:
    """Each with `caused_by`, and each of its deliveries with the events that it `caused`, and so on."""
    roots = list(ways)
    caused = _caused(journal, roots)
    return [_branch(way, caused, _caused_by(journal, way.cause)) for way in roots]


def invocation_json(journal: Journal, invocation: Invocation) -> Json:
    """One attempt of a function; `kind` is event, async or direct."""
    attempt = invocation.attempt
    return {
        "request_id": attempt.request_id,
        "function": function_name(attempt.target_arn),
        "function_arn": attempt.target_arn,
        "kind": "direct" if invocation.direct else "event" if invocation.rule else "async",
        "event_id": invocation.event_id or None,
        "bus": invocation.bus or None,
        "rule": invocation.rule or None,
        "payload": invocation.payload,
        **_attempt(attempt),
        "caused_by": _caused_by(journal, invocation.cause),
        "links": {"event": f"/_ebl/events/{invocation.event_id}"} if invocation.event_id else {},
    }


def function_name(arn: str) -> str:
    """`charge` of `arn:aws:lambda:…:function:charge:live`; empty for other targets."""
    return arn.partition(":function:")[2].partition(":")[0]


_Caused = dict[str, list[Way]]


def _caused(journal: Journal, roots: list[Way]) -> _Caused:
    """The events that came of these, by their cause; level by level, as far as the bounds allow."""
    by_cause: defaultdict[str, list[Way]] = defaultdict(list)
    seen = {way.number for way in roots}
    level = roots
    for _ in range(_MAX_DEPTH):
        requests = [delivery.request_id for way in level for delivery in way.deliveries]
        found = journal.caused(requests, MAX_EVENTS) if requests else []
        level = [way for way in found if way.number not in seen]
        if not level or len(seen) >= MAX_EVENTS:
            break
        seen.update(way.number for way in level)
        cause_of = {way.event_id: way.cause for way in found if way.cause}
        for way in level:  # one that was forwarded has the cause of the first of its kind
            by_cause[way.cause or cause_of.get(way.event_id, "")].append(way)
    return by_cause


def _branch(way: Way, caused: _Caused, caused_by: Json | None) -> Json:
    shown = way_json(way) | {"caused_by": caused_by}
    for delivery in shown["deliveries"]:
        cause = delivery["request_id"][:_CAUSE]
        link = {"request_id": delivery["request_id"], "function": function_name(delivery["target_arn"])}
        link |= {"event_id": way.event_id}
        # Taken out, so that nothing is shown twice, and nothing for ever.
        delivery["caused"] = [_branch(each, caused, link) for each in caused.pop(cause, ())]
    return shown


def _caused_by(journal: Journal, cause: str | None, depth: int = 0) -> Json | None:
    """The invocation, and what caused that."""
    if cause is None or depth > _MAX_DEPTH:
        return None
    invocation = journal.invocation(cause)
    if invocation is None:  # a direct one that has not ended yet, or one that has left the journal
        return {"request_id": cause, "function": None, "event_id": None, "caused_by": None}
    event = journal.ways(invocation.event_id)[-1:] if invocation.rule else []
    shown: Json = {
        "request_id": invocation.attempt.request_id,
        "function": function_name(invocation.attempt.target_arn) or None,
        "target_arn": invocation.attempt.target_arn,
        "rule": invocation.rule or None,
        "event_id": invocation.event_id if event else None,
        "caused_by": _caused_by(journal, event[0].cause if event else invocation.cause, depth + 1),
    }
    if event:
        envelope = json.loads(event[0].envelope)
        shown |= {"bus": event[0].bus, "source": envelope.get("source"), "detail_type": envelope.get("detail-type")}
        shown["links"] = {"event": f"/_ebl/events/{invocation.event_id}"}
    return shown


def _delivery(delivery: Delivered) -> Json:
    return {
        "rule": delivery.rule,
        "target_id": delivery.target_id,
        "target_arn": delivery.target_arn,
        "state": delivery.state,
        "condition": delivery.condition,
        "next_attempt": iso_millis(delivery.due) if delivery.state == PENDING else None,
        "request_id": delivery.request_id,
        "payload": delivery.payload,
        "attempts": [_attempt(attempt) for attempt in delivery.attempts],
        "sent_on": [_letter(letter) for letter in delivery.letters],
    }


def _letter(letter: Letter) -> Json:
    """A dead letter or a destination's record; `reference` is the id that it has there."""
    return {
        "by": letter.by,
        "kind": letter.kind,
        "target_arn": letter.target_arn,
        "at": iso_millis(letter.at),
        "status": letter.status,
        "error_type": letter.error_type,
        "error_message": letter.error_message,
        "reference": letter.reference,
    }


def _attempt(attempt: Attempt) -> Json:
    report = _REPORT.search(attempt.log)
    return {
        "number": attempt.number,
        "by": attempt.by,
        "duplicate": attempt.duplicate,
        "started": iso_millis(attempt.started),
        "ended": iso_millis(attempt.ended),
        "duration_ms": float(report[1]) if report else None,
        "memory_mb": int(report[2]) if report else None,
        "status": attempt.status,
        "error_type": attempt.error_type,
        "error_message": attempt.error_message,
        "where": attempt.place,
        **({} if attempt.note is None else {"note": attempt.note}),
        "result": attempt.payload.decode(errors="replace"),
        "log": attempt.log,
    }
