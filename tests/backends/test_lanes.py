import asyncio
import threading

import pytest

from emulator.backends.context import ABANDONED
from emulator.backends.lanes import Lane


def test_what_it_returns_or_raises() -> None:
    async def main() -> None:
        lane = Lane("test", 1)
        assert await lane.run(lambda: threading.current_thread().name) == "test-1"
        with pytest.raises(ZeroDivisionError):
            await lane.run(lambda: 1 // 0)
        lane.close()

    asyncio.run(main())


def test_no_more_threads_than_it_may_have_and_no_more_than_it_needs() -> None:
    async def main() -> None:
        lane, meeting = Lane("test", 2), threading.Barrier(2)
        names = [await lane.run(lambda: threading.current_thread().name) for _ in range(3)]
        assert set(names) == {"test-1"}
        together = [lane.run(lambda: (meeting.wait(10), threading.current_thread().name)[1]) for _ in range(4)]
        assert set(await asyncio.gather(*together)) == {"test-1", "test-2"}
        lane.close()

    asyncio.run(main())


def test_who_gives_up_is_not_waited_for_and_what_had_not_begun_never_begins() -> None:
    async def main() -> None:
        lane, begun, go_on = Lane("test", 1), threading.Event(), threading.Event()
        abandoned, done = [], []

        def work() -> None:
            begun.set()
            go_on.wait(10)
            abandoned.append(ABANDONED.get()())

        running = asyncio.ensure_future(lane.run(work))
        waiting = asyncio.ensure_future(lane.run(lambda: done.append("waiting")))
        await asyncio.to_thread(begun.wait, 10)
        for task in (running, waiting):
            task.cancel()
        await asyncio.wait([running, waiting])
        go_on.set()
        await lane.run(lambda: done.append("next"))

        assert (abandoned, done) == ([True], ["next"])
        lane.close()

    asyncio.run(main())
