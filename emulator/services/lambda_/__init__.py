"""Lambda: the functions and their invocation."""

from emulator.services.lambda_ import (  # each fills the table of operations
    account,
    aliases,
    functions,
    invoke,
    layers,
    signing,
    tags,
    versions,
)
from emulator.services.lambda_.service import lambda_api
from emulator.services.lambda_.states import settle_all

__all__ = [
    "account", "aliases", "functions", "invoke", "lambda_api", "layers", "settle_all", "signing", "tags", "versions",
]  # fmt: skip
