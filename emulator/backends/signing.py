"""A client's request, signed anew for the real AWS with the user's own credentials.

Only for services of which config.yaml says `real: true`: what the client signed, with keys that are none, is taken off.
"""

import re
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import botocore.session
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from emulator.backends.asked import Asked
from emulator.backends.place import Place
from emulator.errors import AwsError
from emulator.wire.http import HttpRequest

_OLD = frozenset({
    "authorization", "content-length", "expect", "host", "transfer-encoding", "x-amz-content-sha256", "x-amz-date",
    "x-amz-decoded-content-length", "x-amz-security-token", "x-amz-trailer",
})  # fmt: skip
_CHUNK = re.compile(rb"([0-9a-fA-F]+)(?:;[^\r\n]*)?\r\n")


def resigned(place: Place, asked: Asked, request: HttpRequest) -> tuple[str, HttpRequest]:
    """The endpoint, and the request for it.  AwsError when there are no credentials to sign it with."""
    try:
        endpoint = place.endpoint or _endpoint(asked.service, asked.region)
        credentials = _session().get_credentials() if asked.key else None
    except BotoCoreError as error:
        raise _no_credentials(asked, str(error)) from error
    path = f"/{asked.bucket}{request.path}" if asked.bucket else request.path
    query = urlencode([
        pair for pair in parse_qsl(request.query, keep_blank_values=True) if not pair[0].startswith("X-Amz-")
    ], quote_via=quote)  # fmt: skip
    headers = {name: value for name, value in request.headers.items() if name not in _OLD}
    body = request.body
    if request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        body = plain(body)
        headers["content-encoding"] = headers.get("content-encoding", "").replace("aws-chunked", "").strip(", ")
        if not headers["content-encoding"]:
            del headers["content-encoding"]
    if asked.key and credentials is None:
        raise _no_credentials(asked, "none were found")
    headers["host"] = urlsplit(endpoint).netloc
    if credentials is not None:
        url = f"{endpoint.rstrip('/')}{path}" + (f"?{query}" if query else "")
        made = AWSRequest(request.method, url, headers, body)
        auth = S3SigV4Auth if asked.signing == "s3" else SigV4Auth
        auth(credentials.get_frozen_credentials(), asked.signing, asked.region).add_auth(made)
        headers = {name.lower(): value for name, value in made.headers.items()}
    return endpoint, HttpRequest(request.method, path, query, headers, body)


def plain(body: bytes) -> bytes:
    """What a body in aws-chunked holds; signatures and trailers are left out."""
    parts, at = [], 0
    while (found := _CHUNK.match(body, at)) is not None and int(found[1], 16):
        end = found.end() + int(found[1], 16)
        parts.append(body[found.end() : end])
        at = end + 2
    return b"".join(parts)


@cache
def _session() -> botocore.session.Session:
    """The user's own: it reads the environment and `~/.aws`."""
    return botocore.session.Session()


@cache
def _endpoint(service: str, region: str) -> str:
    """Where AWS has this service."""
    unheeded: Any = {"ignore_configured_endpoint_urls": True}  # AWS_ENDPOINT_URL may well name this server
    made: Any = _session().create_client(service, region_name=region, config=Config(**unheeded))
    return str(made.meta.endpoint_url)


def _no_credentials(asked: Asked, why: str) -> AwsError:
    text = f"services.{asked.service} is the real AWS, for which you need credentials of your own: {why}."
    return AwsError("UnrecognizedClientException", text, status=403)
