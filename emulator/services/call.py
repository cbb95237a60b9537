"""What an operation is given: the facts of its request, and the parts of the emulator that it may use."""

from dataclasses import dataclass

from emulator.clock import Clock
from emulator.delivery.invoke import Invoker
from emulator.delivery.permissions import Permissions
from emulator.delivery.publish import Publisher
from emulator.delivery.worker import Worker
from emulator.store.database import Store
from emulator.wire import service


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(service.Call):
    store: Store
    clock: Clock
    publisher: Publisher
    invoker: Invoker
    worker: Worker
    permissions: Permissions
