"""An answer to every request to an embedded service, whatever happens: in the shape that the service's SDKs read."""

import logging

from emulator.backends.asked import Asked
from emulator.backends.embedded import Embedded
from emulator.errors import AwsError
from emulator.ids import new_id
from emulator.wire.codec import write_foreign_error
from emulator.wire.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)


def answer_of(embedded: Embedded, asked: Asked, request: HttpRequest) -> HttpResponse:
    """Never raises.  Blocking."""
    try:
        return embedded.answer(asked, request)
    except AwsError as error:
        return refusal(asked, request, error)
    except Exception as error:
        if isinstance(error, KeyError) and error.args == (asked.region,):
            return refusal(asked, request, _unknown_region(asked))
        log.exception("moto, for %s:%s", asked.service, asked.operation)
        text = f"{type(error).__name__}: {error} (a mistake of moto's, which answers for {asked.service} here)"
        return refusal(asked, request, AwsError("InternalFailure", text, status=500))


def refusal(asked: Asked, request: HttpRequest, error: AwsError) -> HttpResponse:
    response = write_foreign_error(request, asked.signing, error, new_id())
    if request.headers.get("smithy-protocol") != "rpc-v2-cbor":
        return response
    others = [header for header in response.headers if header[0] != "Content-Type"]
    headers = (*others, ("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"))
    return HttpResponse(response.status, headers, _cbor({"__type": error.code, "message": error.message}))


def _cbor(texts: dict[str, str]) -> bytes:
    """A map of texts (RFC 8949), of at most 23."""
    parts = [text.encode() for pair in texts.items() for text in pair]
    return bytes([0xA0 + len(texts)]) + b"".join(b"\x7a" + len(part).to_bytes(4, "big") + part for part in parts)


def _unknown_region(asked: Asked) -> AwsError:
    text = f"moto, which answers for {asked.service} here, knows no region {asked.region!r} of it."
    return AwsError("UnrecognizedClientException", text)
