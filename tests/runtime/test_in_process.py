import asyncio
import json
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from emulator.clock import SystemClock, VirtualClock
from emulator.runtime import in_process, worker
from emulator.runtime.outcome import Invocation, Outcome
from emulator.runtime.pool import Pool
from tests.runtime.running import REQUEST_ID, Running

QUICK = "def handler(event, context): return event"
WAITING = """
import gates
def handler(event, context):
    gates.entered.put(event)
    gates.opened.wait(10)
    return event
"""


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> object:
    """A module that functions and the test share: handlers say that they are in, and wait until they may go."""
    module = ModuleType("gates")
    module.entered, module.opened = queue.Queue(), threading.Event()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gates", module)
    return module


def test_outcomes_come_on_the_loops_thread_in_batches(running: Running, gates: object) -> None:
    function = running.function(
        """
        import gates
        def handler(event, context):
            if event == 99:
                gates.entered.put(event)
            return event
        """
    )
    invocations = [running.invocation(function, number) for number in range(100)]
    wakes: list[int] = []
    hand_over = running.executor._hand_over

    def counted() -> None:
        wakes.append(len(running.executor._finished))
        hand_over()

    async def submit_all() -> list[tuple[bytes, int]]:
        outcomes: list[tuple[bytes, int]] = []
        finished = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            outcomes.append((outcome.payload, threading.get_ident()))
            if len(outcomes) == len(invocations):
                finished.set_result(None)

        for invocation in invocations:
            running.executor.submit(invocation, done)
        assert running.executor.in_flight == 100
        gates.entered.get(timeout=5)  # type: ignore[attr-defined]  # this thread does nothing while they run
        await finished
        return outcomes

    running.executor._hand_over = counted  # type: ignore[method-assign]
    outcomes = running.runner.run(submit_all())
    assert outcomes == [(str(number).encode(), threading.get_ident()) for number in range(100)]
    assert wakes[0] >= 99
    assert len(wakes) <= 2
    assert running.executor.in_flight == 0


def test_quick_handlers_need_few_threads_and_one_cold_start(running: Running) -> None:
    function = running.function(QUICK)
    outcomes = running.run_all(running.invocation(function, number) for number in range(300))
    assert sum(outcome.init_ms is not None for outcome in outcomes) <= 3
    assert threading.active_count() < 10


def test_handlers_run_side_by_side_each_in_a_sandbox_of_its_own(running: Running, gates: object) -> None:
    function = running.function(WAITING)

    async def ten() -> list[Outcome]:
        invocations = [running.executor.run(running.invocation(function, number)) for number in range(10)]
        tasks = [asyncio.create_task(invocation) for invocation in invocations]
        for _ in range(10):
            await asyncio.to_thread(gates.entered.get, timeout=5)  # type: ignore[attr-defined]
        gates.opened.set()  # type: ignore[attr-defined]
        return await asyncio.gather(*tasks)

    outcomes = running.runner.run(ten())
    assert [json.loads(outcome.payload) for outcome in outcomes] == list(range(10))
    assert all(outcome.init_ms is not None for outcome in outcomes)


def test_slow_handlers_do_not_hold_up_quick_ones(running: Running, gates: object) -> None:
    slow, quick = running.function(WAITING, name="slow"), running.function(QUICK, name="quick")

    async def mixed() -> list[Outcome]:
        waiting = [asyncio.create_task(running.executor.run(running.invocation(slow, number))) for number in range(5)]
        found = [await running.executor.run(running.invocation(quick, number)) for number in range(5)]
        gates.opened.set()  # type: ignore[attr-defined]
        await asyncio.gather(*waiting)
        return found

    assert [json.loads(outcome.payload) for outcome in running.runner.run(mixed())] == list(range(5))


def test_no_more_than_the_bound_run_at_once(running: Running, gates: object) -> None:
    running.executor.close()
    bounded = Running(running.folder, max_workers=2)
    function = bounded.function(WAITING)

    async def five() -> tuple[int, list[Outcome]]:
        tasks = [asyncio.create_task(bounded.executor.run(bounded.invocation(function, number))) for number in range(5)]
        for _ in range(2):
            await asyncio.to_thread(gates.entered.get, timeout=5)  # type: ignore[attr-defined]
        busy = len(bounded.executor._workers)
        gates.opened.set()  # type: ignore[attr-defined]
        return busy, await asyncio.gather(*tasks)

    busy, outcomes = bounded.runner.run(five())
    bounded.close()
    assert busy == 2
    assert [json.loads(outcome.payload) for outcome in outcomes] == list(range(5))


SLEEPY = """
import time
count = 0
print("loading")
def handler(event, context):
    global count
    count += 1
    print("working")
    end = time.monotonic() + event
    while time.monotonic() < end:
        pass
    return count
"""


def test_a_timeout(running: Running) -> None:
    function = running.function(SLEEPY, timeout=0.05)
    assert running.result(function, 0) == 1
    outcome = running.run(function, 60)
    request_id = REQUEST_ID.format(2)
    message = f"RequestId: {request_id} Error: Task timed out after 0.05 seconds"
    assert outcome.payload.decode() == json.dumps(
        {"errorType": "Sandbox.Timedout", "errorMessage": message}, separators=(",", ":")
    )
    assert (outcome.error_type, outcome.error_message) == ("Sandbox.Timedout", message)
    head, _, rest = outcome.log.partition("working\n")
    assert head == f"START RequestId: {request_id} Version: $LATEST\n"
    assert f"Z {request_id} Task timed out after 0.05 seconds\n\nEND RequestId: {request_id}\n" in rest
    assert rest.endswith(" MB\tStatus: timeout\n")
    assert "Duration: 50.00 ms\tBilled Duration: 50 ms" in rest
    assert running.result(function, 0) == 1  # starts anew


def test_a_handler_that_loops_for_ever_is_stopped(running: Running) -> None:
    function = running.function("def handler(event, context):\n    while True: pass", timeout=0.05)
    running.error(function)
    lost = running.executor._lost
    for thread in lost:
        thread.join(5)
    assert running.executor.abandoned == 0


def test_a_thread_that_cannot_be_stopped_is_counted(running: Running, gates: object) -> None:
    source = """
        import gates
        def handler(event, context):
            while True:
                try:
                    if gates.opened.wait(10):
                        return
                except BaseException:
                    pass
        """
    assert running.error(running.function(source, timeout=0.05))["errorType"] == "Sandbox.Timedout"
    assert running.executor.abandoned == 1
    lost = list(running.executor._lost)
    gates.opened.set()  # type: ignore[attr-defined]
    lost[0].join(5)
    assert running.executor.abandoned == 0


def test_what_an_abandoned_thread_prints_is_dropped(running: Running, gates: object) -> None:
    source = """
        import gates
        def handler(event, context):
            if event == "wait":
                try:
                    gates.opened.wait(10)
                finally:
                    print("too late")
                    gates.entered.put("printed")
        """
    function = running.function(source, timeout=0.05)
    running.error(function, "wait")
    gates.opened.set()  # type: ignore[attr-defined]
    assert gates.entered.get(timeout=5) == "printed"  # type: ignore[attr-defined]
    assert "too late" not in running.run(function).log


def test_a_cold_start_does_not_count_against_the_timeout(running: Running) -> None:
    function = running.function("import time\ntime.sleep(0.1)\n" + QUICK, timeout=0.05)
    assert running.result(function, 1) == 1


def test_a_cold_start_without_end(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.runtime.run.INIT_SECONDS", 0.01)
    function = running.function("while True: pass\n" + QUICK, timeout=0.05)
    invocations = [running.invocation(function, number) for number in range(2)]
    assert {outcome.error_type for outcome in running.run_all(invocations)} == {"Sandbox.Timedout"}
    running.function("\n" + QUICK)
    assert running.result(function, 3) == 3


def test_a_virtual_clock_does_not_make_handlers_time_out(tmp_path: Path) -> None:
    clock = VirtualClock(1_000_000.0)
    running = Running(tmp_path, clock=clock)
    source = (
        "def handler(event, context): return [context.get_remaining_time_in_millis() > 0, context.log_stream_name[:10]]"
    )
    function = running.function(source)
    assert running.result(function) == [True, "1970/01/12"]
    clock.advance(days=1)
    assert running.result(function) == [True, "1970/01/12"]
    running.close()


def test_timeouts_are_off_while_a_debugger_is_attached(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydevd", ModuleType("pydevd"))
    function = running.function("import time\ndef handler(event, context): time.sleep(0.1)", timeout=0.05)
    assert running.result(function) is None


def test_cold_starts_of_one_function_come_one_after_the_other(running: Running) -> None:
    function = running.function("import time\ntime.sleep(0.02)\n" + QUICK)
    began = time.monotonic()
    outcomes = running.run_all(running.invocation(function, number) for number in range(50))
    assert sum(outcome.init_ms is not None for outcome in outcomes) <= 3
    assert time.monotonic() - began < 1


def test_idle_workers_end(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.01)
    assert running.result(running.function(QUICK), 1) == 1
    for thread in list(running.executor._workers):
        thread.join(5)
    assert running.executor._workers == []
    assert running.result(running.function(), 2) == 2


def test_a_worker_may_end_before_its_start_returns(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.0)
    start = threading.Thread.start

    def start_and_see_the_end(thread: threading.Thread) -> None:
        start(thread)
        thread.join(5)

    monkeypatch.setattr(threading.Thread, "start", start_and_see_the_end)
    assert running.result(running.function(QUICK), 1) == 1
    assert running.executor._workers == []


def test_a_callback_that_fails_is_the_loops_business(running: Running) -> None:
    reported: list[str] = []

    async def failing() -> Outcome:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(context["message"]))

        def done(outcome: Outcome) -> None:
            raise ValueError("no")

        running.executor.submit(running.invocation(running.function(QUICK)), done)
        return await running.executor.run(running.invocation(running.function(), 2))

    assert running.runner.run(failing()).payload == b"2"
    assert reported == ["an outcome could not be taken"]


def test_giving_up_waiting(running: Running, gates: object) -> None:
    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(running.executor.run(running.invocation(running.function(WAITING))), 0.01)
        gates.opened.set()  # type: ignore[attr-defined]
        await running.executor.run(running.invocation(running.function(QUICK, name="quick")))

    running.runner.run(give_up())


def test_after_closing(running: Running, gates: object) -> None:
    left: list[Outcome] = []

    async def leave(invocation: Invocation, done: Callable[[Outcome], None]) -> None:
        running.executor.submit(invocation, done)
        await asyncio.to_thread(gates.entered.get, timeout=5)  # type: ignore[attr-defined]

    running.runner.run(leave(running.invocation(running.function(WAITING)), left.append))
    workers = list(running.executor._workers)
    running.executor.close()
    running.executor.close()
    with pytest.raises(RuntimeError, match="closed"):
        running.run(running.function(QUICK))
    gates.opened.set()  # type: ignore[attr-defined]
    for thread in workers:
        thread.join(5)
    running.runner.run(asyncio.sleep(0))
    assert left == []


def test_one_loop_after_the_other(running: Running) -> None:
    function = running.function(QUICK)
    assert running.result(function, 1) == 1
    running.runner.close()
    running.runner = asyncio.Runner()
    assert running.result(function, 2) == 2


def test_a_loop_that_ended_before_its_handlers(running: Running, gates: object) -> None:
    slow, quick = running.function(WAITING), running.function(QUICK, name="quick")

    async def leave() -> None:
        running.executor.submit(running.invocation(slow), print)
        await asyncio.to_thread(gates.entered.get, timeout=5)  # type: ignore[attr-defined]

    running.runner.run(leave())
    with pytest.raises(RuntimeError, match="another event loop"):
        asyncio.run(running.executor.run(running.invocation(quick)))
    running.runner.close()
    running.runner = asyncio.Runner()
    assert running.result(quick, 2) == 2
    assert (running.executor.in_flight, running.executor.abandoned) == (0, 1)
    gates.opened.set()  # type: ignore[attr-defined]
    assert running.result(running.function(), 3) == 3


def test_a_mistake_of_our_own_is_an_outcome_too(running: Running) -> None:
    function = running.function(QUICK, environment=None)
    outcome = running.run(function)
    assert outcome.error_type == "TypeError"
    assert "sandbox.py" in outcome.log
    assert running.result(running.function(), 1) == 1


def test_defaults_are_stated() -> None:
    assert in_process.MAX_WORKERS == 512


def test_a_worker_that_is_over_is_hit_by_nothing_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """In threading's own code it would print a traceback on the server's terminal."""
    escaped: list[BaseException] = []
    ended = threading.Event()
    delete = threading.Thread._delete  # type: ignore[attr-defined]

    def last_of_all(thread: threading.Thread) -> None:
        try:
            late.stop()
            delete(thread)
        except SystemExit as error:
            escaped.append(error)
        ended.set()

    pool = Pool(SystemClock(), None, None, lambda tasks: None)
    line = worker.Line(pool, deque(), [], lambda task, outcome: None, worker.Worker.stop, closed=True)
    late = worker.Worker(line, 1)
    monkeypatch.setattr(threading.Thread, "_delete", last_of_all)
    late.start()
    assert ended.wait(5)
    late.join(5)
    assert (escaped, late.alive) == ([], False)


def test_cold_starts_go_side_by_side_after_one_that_failed(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    together = ModuleType("together")
    together.first, together.barrier = [1], threading.Barrier(3, timeout=5)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "together", together)
    source = """
        import together
        if together.first:
            together.first.pop()
        else:
            together.barrier.wait()
        raise ValueError("no")
    """
    function = running.function(source, handler="charge.handler", timeout=30.0)
    outcomes = running.run_all(running.invocation(function) for _ in range(4))
    assert [outcome.error_type for outcome in outcomes] == ["ValueError"] * 4
