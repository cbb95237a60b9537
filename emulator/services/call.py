"""What an operation is given: the facts of its request, and the parts of the emulator that it may use."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from emulator.clock import Clock
from emulator.delivery.invoke import Invoker
from emulator.delivery.permissions import Permissions
from emulator.delivery.publish import Publisher
from emulator.delivery.worker import Worker
from emulator.runtime.packages import Packages
from emulator.store.database import Store
from emulator.wire import service

ReadObject = Callable[[str, str, str, str, str | None], Awaitable[bytes]]
"""Account, region, bucket, key and version of an object in S3 -> what is in it.  Raises AwsError in the words of S3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(service.Call):
    """`url` is where this server listens; `read_object` is None where there is no S3."""

    store: Store
    clock: Clock
    publisher: Publisher
    invoker: Invoker
    worker: Worker
    permissions: Permissions
    packages: Packages = field(default_factory=Packages)
    url: str = "http://localhost:4566"
    read_object: ReadObject | None = None
