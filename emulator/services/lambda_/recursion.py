"""Put and GetFunctionRecursionConfig: whether a chain of functions that cause each other ends at this one."""

from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, named, required
from emulator.services.lambda_.service import lambda_api
from emulator.store.settings import SettingKey
from emulator.wire.service import Members

_DEFAULT = "Terminate"


@lambda_api.operation("PutFunctionRecursionConfig")
def put_function_recursion_config(call: Call, *, function_name: str, recursive_loop: str) -> Members:
    """`Allow`: a loop is not ended at this function, however long it gets (`max_depth` in config.yaml)."""
    name = named(call, function_name)
    required(call, name)
    with call.store.transaction():
        call.store.settings.put(_key(name), {"RecursiveLoop": recursive_loop}, call.clock.now())
    return {"RecursiveLoop": recursive_loop}


@lambda_api.operation("GetFunctionRecursionConfig")
def get_function_recursion_config(call: Call, *, function_name: str) -> Members:
    name = named(call, function_name)
    required(call, name)
    setting = call.store.settings.find(_key(name))
    return {"RecursiveLoop": _DEFAULT if setting is None else setting.members["RecursiveLoop"]}


def _key(name: FunctionName) -> SettingKey:
    return SettingKey("recursion", name.account, name.region, name.name)
