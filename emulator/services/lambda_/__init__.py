"""Lambda: the functions and their invocation."""

from emulator.services.lambda_ import (  # each fills the table of operations
    account,
    aliases,
    capacity,
    concurrency,
    durable,
    event_invoke,
    function_urls,
    functions,
    invoke,
    invoke_stream,
    layers,
    permissions,
    provisioned,
    recursion,
    resource_policies,
    runtime_management,
    scaling,
    signing,
    tags,
    versions,
)
from emulator.services.lambda_.service import lambda_api
from emulator.services.lambda_.states import settle_all

__all__ = [
    "account", "aliases", "capacity", "concurrency", "durable", "event_invoke", "function_urls", "functions", "invoke",
    "invoke_stream", "lambda_api", "layers", "permissions", "provisioned", "recursion", "resource_policies",
    "runtime_management", "scaling", "settle_all", "signing", "tags", "versions",
]  # fmt: skip
