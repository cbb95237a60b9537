"""One invocation in one sandbox, on the calling thread, from START to REPORT."""

import inspect
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from math import inf

from emulator.clock import iso_millis
from emulator.runtime import capture, fault, hooks, processes, streaming
from emulator.runtime.context import LambdaContext
from emulator.runtime.current import CURRENT
from emulator.runtime.exchange import event_of, payload_of
from emulator.runtime.fault import Failure, Fault
from emulator.runtime.function import FunctionSpec
from emulator.runtime.hint import hint
from emulator.runtime.json_logs import JSON, error_entry
from emulator.runtime.loader import load_handler
from emulator.runtime.outcome import UNHANDLED, Invocation, Outcome
from emulator.runtime.report import Report, written
from emulator.runtime.sandbox import Sandbox
from emulator.runtime.variables import TRACE

INIT_SECONDS = 10.0
"""AWS gives the imports this long, beside the function's time-out."""

_monotonic = time.monotonic


Started = Callable[[Sandbox, float | None], None]


def run(sandbox: Sandbox, invocation: Invocation, started: Started) -> tuple[Outcome, bool]:
    """How it ended, and whether the sandbox may be used again. Never raises.

    `started(sandbox, milliseconds)` is called when a cold start is over, with None when it failed.
    """
    init_ms: float | None = None
    failure: Failure | None = None
    payload, before = b"", ""
    token = CURRENT.set(sandbox)
    began = _begin(sandbox, invocation)
    try:
        if sandbox.handler is None:
            failure = _initialise(sandbox)
            init_ms = (_monotonic() - began) * 1000
            before = sandbox.output.take()
            started(sandbox, None if failure else init_ms)
            began = _monotonic()
        if failure is None:
            sandbox.deadline = began + invocation.function.timeout
            payload, failure = _call(sandbox, invocation)
    finally:
        sandbox.deadline = inf
        CURRENT.reset(token)
    if sandbox.forked:
        processes.leave(None)
    duration_ms = (_monotonic() - began) * 1000
    usable = sandbox.handler is not None and (failure is None or not failure.fatal)
    return outcome(sandbox, invocation, payload, failure, duration_ms, init_ms, before), usable


def outcome(
    sandbox: Sandbox,
    invocation: Invocation,
    payload: bytes,
    failure: Failure | None,
    duration_ms: float,
    init_ms: float | None,
    before: str = "",
) -> Outcome:
    """The Outcome, with its log as AWS writes it (recorded Sep 2026). `before` is what the cold start printed."""
    request_id = invocation.request_id
    memory_mb = _memory_mb()
    if failure is not None and failure.fatal:
        sandbox.output.end_line()
    printed = sandbox.output.take()
    if failure is not None:
        printed = capture.bounded(printed + _logged(invocation.function, failure))
    report = Report(duration_ms, init_ms, memory_mb, sandbox.clock.now(), _status(failure))
    log = written(invocation, before, printed, report)
    if failure is None:
        return Outcome(
            request_id, payload, None, None, None, log, duration_ms, init_ms, memory_mb, None, sandbox.streamed
        )
    return Outcome(
        request_id, failure.payload, UNHANDLED, failure.type, failure.message, log,
        duration_ms, init_ms, memory_mb, failure.where, sandbox.streamed,
    )  # fmt: skip


def timed_out(sandbox: Sandbox, invocation: Invocation) -> Outcome:
    """The outcome of an invocation whose thread is still busy."""
    timeout = invocation.function.timeout
    failure = fault.of_timeout(timeout, invocation.request_id, iso_millis(sandbox.clock.now()))
    return outcome(sandbox, invocation, b"", failure, timeout * 1000, None)


def broken(invocation: Invocation, error: Exception) -> Outcome:
    """The outcome of an invocation that could not even be begun, through a fault of the emulator's own."""
    failure = fault.of_exception(error, invocation.request_id)
    log = "".join(traceback.format_exception(error))
    return Outcome(
        invocation.request_id, failure.payload, UNHANDLED, failure.type, failure.message, log,
        0.0, None, _memory_mb(), None,
    )  # fmt: skip


def _begin(sandbox: Sandbox, invocation: Invocation) -> float:
    sandbox.invocation = invocation
    sandbox.streamed = False
    if invocation.trace is None:
        sandbox.variables.pop(TRACE, None)
    else:
        sandbox.variables[TRACE] = invocation.trace
    hooks.late()
    capture.ensure()
    now = _monotonic()
    if sandbox.handler is None:
        sandbox.deadline = now + INIT_SECONDS + invocation.function.timeout
    return now


def _initialise(sandbox: Sandbox) -> Failure | None:
    try:
        sandbox.handler = load_handler(sandbox.function, sandbox.namespace)
    except BaseException as error:
        return _failed(error, "", sandbox)
    sandbox.files.watch_data(sandbox.function.code)
    return None


def _call(sandbox: Sandbox, invocation: Invocation) -> tuple[bytes, Failure | None]:
    handler = sandbox.handler
    assert handler is not None
    try:
        epoch = sandbox.clock.now() + invocation.function.timeout
        context = sandbox.context = LambdaContext(invocation, sandbox.log_stream, sandbox.deadline, epoch)
        result = handler(event_of(invocation.payload), context)
        if invocation.stream is not None and inspect.isgenerator(result):
            sandbox.streamed = True
            streaming.run(result, invocation.stream)
            return b"", None
        payload = payload_of(result, handler)
    except BaseException as error:
        return b"", _failed(error, invocation.request_id, sandbox)
    if len(payload) > fault.MAX_RESPONSE_BYTES:
        return b"", fault.of_size()
    return payload, None


def _failed(error: BaseException, reported_id: str, sandbox: Sandbox) -> Failure:
    """AWS's runtime reports an Exception; anything else, and a second one on the way, ends the process."""
    if sandbox.forked:
        processes.leave(error)
    try:
        if isinstance(error, Fault):
            return _with_hint(fault.of_fault(error, reported_id), error, sandbox)
        if isinstance(error, Exception):
            return _with_hint(fault.of_exception(error, reported_id), error, sandbox)
    except Exception as worse:
        return fault.of_exit(worse, sandbox.request_id)
    return fault.of_exit(error, sandbox.request_id)


def _with_hint(failure: Failure, error: Exception, sandbox: Sandbox) -> Failure:
    text = hint(error, sandbox)
    if not text:
        return failure
    sandbox.output.tell(text.removesuffix("\n"))
    return replace(failure, log=failure.log + text)


def _logged(function: FunctionSpec, failure: Failure) -> str:
    """What the runtime says of a failure: of an error of the handler's, a record where the log is made of records."""
    if function.log_format != JSON or failure.fatal or not failure.log:
        return failure.log
    return error_entry(failure.payload)


def _status(failure: Failure | None) -> str:
    if failure is None or not failure.fatal:
        return ""
    return "timeout" if failure.type == "Sandbox.Timedout" else failure.type


_memory: tuple[float, int] = (-inf, 0)


def _memory_mb() -> int:
    """The most memory that the process has used, asked for at most ten times a second."""
    global _memory
    now = _monotonic()
    if now - _memory[0] > 0.1:
        _memory = (now, _peak_mb())
    return _memory[1]


def _peak_mb() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024) if sys.platform == "darwin" else peak // 1024
