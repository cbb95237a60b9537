"""Requests of clients to the neighbours: who answers, on which thread, and who is told of it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from functools import partial

from emulator.backends.answers import answer_of, refusal
from emulator.backends.asked import Asked, asked_of, service_of
from emulator.backends.change import Change
from emulator.backends.neighbours import Neighbours
from emulator.backends.operations import changes
from emulator.errors import AwsError
from emulator.wire.http import HttpRequest, HttpResponse, HungUp
from emulator.wire.router import Credential, credential

# What a page out of a bucket may do in a browser: run, but as of no site, so that this server refuses what it asks for.
_SANDBOX = ("Content-Security-Policy", "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts")


class Gateway:
    """On the event loop's thread.  `stopping` returns when the server is told to stop."""

    def __init__(self, neighbours: Neighbours, stopping: Callable[[], Awaitable[object]]) -> None:
        self.domains: Collection[str] = ()
        """Host names below which there are buckets: `aws` for `photos.aws`."""
        self._neighbours = neighbours
        self._stopping = stopping

    def takes_large(self, head: HttpRequest) -> bool:
        """Is this one for S3, whose objects are larger than the requests of all others?  It has no body yet."""
        return service_of(head, credential(head), self.domains) == "s3"

    def handle(self, request: HttpRequest, signed: Credential, hung_up: HungUp) -> Awaitable[HttpResponse] | None:
        """The answer to come; None when the request is for none of the neighbours."""
        asked = asked_of(request, signed, self.domains)
        return None if asked is None else self._handled(asked, request, hung_up)

    async def _handled(self, asked: Asked, request: HttpRequest, hung_up: HungUp) -> HttpResponse:
        neighbours = self._neighbours
        problem = neighbours.refusal(asked.service)
        if problem is not None:
            return refusal(asked, request, AwsError("NotImplementedException", problem, status=501))
        changing = changes(asked.operation) if asked.operation else request.method not in ("GET", "HEAD")
        with neighbours.working(f"{asked.service}:{asked.operation or request.method}", changing):
            response = await self._answered(asked, request, hung_up)
            if changing and response.status < 400:
                trace = request.headers.get("x-amzn-trace-id")
                neighbours.tell(Change(asked.service, asked.operation, asked.account, asked.region, trace))
        return replace(response, headers=(*response.headers, _SANDBOX)) if asked.service == "s3" else response

    async def _answered(self, asked: Asked, request: HttpRequest, hung_up: HungUp) -> HttpResponse:
        neighbours = self._neighbours
        place = neighbours.place(asked.service)
        lane = neighbours.lane(asked.service, asked.operation)
        if place is None:
            work = lane.run(partial(answer_of, neighbours.embedded, asked, request))
            # Everything else is answered at once.
            return await (self._unless_gone(work, hung_up) if asked.operation == "ReceiveMessage" else work)
        from emulator.backends.forward import forwarded

        try:
            return await self._unless_gone(forwarded(lane, place, asked, request), hung_up)
        except AwsError as error:
            return refusal(asked, request, error)

    async def _unless_gone(self, work: Awaitable[HttpResponse], hung_up: HungUp) -> HttpResponse:
        """What `work` comes to; it is cancelled when nobody is left to hear that, or nobody will be there to say it."""
        task = asyncio.ensure_future(work)
        gone, stop = asyncio.ensure_future(hung_up()), asyncio.ensure_future(self._stopping())
        try:
            await asyncio.wait((task, gone, stop), return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else HttpResponse(503)
        finally:
            for future in (task, gone, stop):
                future.cancel()
