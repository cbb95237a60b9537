"""A request that may take minutes ends when its caller hangs up, and when the server is told to stop."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from fastapi import HTTPException, Request

T = TypeVar("T")
_HUNG_UP = 499  # as nginx has it; nobody sees it


async def while_connected(request: Request, stopping: asyncio.Event, work: Awaitable[T]) -> T:
    """What `work` comes to; it is cancelled when nobody is left to hear that, or nobody will be there to say it."""
    task = asyncio.ensure_future(work)
    gone, stop = asyncio.ensure_future(_gone(request)), asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((task, gone, stop), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
    finally:
        for future in (task, gone, stop):
            future.cancel()
    if gone.done():
        raise HTTPException(_HUNG_UP)
    raise HTTPException(503, "The server was told to stop.")


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass  # what is left of the body
