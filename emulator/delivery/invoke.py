"""Run a function: the step between a stored function and the runtime, for deliveries and for direct invocations."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import random
from typing import Protocol

from emulator.clock import Clock
from emulator.delivery.concurrency import Concurrency
from emulator.delivery.delays import Delays
from emulator.delivery.due import Due
from emulator.delivery.faults import Fault, Faults
from emulator.delivery.result import Result, Status
from emulator.delivery.signal import Signal
from emulator.delivery.steps import Kind, Step, Steps
from emulator.delivery.streams import AnswerStream
from emulator.delivery.trace import cause_of, seen_by_function
from emulator.errors import AwsError
from emulator.ids import new_hex
from emulator.runtime.function import FunctionSpec
from emulator.runtime.outcome import UNHANDLED, Invocation, Outcome, Stream
from emulator.runtime.packages import Packages
from emulator.runtime.unzip import BadArchive
from emulator.store.database import Store
from emulator.store.deliveries import Attempt
from emulator.store.functions import LATEST, FunctionRow


class Executor(Protocol):
    """Something that runs invocations; `done` is called once for each, on the event loop's thread."""

    def submit(self, invocation: Invocation, done: Callable[[Outcome], None]) -> None: ...


class Throttled(Exception):
    """A direct invocation that may not run now; `reason` is Lambda's word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Invoker:
    """`endpoint` answers where this server listens, so that a handler's own SDK calls come back to it."""

    def __init__(
        self, store: Store, clock: Clock, executor: Executor, steps: Steps, endpoint: Callable[[], str],
        concurrency: Concurrency, packages: Packages | None = None, dice: Callable[[], float] = random,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._executor = executor
        self._steps = steps
        self._endpoint = endpoint
        self.concurrency = concurrency
        self._packages = packages or Packages()
        self.dice = dice
        """Between which versions an alias divides its invocations: a number from 0 up to 1."""
        self._unpacking: set[asyncio.Task[None]] = set()
        self._specs: dict[tuple[str, str], tuple[tuple[str, int], str, FunctionSpec]] = {}
        self.direct: dict[str, tuple[str, float]] = {}
        """Direct invocations that run now: request id -> ARN of the function, and since when."""
        self._callers: dict[str, asyncio.Future[Outcome]] = {}
        self._ended = Signal()
        self._generation = 0
        self._closing = False
        self.faults = Faults()
        self.delays = Delays(clock)

    def forget(self) -> None:
        """Everything derived is stale (the store was emptied or replaced), and what runs is not written down."""
        self._specs.clear()
        self.concurrency.forget()
        self._generation += 1

    def close(self) -> int:
        """From here on only handlers that run may still invoke directly; how many have not begun, and never will."""
        self._closing = True
        return self.delays.refuse(_stopped())

    async def drained(self) -> None:
        """Returns when no direct invocation runs any more."""
        while self.direct:
            await self.next_end()

    def cut(self) -> int:
        """Whoever waits for a direct invocation is told that it will not end; how many were."""
        callers = [future for future in self._callers.values() if not future.done()]
        for future in callers:
            future.set_exception(_stopped())
        return len(callers)

    def start(
        self,
        function: FunctionRow,
        payload: bytes,
        done: Callable[[Outcome], None],
        *,
        request_id: str,
        trace: str | None = None,
        invoked_arn: str = "",
        client_context: str | None = None,
        stream: Stream | None = None,
    ) -> None:
        """Begin an invocation, whatever else runs; `done` gets its outcome later.  `payload` is JSON."""
        give_back = self.concurrency.take(function)

        def over(outcome: Outcome) -> None:
            give_back()
            done(_writable(outcome))

        def begin(ended: Callable[[Outcome], None]) -> None:
            self._executor.submit(
                Invocation(
                    function=self._spec(function),
                    payload=payload,
                    request_id=request_id,
                    invoked_arn=invoked_arn or function.arn,
                    trace=seen_by_function(trace or self._new_trace(), request_id),
                    client_context=client_context,
                    stream=stream,
                ),
                ended,
            )

        archives = _archives(function)
        try:
            if archives:
                self._begin_from(archives, begin, over, request_id)
            else:
                begin(over)
        except BaseException:
            give_back()
            raise

    async def invoke(
        self, function: FunctionRow, payload: bytes, *, request_id: str, trace: str | None = None,
        invoked_arn: str = "", client_context: str | None = None, stream: AnswerStream | None = None,
        note: str | None = None,
    ) -> Outcome:  # fmt: skip
        """Run a function directly and wait for it; the attempt is recorded like any other.  Raises AwsError, Throttled.

        A `stream` hears the answer of a handler that streams as it comes, and of any other that it is over.
        """
        if self._closing and cause_of(trace) is None:
            raise _stopped()
        fault = self.faults.on_invocation(function.arn) if self.faults.active else None
        if fault is not None and fault.latency:
            await self.delays.until(_late(self._clock.now() + fault.latency, function, request_id))
        limit = self.concurrency.refusal(function)
        if limit is not None:
            self._tell_throttled(function, request_id, limit)
            raise Throttled(limit)
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        started, generation = self._clock.now(), self._generation
        step = Step(Kind.INVOCATION_ATTEMPT_START, started, event_id=request_id, target=function.arn, attempt=1)
        self._steps.tell(step)

        def done(outcome: Outcome) -> None:
            self.direct.pop(request_id, None)
            self._callers.pop(request_id, None)
            if not future.done():  # the caller may have hung up
                future.set_result(outcome)
            if stream is not None:
                stream.end(outcome)
            if generation == self._generation:
                self._record(function, payload, trace, outcome, started, note)
            self._ended.give()

        self.direct[request_id], self._callers[request_id] = (function.arn, started), future
        if fault is not None and fault.fails:
            done(_failed(fault, function, request_id))
            refusal = fault.refusal()
            if refusal is not None:
                raise refusal
            return await future
        self.start(
            function, payload, done,
            request_id=request_id, trace=trace, invoked_arn=invoked_arn, client_context=client_context, stream=stream,
        )  # fmt: skip
        return await future

    def _tell_throttled(self, function: FunctionRow, request_id: str, reason: str) -> None:
        result = Result(Status.THROTTLED, error_type="TooManyRequestsException", error_message=reason, code=429)
        details = {"result": result, "by": result.by.value}
        self._steps.tell(
            Step(Kind.INVOCATION_ATTEMPT_THROTTLE, self._clock.now(), event_id=request_id, target=function.arn,
                 attempt=1, details=details)
        )  # fmt: skip

    async def next_end(self) -> None:
        """Returns when the next direct invocation has ended."""
        await self._ended.wait()

    def _record(
        self, function: FunctionRow, payload: bytes, trace: str | None, outcome: Outcome, started: float,
        note: str | None,
    ) -> None:  # fmt: skip
        result, ended = result_of(outcome, function), self._clock.now()
        with self._store.transaction():
            self._store.deliveries.record([
                Attempt(None, function.account, function.region, function.arn, 1, outcome.request_id, started, ended,
                        result.status.value, result.error_type, result.error_message, result.payload, result.log,
                        result.where, cause_of(trace), payload.decode(errors="replace"), note=note)
            ])  # fmt: skip
        ok = result.status is Status.SUCCESS
        kind = Kind.INVOCATION_ATTEMPT_SUCCESS if ok else Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE
        self._steps.tell(
            Step(kind, ended, event_id=outcome.request_id, target=function.arn, attempt=1, details={"result": result})
        )

    def _begin_from(
        self, archives: Sequence[str], begin: Callable[[Callable[[Outcome], None]], None],
        done: Callable[[Outcome], None], request_id: str,
    ) -> None:  # fmt: skip
        """Begin once these are unpacked; they stay until it is over."""
        packages = self._packages
        packages.hold(archives)

        def over(outcome: Outcome) -> None:
            packages.release(archives)
            done(outcome)

        async def unpack() -> None:
            try:
                for digest in archives:
                    await packages.unpack(digest, self._store.archives.content(digest) or b"")
            except (BadArchive, OSError) as error:  # it could be unpacked once: the disk is full, say
                text = f"RequestId: {request_id} Error: the function's code could not be unpacked: {error}"
                over(failed(request_id, "Sandbox.Failure", text))
            else:
                begin(over)

        if all(packages.find(digest) for digest in archives):
            begin(over)
            return
        task = asyncio.ensure_future(unpack())
        self._unpacking.add(task)
        task.add_done_callback(self._unpacking.discard)

    def _spec(self, function: FunctionRow) -> FunctionSpec:
        key, endpoint = (function.arn, function.version), self._endpoint()
        as_of = (function.revision_id, self._store.settings.changes)
        known = self._specs.get(key)
        if known is None or known[0] != as_of or known[1] != endpoint:
            spec = _spec(function, endpoint, self._folder, self._is_provisioned(function))
            known = self._specs[key] = (as_of, endpoint, spec)
        return known[2]

    def _is_provisioned(self, function: FunctionRow) -> bool:
        """By a record of the version's own, or of an alias that points to it."""
        if function.version == LATEST:
            return False
        aliases = {alias.name for alias in self._store.aliases.of(*function.key) if alias.version == function.version}
        kept = self._store.settings.of("provisioned", *function.key)
        return any(each.key.qualifier == function.version or each.key.qualifier in aliases for each in kept)

    def _folder(self, digest: str) -> Path:
        package = self._packages.find(digest)
        assert package is not None, "unpacked before it begins"
        return package.folder

    def _new_trace(self) -> str:
        """What Lambda makes when the caller gave no trace (recorded on AWS in September 2026)."""
        digits = new_hex(40)
        return f"Root=1-{int(self._clock.now()):08x}-{digits[:24]};Parent={digits[24:]};Sampled=0"


def result_of(outcome: Outcome, function: FunctionRow, on_success: str = "", note: str | None = None) -> Result:
    """What an outcome means for delivery: every failure of a function may pass, so Lambda's queue retries it."""
    return Result(
        status=Status.SUCCESS if outcome.function_error is None else Status.RETRYABLE,
        payload=outcome.payload,
        error_type=outcome.error_type,
        error_message=outcome.error_message,
        where=outcome.where,
        log=outcome.log,
        duration_ms=outcome.duration_ms,
        on_success=on_success,
        version=function.version,
        note=note,
    )


def _writable(outcome: Outcome) -> Outcome:
    """Half a surrogate pair, which a handler may print or raise, is no text that can be stored or sent: `?`, as Java
    writes for it."""
    texts = (outcome.log, outcome.error_type or "", outcome.error_message or "", outcome.where or "")
    if all(text.isascii() for text in texts):
        return outcome
    log, error_type, error_message, where = (text.encode(errors="replace").decode() for text in texts)
    return replace(
        outcome, log=log, error_type=error_type or None, error_message=error_message or None, where=where or None
    )


def _stopped() -> AwsError:
    text = "The server was told to stop, and this invocation has not come to its end."
    return AwsError("ServiceException", text, {"Type": "Service"}, status=503)


def _late(at: float, function: FunctionRow, request_id: str) -> Due:
    why = "made to come late"
    return Due(at=at, kind="late", target=function.arn, event_id=request_id, attempt=1, why=why)


def _failed(fault: Fault, function: FunctionRow, request_id: str) -> Outcome:
    """A direct invocation that was made to fail: its handler has not run."""
    result = fault.result(function.arn, request_id)
    outcome = failed(request_id, result.error_type or "", result.error_message or "")
    return replace(outcome, payload=result.payload or outcome.payload, log=result.log, memory_mb=function.memory_mb)


def failed(request_id: str, error_type: str, message: str) -> Outcome:
    """One whose handler was never begun."""
    payload = json.dumps({"errorType": error_type, "errorMessage": message}).encode()
    return Outcome(request_id, payload, UNHANDLED, error_type, message, "", 0.0, None, 0, None)


def _archives(function: FunctionRow) -> tuple[str, ...]:
    """Digests of what has to be unpacked for it."""
    if not function.archive and not function.layers:
        return ()
    of_layers = tuple(layer.archive for layer in function.layers)
    return (function.archive, *of_layers) if function.archive else of_layers


def _spec(function: FunctionRow, endpoint: str, folder: Callable[[str], Path], provisioned: bool) -> FunctionSpec:
    return FunctionSpec(
        name=function.name,
        arn=function.arn,
        code=folder(function.archive) if function.archive else Path(function.code),
        handler=function.handler,
        environment=environment_of(function, endpoint),
        timeout=function.timeout,
        memory_mb=function.memory_mb,
        version=function.version,
        log_group=function.logging.get("LogGroup", f"/aws/lambda/{function.name}"),
        real_aws=frozenset(function.real_aws),
        runtime=function.runtime,
        initialization="provisioned-concurrency" if provisioned else "on-demand",
        layers=tuple(folder(layer.archive) for layer in function.layers),
        executor=function.executor,
        ephemeral_storage_mb=function.storage_mb,
        log_format=function.logging.get("LogFormat", "Text"),
    )


def environment_of(function: FunctionRow, endpoint: str) -> Mapping[str, str]:
    """The variables that make a handler's own SDK calls stay here, in its own account; then the user's own.

    The access key id is the account: that is how a request says which account it belongs to.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": function.account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        **(function.environment or {}),
    }
