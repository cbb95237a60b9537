"""The Lambda API: the table that the modules of its resources fill."""

from emulator.services.call import Call
from emulator.wire.service import Service

lambda_api: Service[Call] = Service("lambda")
