"""A long request ends with its work, with its caller, or with the server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import HTTPException, Request

from emulator.console.long_poll import while_connected

Ending = Callable[["asyncio.Queue[dict[str, Any]]", asyncio.Event, "asyncio.Future[int]"], None]


def end(ending: Ending) -> tuple[int, bool]:
    """The result, or the status of the refusal; and was the work cancelled?"""

    async def main() -> tuple[int, bool]:
        messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        messages.put_nowait({"type": "http.request", "body": b"{}", "more_body": False})
        stopping, work = asyncio.Event(), asyncio.get_running_loop().create_future()
        request = Request({"type": "http"}, messages.get)
        waiting: Awaitable[int] = asyncio.ensure_future(while_connected(request, stopping, work))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        ending(messages, stopping, work)
        try:
            return await waiting, work.cancelled()
        except HTTPException as error:
            return error.status_code, work.cancelled()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("ending", "result"),
    [
        (lambda messages, stopping, work: work.set_result(7), (7, False)),
        (lambda messages, stopping, work: messages.put_nowait({"type": "http.disconnect"}), (499, True)),
        (lambda messages, stopping, work: stopping.set(), (503, True)),
    ],
    ids=["done", "hung up", "stopping"],
)
def test_it_ends(ending: Ending, result: tuple[int, bool]) -> None:
    assert end(ending) == result
