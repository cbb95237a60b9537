"""What Lambda itself writes into a function's log: START, END and REPORT as text, or as records of JSON.

Text as recorded on AWS (September 2026); records as its telemetry schema has them.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from emulator.clock import iso_millis
from emulator.runtime.function import FunctionSpec
from emulator.runtime.json_logs import JSON
from emulator.runtime.outcome import Invocation


@dataclass(frozen=True, slots=True)
class Report:
    """`status` is "" for an invocation that the runtime came back from, "timeout", or the type of the error that ended
    it; `ended` in seconds since 1970."""

    duration_ms: float
    init_ms: float | None
    memory_mb: int
    ended: float
    status: str = ""


def written(invocation: Invocation, before: str, printed: str, report: Report) -> str:
    """The log of one invocation. `before` is what came up to its START: the output of a cold start."""
    if invocation.function.log_format == JSON:
        began = report.ended - report.duration_ms / 1000
        start = record("platform.start", began, {"requestId": invocation.request_id,
                                                 "version": invocation.function.version})  # fmt: skip
        return f"{before}{start}\n{printed}{_end_as_json(invocation, report)}\n"
    request_id, version = invocation.request_id, invocation.function.version
    return (
        f"{before}START RequestId: {request_id} Version: {version}\n{printed}END RequestId: {request_id}\n"
        f"{_end_as_text(invocation, report)}\n"
    )


def init_report(function: FunctionSpec, phase: str, milliseconds: float, status: str, now: float) -> str:
    """The line about a cold start that failed; `status` as in Report."""
    if function.log_format == JSON:
        members = {"phase": phase, "initializationType": "on-demand", **_status(status),
                   "metrics": {"durationMs": round(milliseconds, 2)}}  # fmt: skip
        return record("platform.initReport", now, members) + "\n"
    return f"INIT_REPORT Init Duration: {milliseconds:.2f} ms\tPhase: {phase}\t{_status_text(status)}\n"


def record(kind: str, moment: float, members: dict[str, Any]) -> str:
    """One record of the platform's, a line of JSON."""
    return json.dumps({"time": iso_millis(moment), "type": kind, "record": members}, separators=(",", ":"))


def metrics(function: FunctionSpec, report: Report) -> dict[str, Any]:
    """The numbers of a platform.report."""
    found: dict[str, Any] = {
        "durationMs": round(report.duration_ms, 2), "billedDurationMs": _billed(report),
        "memorySizeMB": function.memory_mb, "maxMemoryUsedMB": report.memory_mb,
    }  # fmt: skip
    return found if report.init_ms is None else {**found, "initDurationMs": round(report.init_ms, 2)}


def _end_as_json(invocation: Invocation, report: Report) -> str:
    members = {"requestId": invocation.request_id, "metrics": metrics(invocation.function, report)}
    return record("platform.report", report.ended, {**members, **_status(report.status)})


def _end_as_text(invocation: Invocation, report: Report) -> str:
    init = "" if report.init_ms is None else f"Init Duration: {report.init_ms:.2f} ms\t"
    return (
        f"REPORT RequestId: {invocation.request_id}\tDuration: {report.duration_ms:.2f} ms\t"
        f"Billed Duration: {_billed(report)} ms\tMemory Size: {invocation.function.memory_mb} MB\t"
        f"Max Memory Used: {report.memory_mb} MB\t{init}{_status_text(report.status)}"
    )


def _billed(report: Report) -> int:
    """The cold start is billed too, since August 2025."""
    return math.ceil(report.duration_ms + (report.init_ms or 0.0))


def _status_text(status: str) -> str:
    if not status:
        return ""
    return "Status: timeout" if status == "timeout" else f"Status: error\tError Type: {status}"


def _status(status: str) -> dict[str, str]:
    if status in ("", "timeout"):
        return {"status": status or "success"}
    return {"status": "error", "errorType": status}
