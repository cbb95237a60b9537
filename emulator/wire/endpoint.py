"""The AWS endpoint: a request in, the answer of the service that it is for out; whatever happens, in AWS's shape."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Generic

from emulator.errors import AwsError
from emulator.ids import new_id
from emulator.wire import codec, router
from emulator.wire.http import HttpRequest, HttpResponse
from emulator.wire.models import Model
from emulator.wire.service import C, Scope, Service, not_emulated

log = logging.getLogger(__name__)

# Bytes of a body that is read aside, while others are answered: it takes a tenth of a second, or a whole one.
_LARGE = 1 << 20


class Endpoint(Generic[C]):
    """All emulated services behind one port."""

    def __init__(
        self, services: Mapping[str, Service[C]], make_call: Callable[[Scope, str, Mapping[str, str]], C]
    ) -> None:
        """`make_call` gets the scope, the request id and the headers (lower-case) of a request."""
        self._services = services
        self._make_call = make_call

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answers a request; never raises.  What is our own mistake is a 500 and a traceback in the log."""
        request_id = new_id()
        model: Model | None = None
        asked: str | None = None
        try:
            credential = router.credential(request)
            asked = credential.service
            model = router.model_of(request, credential.service)
            route = router.route(model, request)
            operation = route.operation
            service = self._services.get(model.service)
            if service is None or operation.name not in service.emulated:
                raise not_emulated(model.service, operation.name)
            read = codec.reader(operation)
            if len(request.body) <= _LARGE:
                members = read(request, route.labels)
            else:
                members = await asyncio.to_thread(read, request, route.labels)
            call = self._make_call(Scope(credential.account, credential.region), request_id, request.headers)
            answer = service.call(call, operation.name, members)
            response = codec.writer(operation)(answer if isinstance(answer, dict) else await answer, request_id)
            further = call.answer_headers
            return replace(response, headers=(*response.headers, *further.items())) if further else response
        except AwsError as error:
            if model is None:
                return codec.write_foreign_error(request, asked, error, request_id)
            return codec.write_error(model, error, request_id)
        except Exception as error:
            log.exception("%s %s, request %s", request.method, request.path, request_id)
            return codec.write_error(model, _mistake(model, error, request_id), request_id)

    def operation(self, request: HttpRequest) -> str | None:
        """The name of the operation that a request is for, which may have no body; None when it is for none."""
        try:
            return router.route(router.model_of(request, router.credential(request).service), request).operation.name
        except AwsError:
            return None


def _mistake(model: Model | None, error: Exception, request_id: str) -> AwsError:
    code = model.internal_error if model else "InternalFailure"
    text = f"{type(error).__name__}: {error} (a mistake of the emulator; its log tells more of request {request_id})"
    return AwsError(code, text, status=500)
