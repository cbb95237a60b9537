"""Put, Get and DeleteFunctionConcurrency: what of an account's executions is reserved for a function.

Recorded on AWS (September 2026): a function's name or ARN without a qualifier; what changes something gives the
function a new revision.
"""

from dataclasses import replace

from emulator.ids import new_id
from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, invalid, invalid_without_type, named, not_found
from emulator.services.lambda_.provisioned import requested_in_all
from emulator.services.lambda_.service import lambda_api
from emulator.store.functions import LATEST, FunctionRow
from emulator.store.settings import SettingKey
from emulator.wire.service import Members

RESERVED = "ReservedConcurrentExecutions"


@lambda_api.operation("PutFunctionConcurrency")
def put_function_concurrency(call: Call, *, function_name: str, reserved_concurrent_executions: int) -> Members:
    name = _unqualified(call, function_name)
    function = _required(call, name, f"{name.unqualified}:{LATEST}")
    wanted = reserved_concurrent_executions
    before = call.invoker.concurrency.reserved(function)
    _check(call, function, before, wanted)
    if wanted != before:
        with call.store.transaction():
            call.store.settings.put(_key(name), {RESERVED: wanted}, call.clock.now())
            _renew(call, function)
    return {RESERVED: wanted}


@lambda_api.operation("GetFunctionConcurrency")
def get_function_concurrency(call: Call, *, function_name: str) -> Members:
    name = _unqualified(call, function_name)
    reserved = call.invoker.concurrency.reserved(_required(call, name, name.unqualified))
    return {} if reserved is None else {RESERVED: reserved}


@lambda_api.operation("DeleteFunctionConcurrency")
def delete_function_concurrency(call: Call, *, function_name: str) -> None:
    """Also when nothing is reserved."""
    name = _unqualified(call, function_name)
    function = _required(call, name, f"{name.unqualified}:{LATEST}")
    with call.store.transaction():
        if call.store.settings.remove(_key(name)):
            _renew(call, function)


def _unqualified(call: Call, text: str) -> FunctionName:
    name = named(call, text)
    if name.qualifier is not None:
        raise invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation."
            " Please specify either a function name or an unqualified function ARN."
        )
    return name


def _required(call: Call, name: FunctionName, shown: str) -> FunctionRow:
    """`shown` is how the refusal names the function: each operation has its own way."""
    function = call.store.functions.find(name.account, name.region, name.name)
    if function is None:
        raise not_found(f"Function not found: {shown}")
    return function


def _check(call: Call, function: FunctionRow, before: int | None, wanted: int) -> None:
    minimum = call.invoker.concurrency.limits.minimum_unreserved
    left = call.invoker.concurrency.unreserved(function.account, function.region) + (before or 0) - wanted
    if left < minimum and wanted > (before or 0):
        raise invalid_without_type(
            f"Specified {RESERVED} for function decreases account's UnreservedConcurrentExecution below its minimum"
            f" value of [{minimum}]."
        )
    provisioned = requested_in_all(call, function)
    if wanted < provisioned:
        raise invalid_without_type(
            f" {RESERVED}  {wanted} should not be lower than function's total provisioned concurrency [{provisioned}]."
        )


def _key(name: FunctionName) -> SettingKey:
    return SettingKey("concurrency", name.account, name.region, name.name)


def _renew(call: Call, function: FunctionRow) -> None:
    """A new revision; when it was modified stays."""
    call.store.functions.put(replace(function, revision_id=new_id()))
