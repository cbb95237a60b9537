"""What a request asks for: service, operation, and on whose behalf.  Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from emulator.backends.names import OURS, bucket_in, signed_for, unsigned_for
from emulator.backends.operations import operation_of
from emulator.errors import AwsError
from emulator.wire.http import HttpRequest
from emulator.wire.models import known_services
from emulator.wire.router import Credential, model_of


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


def _is_ours(request: HttpRequest) -> bool:
    """Is it a path of one of our own services?  Then it is not an object's."""
    try:
        model_of(request, None)
    except AwsError:
        return False
    return True
