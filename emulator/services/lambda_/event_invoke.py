"""Put, Update, Get, List and DeleteFunctionEventInvokeConfig: what a function's own queue does with failures, and who
hears of what came of an asynchronous invocation.  It is set for `$LATEST`, for a version or for an alias.

Texts recorded on AWS (2025 and September 2026) but where a comment says otherwise.
"""

from collections.abc import Mapping
from typing import Any

from emulator.arn import Arn
from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, found, invalid, named, not_found
from emulator.services.lambda_.pages import paged
from emulator.services.lambda_.service import lambda_api
from emulator.store.buses import BusKey
from emulator.store.functions import LATEST
from emulator.store.queues import QueueKey
from emulator.store.settings import Setting, SettingKey
from emulator.wire.service import Members

_SIDES = ("OnSuccess", "OnFailure")


@lambda_api.operation("PutFunctionEventInvokeConfig")
def put_function_event_invoke_config(
    call: Call,
    *,
    function_name: str,
    qualifier: str | None = None,
    maximum_retry_attempts: int | None = None,
    maximum_event_age_in_seconds: int | None = None,
    destination_config: Members | None = None,
) -> Members:
    """Replaces all of it."""
    given = _given(maximum_retry_attempts, maximum_event_age_in_seconds, destination_config)
    name = named(call, function_name, qualifier)
    _require(call, name)
    _check_destinations(call, name, given)
    return _kept(call, name, given)


@lambda_api.operation("UpdateFunctionEventInvokeConfig")
def update_function_event_invoke_config(
    call: Call,
    *,
    function_name: str,
    qualifier: str | None = None,
    maximum_retry_attempts: int | None = None,
    maximum_event_age_in_seconds: int | None = None,
    destination_config: Members | None = None,
) -> Members:
    """Changes what is given, and leaves the rest."""
    given = _given(maximum_retry_attempts, maximum_event_age_in_seconds, destination_config)
    name = named(call, function_name, qualifier)
    _require(call, name)
    before = _required(call, name).members
    _check_destinations(call, name, given)
    destinations = {**before.get("DestinationConfig", {}), **given.get("DestinationConfig", {})}
    return _kept(call, name, {**before, **given, "DestinationConfig": destinations})


@lambda_api.operation("GetFunctionEventInvokeConfig")
def get_function_event_invoke_config(call: Call, *, function_name: str, qualifier: str | None = None) -> Members:
    return _described(_required(call, named(call, function_name, qualifier)))


@lambda_api.operation("DeleteFunctionEventInvokeConfig")
def delete_function_event_invoke_config(call: Call, *, function_name: str, qualifier: str | None = None) -> None:
    setting = _required(call, named(call, function_name, qualifier))
    with call.store.transaction():
        call.store.settings.remove(setting.key)


@lambda_api.operation("ListFunctionEventInvokeConfigs")
def list_function_event_invoke_configs(
    call: Call, *, function_name: str, marker: str | None = None, max_items: int | None = None
) -> Members:
    name = named(call, function_name)
    if call.store.functions.find(name.account, name.region, name.name) is None:
        raise not_found("The function doesn't exist.")
    kept = call.store.settings.of("event_invoke", name.account, name.region, name.name)
    query = ("ListFunctionEventInvokeConfigs", name)
    shown, rest = paged(call, query, kept, lambda setting: setting.key.qualifier, max_items, marker)
    return {"FunctionEventInvokeConfigs": [_described(setting) for setting in shown], **rest}


def _given(retries: int | None, max_age: int | None, destinations: Members | None) -> Members:
    """What the request sets; a destination that is an empty text is none."""
    given: Members = {}
    if retries is not None:
        given["MaximumRetryAttempts"] = retries
    if max_age is not None:
        given["MaximumEventAgeInSeconds"] = max_age
    sides = {side: dict(value) for side, value in (destinations or {}).items() if value is not None}
    if sides:
        given["DestinationConfig"] = {
            side: {"Destination": value["Destination"]} if value.get("Destination") else {}
            for side, value in sides.items()
        }
    if not given:
        raise invalid("You must specify at least one of error handling or destination setting.")
    return given


def _require(call: Call, name: FunctionName) -> None:
    if found(call, name) is None:
        raise not_found("The function doesn't exist.")


def _key(name: FunctionName) -> SettingKey:
    return SettingKey("event_invoke", name.account, name.region, name.name, name.qualifier or LATEST)


def _required(call: Call, name: FunctionName) -> Setting:
    setting = call.store.settings.find(_key(name))
    if setting is None:
        raise not_found(f"The function {name.unqualified}:{name.qualifier or LATEST} doesn't have an EventInvokeConfig")
    return setting


def _kept(call: Call, name: FunctionName, members: Mapping[str, Any]) -> Members:
    with call.store.transaction():
        return _described(call.store.settings.put(_key(name), members, call.clock.now()))


def _described(setting: Setting) -> Members:
    """Both destinations are always there, empty for none."""
    key, members = setting.key, setting.members
    destinations = members.get("DestinationConfig", {})
    return {
        "LastModified": round(setting.modified, 3),
        "FunctionArn": f"arn:aws:lambda:{key.region}:{key.account}:function:{key.function}:{key.qualifier}",
        **members,
        "DestinationConfig": {side: destinations.get(side, {}) for side in _SIDES},
    }


def _check_destinations(call: Call, name: FunctionName, given: Members) -> None:
    """Raises what AWS would refuse, and what we cannot do."""
    destinations = {side: value["Destination"] for side, value in given.get("DestinationConfig", {}).items() if value}
    for side, arn in destinations.items():
        parsed = Arn.parse(arn)
        if parsed is None or parsed.service not in _CHECKS or (parsed.service == "s3" and side == "OnSuccess"):
            raise _invalid_config(destinations)
        _CHECKS[parsed.service](call, name, arn, parsed)


def _invalid_config(destinations: Mapping[str, str]) -> AwsError:
    success, failure = (
        f"{side}(destination={destinations[side]})" if side in destinations else "null" for side in _SIDES
    )
    config = f"DestinationConfig(onSuccess={success}, onFailure={failure})"
    return invalid(f"The provided destination config {config} is invalid.")


def _check_function(call: Call, name: FunctionName, text: str, arn: Arn) -> None:
    parts = arn.resource.split(":")
    if parts[0] != "function" or not 2 <= len(parts) <= 3:
        raise _missing(text)
    if (arn.account, arn.region, parts[1]) == (name.account, name.region, name.name):
        raise invalid("You can't specify the function as a destination for itself.")
    qualifier = parts[2] if len(parts) == 3 else LATEST
    if call.store.functions.resolve(arn.account, arn.region, parts[1], qualifier) is None:
        raise _missing(text)


def _check_queue(call: Call, name: FunctionName, text: str, arn: Arn) -> None:
    """Recorded of topics that are not there; of a queue, it is taken to be the same."""
    key = QueueKey.of(text)
    if key is None or call.store.queues.find(key) is None:
        raise _missing(text)


def _check_bus(call: Call, name: FunctionName, text: str, arn: Arn) -> None:
    """As of a queue."""
    kind, _, bus = arn.resource.partition("/")
    if kind != "event-bus" or not call.store.buses.exists(BusKey(arn.account, arn.region, bus)):
        raise _missing(text)


def _refuse(call: Call, name: FunctionName, text: str, arn: Arn) -> None:
    what = f"lambda:PutFunctionEventInvokeConfig: a destination of the service {arn.service} is not emulated yet"
    raise AwsError("NotImplementedException", f"{what} ({text}).", status=501)


def _missing(arn: str) -> AwsError:
    return invalid(f"The destination ARN {arn} is invalid.")


_CHECKS = {
    "lambda": _check_function, "sqs": _check_queue, "events": _check_bus, "sns": _refuse, "s3": _refuse,
}  # fmt: skip
