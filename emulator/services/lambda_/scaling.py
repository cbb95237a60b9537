"""Put and GetFunctionScalingConfig: how many environments a function of Lambda Managed Instances may have.  A record.

Shapes from the model (2026); the texts are ours.
"""

from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, invalid, named, qualified
from emulator.services.lambda_.service import lambda_api
from emulator.store.functions import FunctionRow
from emulator.store.settings import SettingKey
from emulator.wire.service import Members

_MIN, _MAX = "MinExecutionEnvironments", "MaxExecutionEnvironments"


@lambda_api.operation("PutFunctionScalingConfig")
def put_function_scaling_config(
    call: Call, *, function_name: str, qualifier: str, function_scaling_config: Members | None = None
) -> Members:
    """Without a configuration what was set is taken away."""
    name = named(call, function_name, qualifier)
    function = _managed(call, name)
    given = {key: value for key, value in (function_scaling_config or {}).items() if value is not None}
    if given.get(_MIN, 0) > given.get(_MAX, given.get(_MIN, 0)):
        raise invalid(f"{_MIN} cannot be greater than {_MAX}.")
    with call.store.transaction():
        if given:
            call.store.settings.put(_key(name), given, call.clock.now())
        else:
            call.store.settings.remove(_key(name))
    return {"FunctionState": function.state}


@lambda_api.operation("GetFunctionScalingConfig")
def get_function_scaling_config(call: Call, *, function_name: str, qualifier: str) -> Members:
    """What was asked for is applied at once."""
    name = named(call, function_name, qualifier)
    _managed(call, name)
    setting = call.store.settings.find(_key(name))
    if setting is None:
        return {"FunctionArn": name.arn}
    config = dict(setting.members)
    return {
        "FunctionArn": name.arn,
        "AppliedFunctionScalingConfig": config,
        "RequestedFunctionScalingConfig": config,
    }


def _managed(call: Call, name: FunctionName) -> FunctionRow:
    function = qualified(call, name)
    if "CapacityProviderConfig" not in function.settings:
        raise invalid(f"{name.arn} has no capacity provider: its scaling cannot be configured.")
    return function


def _key(name: FunctionName) -> SettingKey:
    return SettingKey("scaling", name.account, name.region, name.name, str(name.qualifier))
