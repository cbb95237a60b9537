"""GetAccountSettings: the limits of an account, and what it uses of them."""

from emulator.runtime.unzip import MAX_UNZIPPED
from emulator.services.call import Call
from emulator.services.lambda_.code import MAX_ZIPPED
from emulator.services.lambda_.configuration import code_size
from emulator.services.lambda_.service import lambda_api
from emulator.wire.service import Members

# Recorded on AWS in September 2026.
_MAX_CODE = 322_122_547_200


@lambda_api.operation("GetAccountSettings")
def get_account_settings(call: Call) -> Members:
    """Every version and every layer counts with the size of its zip (recorded on AWS)."""
    functions = call.store.functions.every(call.account, call.region)
    layers = call.store.layers.every(call.account, call.region)
    concurrency = call.invoker.concurrency
    return {
        "AccountLimit": {
            "TotalCodeSize": _MAX_CODE,
            "CodeSizeUnzipped": MAX_UNZIPPED,
            "CodeSizeZipped": MAX_ZIPPED,
            "ConcurrentExecutions": concurrency.limits.concurrency,
            "UnreservedConcurrentExecutions": concurrency.unreserved(call.account, call.region),
        },
        "AccountUsage": {
            "TotalCodeSize": sum(map(code_size, functions)) + sum(row.code_size for row in layers),
            "FunctionCount": len({row.name for row in functions}),
        },
        "HasFunctionWithDeprecatedRuntime": False,
    }
