"""The live screen: what each step of an event looks like, one line per hop.  Pure: a Step in, lines out.

12:03:11.204  → orders  shop/OrderPlaced                 8f31c2
12:03:11.205    ✓ charge-on-order → charge               attempt 1
charge        │ charging order 1
12:03:11.209    ✓ charge  4 ms  {"ok": true}
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache

from emulator.arn import Arn
from emulator.cli.style import Line, Span, harmless, pad, verdict
from emulator.delivery.result import Result
from emulator.delivery.steps import Kind, Step

# Times and the names of functions share the first column, a bus and what happens to its events the second.
_FIRST, _SECOND = 14, 43
_LONGEST_RESULT = 200
_SHORT_ID = 6
_REQUEST_ID = re.compile(r"RequestId: \S+ Error: ")


def lines_of(step: Step, *, verbose: bool = False) -> list[Line]:
    """The lines that show this step; `verbose` shows bodies, and steps that are otherwise left out."""
    draw = _DRAWN.get(step.kind)
    return list(draw(step, verbose)) if draw else [_at(step, Span(f"  {step.kind.value} {step.rule}".rstrip()))]


def label(target: str) -> str:
    """What a person calls a target: the name of the function, bus or queue that its ARN leads to."""
    arn = Arn.parse(target)
    if arn is None:
        return harmless(target)
    return harmless(arn.resource.removeprefix("function:").removeprefix("event-bus/"))


def short(event_id: str) -> str:
    """The first characters of an id: enough to find it again."""
    return harmless(event_id[:_SHORT_ID])


def milliseconds(duration: float | None) -> str:
    """`4 ms`, `1.3 s`; of something very fast, `<1 ms`."""
    if duration is None:
        return ""
    if duration < 1:
        return "<1 ms"
    return f"{duration:.0f} ms" if duration < 1000 else f"{duration / 1000:.1f} s"


def _receipt(step: Step, verbose: bool) -> Iterator[Line]:
    event = step.details["event"]
    name = harmless(f"{event.get('source', '')}/{event.get('detail-type', '')}")
    yield _at(step, Span("→ ", "cyan"), Span(harmless(step.bus), "cyan"), Span(f"  {name}"), right=short(step.event_id))
    if verbose:
        yield [Span(f"{'':{_FIRST}}  {json.dumps(event.get('detail'), ensure_ascii=False)}", "dim")]


def _unknown_bus(step: Step, _: bool) -> Iterator[Line]:
    yield _at(step, Span("  ✗ ", "red"), Span(f"there is no event bus {harmless(step.bus)!r} here"))
    for account, region in step.details.get("elsewhere", ()):
        yield _below(f"there is one in account {account}, {region}: set AWS_REGION (or the access key) to it")
    if not step.details.get("elsewhere"):
        yield _below(f"make it: name it in config.yaml, or aws events create-event-bus --name {harmless(step.bus)}")


def _matched(step: Step, verbose: bool) -> Iterator[Line]:
    """Nothing, as a rule: the attempts that follow say it."""
    if not step.details.get("targets"):
        yield _at(step, Span("  ✓ ", "green"), Span(f"{harmless(step.rule)} → "), Span("no targets", "yellow"))
    elif verbose:
        targets = ", ".join(label(target) for target in step.details["targets"])
        yield _at(step, Span("  ✓ ", "green"), Span(f"{harmless(step.rule)} matches → {targets}"))


def _unmatched(step: Step, _: bool) -> Iterator[Line]:
    count = step.details.get("rules", 0)
    rules = "no rules" if not count else "1 rule" if count == 1 else f"{count:,} rules"
    yield _at(step, Span("  ✗ ", "red"), Span(f"no rule matched ({rules} on this bus)"))
    explanation = step.details.get("explanation")
    if explanation is not None and explanation.closest is not None:
        yield from (_below(line) for line in explanation.closest.lines())


def _disabled(step: Step, _: bool) -> Iterator[Line]:
    yield _below(f"{step.rule} would have matched, and is disabled")


def _started(step: Step, _: bool) -> Iterator[Line]:
    if step.rule:
        way = Span(f"{harmless(step.rule)} → {label(step.target)}")
        second = ", duplicate" if _is_copy(step) else ""
        yield _at(step, Span("  ✓ ", "green"), way, right=f"attempt {step.attempt}{second}")
    else:  # invoked directly
        way = Span(f"{label(step.target)}  invoke" + (f"  attempt {step.attempt}" if step.attempt > 1 else ""))
        yield _at(step, Span("→ ", "cyan"), way, right=short(step.event_id))


def _succeeded(step: Step, verbose: bool) -> Iterator[Line]:
    result: Result = step.details["result"]
    took = milliseconds(result.duration_ms)
    body = _body(result.payload, verbose)
    said = Span("  ".join(part for part in (label(step.target), took, body) if part))
    yield _at(step, Span("  ✓ ", "green"), said, *([Span("     duplicate", "yellow")] if _is_copy(step) else []))


def _is_copy(step: Step) -> bool:
    """A fault on purpose made it come a second time."""
    return bool(step.details.get("duplicate"))


def _failed(step: Step, _: bool) -> Iterator[Line]:
    if _is_copy(step):
        next_ = "duplicate: not tried again"
    elif "expires_at" in step.details:
        next_ = f"too old in {step.details['expires_at'] - step.at:.0f} s, then given up"
    elif "retry_at" in step.details:
        wait = step.details["retry_at"] - step.at
        next_ = f"retry {step.attempt}/{step.details['retries']} in {wait:.0f} s"
        if step.details.get("virtual"):
            next_ += "   (skip: ebl clock next)"
    else:
        next_ = _end(step)
    failure = _failure(step.target, step.details["result"])
    yield _at(step, Span("  ✗ ", "red"), *failure, *([Span(f"     {next_}", "yellow")] if next_ else []))


def _end(step: Step) -> str:
    condition = step.details.get("condition")
    if condition is None:  # invoked directly: the caller has the error
        return ""
    tries = "1 attempt" if step.attempt == 1 else f"{step.attempt} attempts"
    return f"given up after {tries} ({condition})"


def _given_up(step: Step, _: bool) -> Iterator[Line]:
    """Without an attempt: too old for one."""
    tries = "no attempt" if not step.attempt else "1 attempt" if step.attempt == 1 else f"{step.attempt} attempts"
    why = f"too old, given up after {tries} ({step.details.get('condition')})"
    yield _at(step, Span("  ✗ ", "red"), Span(f"{label(step.target)}  "), Span(why, "red"))


def _failure(target: str, result: Result) -> Iterator[Span]:
    """`charge  KeyError: 'amount'   functions/charge.py:7`"""
    # The id in front of a time-out's message is no news to somebody who watches.
    message = _REQUEST_ID.sub("", result.error_message or "")
    error = ": ".join(part for part in (result.error_type, message) if part)
    yield Span(f"{label(target)}  ")
    yield Span(harmless(error.partition("\n")[0]), "red")
    if result.where:
        yield Span(f"   {harmless(result.where)}")


def _letter(step: Step, _: bool) -> Iterator[Line]:
    """A dead letter, or the record for a function's destination."""
    details = step.details
    what = "dead letter" if step.kind is Kind.INVOCATION_DLQ else details.get("sort", "")
    way = f"{label(step.target)}  {what} of {details.get('by', '')} → {label(details.get('to', ''))}"
    if details.get("status") == "success":
        yield _at(step, Span("  ✉ ", "yellow"), Span(way))
    else:
        yield _at(step, Span("  ✗ ", "red"), Span(f"{way}  not sent: "), Span(harmless(_reason(step)), "red"))


def _reason(step: Step) -> str:
    return ": ".join(str(step.details[name]) for name in ("error_type", "error_message") if step.details.get(name))


def _backlog(step: Step, _: bool) -> Iterator[Line]:
    details = step.details
    if not details.get("waiting"):
        yield _at(step, Span("  ⋯ ", "green"), Span(f"{label(step.target)} has caught up"))
        return
    waiting = f"{details['waiting']:,} events wait, the oldest for {details['oldest']:.0f} s"
    said = f"{label(step.target)} is behind: {waiting} ({details['running']} run)"
    yield _at(step, Span("  ⋯ ", "yellow"), Span(said, "yellow"))


def _permission(step: Step, _: bool) -> Iterator[Line]:
    """Said once for each pair of a function and who runs it."""
    yield _at(
        step,
        Span("  ! ", "yellow"),
        Span(f"{label(step.target)}  AWS would refuse this: "),
        Span(harmless(step.details["refusal"]), "yellow"),
    )
    yield _below(f"it needs  {step.details['remedy']}")


def _output(step: Step, _: bool) -> Iterator[Line]:
    yield [Span(f"{label(step.target):{_FIRST - 1}} │ ", "cyan"), Span(step.details["line"])]


def _reloaded(step: Step, _: bool) -> Iterator[Line]:
    files = step.details["files"]
    counted = "1 file" if files == 1 else f"{files} files"
    yield [Span("↻ ", "cyan"), Span(f"{label(step.target)} reloaded ({counted}, {step.details['ms']:.0f} ms)")]


def _applied(step: Step, _: bool) -> Iterator[Line]:
    yield [Span("↻ ", "cyan"), Span(f"{step.details['file']} applied ({step.details['summary']})")]


def _refused(step: Step, _: bool) -> Iterator[Line]:
    yield [Span("✗ ", "red"), Span(f"{step.details['file']} not applied, what was there before stays:")]
    for problem in step.details["problems"]:
        yield [Span(f"  {problem}", "red")]


def _at(step: Step, *spans: Span, right: str = "") -> Line:
    second, millis = divmod(int(step.at * 1000), 1000)
    head = Span(f"{_local_time(second)}.{millis:03d}  ", "dim")
    line = list(spans)
    return [head, *pad(line, _SECOND), Span(right, "dim")] if right else [head, *line]


@lru_cache(maxsize=8)
def _local_time(second: int) -> str:
    """Asking for the time zone costs more than all else on a line, and many steps share a second."""
    return f"{datetime.fromtimestamp(second).astimezone():%H:%M:%S}"


def _below(text: str) -> Line:
    return [verdict(f"{'':{_FIRST}}  {harmless(text)}")]


def _body(payload: bytes, verbose: bool) -> str:
    text = harmless(payload.decode(errors="replace"))
    return text if verbose or len(text) <= _LONGEST_RESULT else f"{text[:_LONGEST_RESULT]}… ({len(payload):,} bytes)"


_DRAWN: dict[Kind, Callable[[Step, bool], Iterator[Line]]] = {
    Kind.EVENT_RECEIPT: _receipt,
    Kind.EVENT_INGEST_FAILURE: _unknown_bus,
    Kind.RULE_MATCH: _matched,
    Kind.NO_STANDARD_RULES_MATCHED: _unmatched,
    Kind.RULE_DISABLED: _disabled,
    Kind.INVOCATION_ATTEMPT_START: _started,
    Kind.INVOCATION_ATTEMPT_SUCCESS: _succeeded,
    Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE: _failed,
    Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE: _failed,
    Kind.INVOCATION_ATTEMPT_THROTTLE: _failed,
    Kind.INVOCATION_FAILURE: _given_up,
    Kind.INVOCATION_DLQ: _letter,
    Kind.FUNCTION_DESTINATION: _letter,
    Kind.BACKLOG: _backlog,
    Kind.STOPPING: lambda step, _: iter(()),
    Kind.PERMISSION_MISSING: _permission,
    Kind.FUNCTION_OUTPUT: _output,
    Kind.FUNCTION_RELOADED: _reloaded,
    Kind.CONFIGURATION_APPLIED: _applied,
    Kind.CONFIGURATION_REFUSED: _refused,
}
