"""Put, Get, List and DeleteProvisionedConcurrencyConfig: executions of a version or an alias that are kept ready.

A record: here every function has its executions at once.  It is IN_PROGRESS in the answer that makes it and READY from
then on; handlers find `provisioned-concurrency` in AWS_LAMBDA_INITIALIZATION_TYPE.

Texts recorded on AWS (2025).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, conflict, invalid, named, not_found
from emulator.services.lambda_.pages import paged
from emulator.services.lambda_.service import lambda_api
from emulator.store.functions import LATEST, FunctionRow
from emulator.store.settings import Setting, SettingKey
from emulator.wire.service import Members

_REQUESTED = "RequestedProvisionedConcurrentExecutions"
_NONE = "No Provisioned Concurrency Config found for this function"


@lambda_api.operation("PutProvisionedConcurrencyConfig")
def put_provisioned_concurrency_config(
    call: Call, *, function_name: str, qualifier: str, provisioned_concurrent_executions: int
) -> Members:
    name = named(call, function_name, qualifier)
    function = _required(call, name)
    if function is None:
        raise invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    _check_others(call, name)
    _check_reserved(call, name, function, provisioned_concurrent_executions)
    with call.store.transaction():
        setting = call.store.settings.put(_key(name), {_REQUESTED: provisioned_concurrent_executions}, call.clock.now())
    return _described(setting, ready=False)


@lambda_api.operation("GetProvisionedConcurrencyConfig")
def get_provisioned_concurrency_config(call: Call, *, function_name: str, qualifier: str) -> Members:
    return _described(_setting(call, function_name, qualifier))


@lambda_api.operation("DeleteProvisionedConcurrencyConfig")
def delete_provisioned_concurrency_config(call: Call, *, function_name: str, qualifier: str) -> None:
    """Also when there is none."""
    name = named(call, function_name, qualifier)
    _refuse_latest(_required(call, name))
    with call.store.transaction():
        call.store.settings.remove(_key(name))


@lambda_api.operation("ListProvisionedConcurrencyConfigs")
def list_provisioned_concurrency_configs(
    call: Call, *, function_name: str, marker: str | None = None, max_items: int | None = None
) -> Members:
    name = named(call, function_name)
    if call.store.functions.find(name.account, name.region, name.name) is None:
        raise not_found(f"Function not found: {name.unqualified}")
    kept = call.store.settings.of("provisioned", name.account, name.region, name.name)
    query = ("ListProvisionedConcurrencyConfigs", name)
    shown, rest = paged(call, query, kept, lambda setting: setting.key.qualifier, max_items, marker)
    configs = [{"FunctionArn": f"{name.unqualified}:{each.key.qualifier}", **_described(each)} for each in shown]
    return {"ProvisionedConcurrencyConfigs": configs, **rest}


def requested_in_all(call: Call, function: FunctionRow) -> int:
    """Of all versions and aliases of the function."""
    return sum(each.members[_REQUESTED] for each in _kept(call, *function.key))


def _kept(call: Call, account: str, region: str, function: str) -> Sequence[Setting]:
    return call.store.settings.of("provisioned", account, region, function)


def _key(name: FunctionName) -> SettingKey:
    return SettingKey("provisioned", name.account, name.region, name.name, name.qualifier or LATEST)


def _required(call: Call, name: FunctionName) -> FunctionRow | None:
    """The published version; None for `$LATEST`."""
    if call.store.functions.find(name.account, name.region, name.name) is None:
        raise not_found(f"Function not found: {name.arn}")
    if name.qualifier in (None, LATEST):
        return None
    function = call.store.functions.resolve(name.account, name.region, name.name, str(name.qualifier))
    if function is None:
        alias = not str(name.qualifier).isdecimal()
        raise not_found(f"{'Cannot find alias arn' if alias else 'Function not found'}: {name.arn}")
    return None if function.version == LATEST else function


def _refuse_latest(function: FunctionRow | None) -> None:
    if function is None:
        raise invalid("The function resource provided must be an alias or a published version.")


def _setting(call: Call, function_name: str, qualifier: str) -> Setting:
    name = named(call, function_name, qualifier)
    _refuse_latest(_required(call, name))
    setting = call.store.settings.find(_key(name))
    if setting is None:
        raise AwsError("ProvisionedConcurrencyConfigNotFoundException", _NONE, {"Type": "User"})
    return setting


def _check_others(call: Call, name: FunctionName) -> None:
    """A version has its executions from one record alone: its own, or that of one alias."""
    scope = (name.account, name.region, name.name)
    configured = {setting.key.qualifier for setting in _kept(call, *scope)} - {name.qualifier}
    alias = call.store.aliases.find(*scope, str(name.qualifier))
    version = str(name.qualifier) if alias is None else alias.version
    by_alias = {each.version for each in call.store.aliases.of(*scope) if each.name in configured}
    if alias is None and version in by_alias:
        raise conflict("Version is pointed by a Provisioned Concurrency alias")
    if alias is not None and version in configured | by_alias:
        raise conflict(
            "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
        )


def _check_reserved(call: Call, name: FunctionName, function: FunctionRow, wanted: int) -> None:
    reserved = call.invoker.concurrency.reserved(function)
    own = call.store.settings.find(_key(name))
    others = requested_in_all(call, function) - (own.members[_REQUESTED] if own else 0)
    if reserved is not None and others + wanted > reserved:
        raise invalid(
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
        )
    minimum = call.invoker.concurrency.limits.minimum_unreserved
    left = call.invoker.concurrency.unreserved(function.account, function.region)
    if reserved is None and left - others - wanted < minimum:
        raise invalid(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its"
            f" minimum value of [{minimum}]."
        )


def _described(setting: Setting, *, ready: bool = True) -> Members:
    requested = setting.members[_REQUESTED]
    there = requested if ready else 0
    return {
        _REQUESTED: requested,
        "AllocatedProvisionedConcurrentExecutions": there,
        "AvailableProvisionedConcurrentExecutions": there,
        "Status": "READY" if ready else "IN_PROGRESS",
        "LastModified": datetime.fromtimestamp(setting.modified, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
