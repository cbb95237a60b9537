"""Lambda: the functions and their invocation."""

from emulator.services.lambda_ import (  # each fills the table of operations
    capacity,
    concurrency,
    durable,
    event_invoke,
    functions,
    invoke,
    permissions,
    provisioned,
    recursion,
    resource_policies,
    runtime_management,
    scaling,
)
from emulator.services.lambda_.service import lambda_api

__all__ = [
    "capacity", "concurrency", "durable", "event_invoke", "functions", "invoke", "lambda_api", "permissions",
    "provisioned", "recursion", "resource_policies", "runtime_management", "scaling",
]  # fmt: skip
