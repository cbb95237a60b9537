"""EventBridge's own API: the service that the operations of this package belong to."""

from emulator.services.call import Call
from emulator.wire.service import Service

events: Service[Call] = Service("events")
