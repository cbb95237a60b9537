"""The AWS endpoint: a request in, the answer of the service that it is for out."""

from collections.abc import Callable, Mapping
from typing import Generic

from emulator.wire.http import HttpRequest, HttpResponse
from emulator.wire.service import C, Scope, Service


class Endpoint(Generic[C]):
    """All emulated services behind one port."""

    def __init__(
        self, services: Mapping[str, Service[C]], make_call: Callable[[Scope, str, Mapping[str, str]], C]
    ) -> None:
        self._services = services
        self._make_call = make_call

    async def handle(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError
