"""Put and GetRuntimeManagementConfig: when a version's runtime is renewed.  A record: functions run in the runtimes of
this machine, whatever it says.

Shapes from the model (2026); the texts are ours.
"""

from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, invalid, named, qualified
from emulator.services.lambda_.service import lambda_api
from emulator.store.functions import LATEST
from emulator.store.settings import SettingKey
from emulator.wire.service import Members


@lambda_api.operation("PutRuntimeManagementConfig")
def put_runtime_management_config(
    call: Call,
    *,
    function_name: str,
    update_runtime_on: str,
    qualifier: str | None = None,
    runtime_version_arn: str | None = None,
) -> Members:
    name = _version(call, function_name, qualifier)
    if (update_runtime_on == "Manual") != (runtime_version_arn is not None):
        raise invalid("RuntimeVersionArn is required when UpdateRuntimeOn is Manual, and cannot be given otherwise.")
    members = {"UpdateRuntimeOn": update_runtime_on}
    if runtime_version_arn is not None:
        members["RuntimeVersionArn"] = runtime_version_arn
    with call.store.transaction():
        call.store.settings.put(_key(name), members, call.clock.now())
    return {**members, "FunctionArn": name.arn}


@lambda_api.operation("GetRuntimeManagementConfig")
def get_runtime_management_config(call: Call, *, function_name: str, qualifier: str | None = None) -> Members:
    name = _version(call, function_name, qualifier)
    setting = call.store.settings.find(_key(name))
    return {**({"UpdateRuntimeOn": "Auto"} if setting is None else setting.members), "FunctionArn": name.arn}


def _version(call: Call, function_name: str, qualifier: str | None) -> FunctionName:
    """`$LATEST` or a published version, which must be there; an alias has no runtime of its own."""
    name = named(call, function_name, qualifier)
    function = qualified(call, name)
    if name.qualifier not in (None, function.version):
        raise invalid("Runtime management is set for $LATEST or a published version, not for an alias.")
    return name


def _key(name: FunctionName) -> SettingKey:
    return SettingKey("runtime", name.account, name.region, name.name, name.qualifier or LATEST)
