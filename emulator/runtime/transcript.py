"""What one environment's processes print, and the log and outcome of each invocation that is made of it."""

import json
from collections.abc import Callable

from emulator.clock import Clock
from emulator.runtime import report
from emulator.runtime.capture import Output, bounded
from emulator.runtime.fault import Failure
from emulator.runtime.function import FunctionSpec
from emulator.runtime.json_logs import JSON
from emulator.runtime.outcome import UNHANDLED, Invocation, Outcome
from emulator.runtime.places import Places
from emulator.runtime.report import Report
from emulator.runtime.sandbox import LineListener

JSON_TYPE = "application/json"


class Transcript:
    """`cause` is the invocation that what is printed now belongs to; `on_record` hears lines for the Telemetry API."""

    def __init__(
        self, places: Places, clock: Clock, on_line: LineListener | None, on_record: Callable[[str], None]
    ) -> None:
        self._places = places
        self._clock = clock
        self._on_line = on_line
        self._on_record = on_record
        self._output = Output(self._line)
        self._before = ""
        self._init_ms: float | None = None
        self.cause: Invocation | None = None

    def take(self, text: str) -> None:
        """Some of what was printed."""
        self._output.write(text)

    def started(self, milliseconds: float | None) -> None:
        """The cold start is over; it is told with the next invocation. None for one that is not told of by itself."""
        self._before += self._taken()
        self._init_ms = milliseconds

    def start_failed(self, function: FunctionSpec, phase: str, milliseconds: float, failure: Failure) -> None:
        self._output.end_line()
        line = report.init_report(function, phase, milliseconds, _status(failure), self._clock.now())
        self._before = bounded(self._before + self._taken() + line)

    def outcome(
        self, invocation: Invocation, payload: bytes, failure: Failure | None, duration_ms: float, memory_mb: int,
        content_type: str = JSON_TYPE,
    ) -> Outcome:  # fmt: skip
        """How it ended. What was printed up to now is its log."""
        if failure is not None and failure.fatal:
            self._output.end_line()
        printed = self._taken()
        if failure is not None:
            printed = bounded(printed + _logged(invocation.function, failure))
            for line in failure.log.splitlines():
                self._output.tell(line)
        fatal = failure is not None and failure.fatal
        made = Report(duration_ms, self._init_ms, memory_mb, self._clock.now(), _status(failure) if fatal else "")
        log = report.written(invocation, self._before, printed, made)
        init_ms, self._init_ms, self._before = self._init_ms, None, ""
        if failure is None:
            return Outcome(
                invocation.request_id, payload, None, None, None, log, duration_ms, init_ms, memory_mb, None,
                content_type=content_type,
            )  # fmt: skip
        return Outcome(
            invocation.request_id, failure.payload, UNHANDLED, failure.type, failure.message, log,
            duration_ms, init_ms, memory_mb, failure.where,
        )  # fmt: skip

    def _taken(self) -> str:
        text = self._output.take()
        return text if self._places.mapped else self._places.told(text.encode(errors="replace")).decode()

    def _line(self, line: str) -> None:
        if not self._places.mapped:
            line = self._places.told(line.encode(errors="replace")).decode()
        self._on_record(line)
        if self._on_line is not None and self.cause is not None:
            self._on_line(self.cause, line)


def _status(failure: Failure | None) -> str:
    if failure is None:
        return ""
    return "timeout" if failure.type == "Sandbox.Timedout" else failure.type


def _logged(function: FunctionSpec, failure: Failure) -> str:
    """What the platform says of a failure; as a record where the log is made of records."""
    if function.log_format != JSON or not failure.log:
        return failure.log
    return json.dumps({"level": "ERROR", "message": failure.log.strip()}, ensure_ascii=False) + "\n"
