"""Lambda: the functions and their invocation."""

from emulator.services.lambda_ import functions, invoke  # each fills the table of operations
from emulator.services.lambda_.service import lambda_api

__all__ = ["functions", "invoke", "lambda_api"]
