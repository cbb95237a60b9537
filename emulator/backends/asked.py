"""What a request asks for: service, operation, and on whose behalf.  Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qs

from emulator.backends.names import OURS, bucket_in, signed_for, unsigned_for
from emulator.backends.operations import operation_of
from emulator.errors import AwsError
from emulator.wire.http import HttpRequest
from emulator.wire.models import known_services
from emulator.wire.router import Credential, model_of

_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Asked:
    """`service` as in `boto3.client(service)`, `signing` the name it is signed with, `key` the access key id; `bucket`
    is the one that the `Host` names, of a request to S3."""

    service: str
    signing: str
    operation: str
    account: str
    region: str
    key: str = ""
    bucket: str | None = None


def asked_of(request: HttpRequest, credential: Credential, domains: Collection[str] = ()) -> Asked | None:
    """None when the request is for a service of ours, or when nobody can tell for which one."""
    service = service_of(request, credential, domains)
    if service is None:
        return None
    if credential.service is None:
        credential = _otherwise_named(request)
    bucket = bucket_in(request.headers.get("host", ""), domains) if service == "s3" else None
    operation = operation_of(service, request, bucket)
    return Asked(
        service, credential.service or service, operation, credential.account, credential.region, credential.key, bucket
    )


def service_of(request: HttpRequest, credential: Credential, domains: Collection[str] = ()) -> str | None:
    """The service alone."""
    if credential.service is not None:
        signed = None if credential.service in OURS else signed_for(credential.service, request)
        return signed if signed in known_services() else None
    service = unsigned_for(request, domains)
    return None if service == "s3" and _is_ours(request) else service


def _otherwise_named(request: HttpRequest) -> Credential:
    """Of a request without a signature of version 4: with one of version 2, as URLs of S3 still have it, or with a
    queue's URL, which names the account."""
    key = parse_qs(request.query).get("AWSAccessKeyId", [""])[0]
    if not key:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        key = text.partition(":")[0] if scheme == "AWS" else ""
    account = key or request.path.strip("/").partition("/")[0]
    return Credential(None, account, key=key) if _ACCOUNT.fullmatch(account) else Credential(None, key=key)


def _is_ours(request: HttpRequest) -> bool:
    """Is it a path of one of our own services?  Then it is not an object's."""
    try:
        model_of(request, None)
    except AwsError:
        return False
    return True
