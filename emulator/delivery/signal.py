"""A signal: many may wait for the next time that something happens."""

import asyncio


class Signal:
    """On the event loop's thread alone.  What happened before somebody waits, is not kept for him."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        """Returns the next time it is given."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def give(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():  # whoever waited may have given up
                future.set_result(None)
