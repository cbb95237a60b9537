"""Create, Get, Update, List and DeleteFunctionUrlConfig: the address of a function, or of an alias, on the web.

On AWS it is `https://ID.lambda-url.REGION.on.aws/`; here it leads to this server, under the name by which the client
calls it (see `url_address.py`).  Texts and shapes recorded on AWS (2025 and September 2026).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from emulator.ids import new_hex
from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, conflict, found, named, not_found
from emulator.services.lambda_.pages import paged
from emulator.services.lambda_.service import lambda_api
from emulator.services.lambda_.url_address import address_of
from emulator.store.functions import LATEST
from emulator.store.settings import Setting, SettingKey
from emulator.wire.service import Members

_NO_CORS: Mapping[str, Any] = {
    "AllowCredentials": False, "AllowHeaders": [], "AllowMethods": [], "AllowOrigins": [], "ExposeHeaders": [],
    "MaxAge": 0,
}  # fmt: skip
_NONE = "The resource you requested does not exist."
_ID_LENGTH = 32


@lambda_api.operation("CreateFunctionUrlConfig")
def create_function_url_config(
    call: Call,
    *,
    function_name: str,
    auth_type: str,
    qualifier: str | None = None,
    cors: Members | None = None,
    invoke_mode: str | None = None,
) -> Members:
    """The answer has what was given: the rest is there, and shown by Get."""
    name = _name(call, function_name, qualifier)
    if call.store.settings.find(_key(name)) is not None:
        raise conflict(
            f"Failed to create function url config for [functionArn = {name.arn}]."
            " Error message:  FunctionUrlConfig exists for this Lambda function"
        )
    members = _given(AuthType=auth_type, InvokeMode=invoke_mode, Cors=cors or None)
    with call.store.transaction():
        setting = call.store.settings.put(_key(name), {"UrlId": _new_id(), **members}, call.clock.now())
    described = _described(call, setting)
    return {member: described[member] for member in ("FunctionUrl", "FunctionArn", "CreationTime")} | members


@lambda_api.operation("GetFunctionUrlConfig")
def get_function_url_config(call: Call, *, function_name: str, qualifier: str | None = None) -> Members:
    """Also when the alias is gone."""
    return _described(call, _required(call, named(call, function_name, qualifier)))


@lambda_api.operation("UpdateFunctionUrlConfig")
def update_function_url_config(
    call: Call,
    *,
    function_name: str,
    qualifier: str | None = None,
    auth_type: str | None = None,
    cors: Members | None = None,
    invoke_mode: str | None = None,
) -> Members:
    """What is not given stays; `Cors: {}` takes all of it away, and leaves its members empty."""
    before = _required(call, _name(call, function_name, qualifier))
    given = _given(AuthType=auth_type, InvokeMode=invoke_mode, Cors=cors if cors is None else cors or _NO_CORS)
    with call.store.transaction():
        return _described(call, call.store.settings.put(before.key, {**before.members, **given}, call.clock.now()))


@lambda_api.operation("DeleteFunctionUrlConfig")
def delete_function_url_config(call: Call, *, function_name: str, qualifier: str | None = None) -> None:
    setting = _required(call, named(call, function_name, qualifier))
    with call.store.transaction():
        call.store.settings.remove(setting.key)


@lambda_api.operation("ListFunctionUrlConfigs")
def list_function_url_configs(
    call: Call, *, function_name: str, marker: str | None = None, max_items: int | None = None
) -> Members:
    """Those of aliases come before the function's own."""
    name = _name(call, function_name, None)
    kept = call.store.settings.of("url", name.account, name.region, name.name)
    query = ("ListFunctionUrlConfigs", name)
    shown, rest = paged(call, query, sorted(kept, key=_place), _place, max_items, marker)
    return {"FunctionUrlConfigs": [_described(call, setting) for setting in shown], **rest}


def id_of_file(call: Call, function: str) -> str:
    """The id of a URL that config.yaml made: the same with each start."""
    digest = sha256(f"{call.account} {call.region} {function}".encode()).digest()
    return _letters(int.from_bytes(digest))


def _new_id() -> str:
    return _letters(int(new_hex(64), 16))


def _letters(number: int) -> str:
    """32 lower-case letters and digits."""
    letters = []
    for _ in range(_ID_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)


_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def _name(call: Call, function_name: str, qualifier: str | None) -> FunctionName:
    """The function and the alias must be there."""
    name = named(call, function_name, qualifier)
    if found(call, name) is None:
        raise not_found("Function does not exist")
    return name


def _key(name: FunctionName) -> SettingKey:
    return SettingKey("url", name.account, name.region, name.name, name.qualifier or LATEST)


def _required(call: Call, name: FunctionName) -> Setting:
    setting = call.store.settings.find(_key(name))
    if setting is None:
        raise not_found(_NONE)
    return setting


def _place(setting: Setting) -> str:
    """`~` comes after all that a name may have."""
    return "~" if setting.key.qualifier == LATEST else setting.key.qualifier


def _described(call: Call, setting: Setting) -> Members:
    key, members = setting.key, setting.members
    arn = f"arn:aws:lambda:{key.region}:{key.account}:function:{key.function}"
    described = {
        "FunctionUrl": address_of(
            members["UrlId"], key.region, call.headers.get("host") or call.url.partition("://")[2]
        ),
        "FunctionArn": arn if key.qualifier == LATEST else f"{arn}:{key.qualifier}",
        "AuthType": members["AuthType"],
        "Cors": members.get("Cors"),
        "CreationTime": _moment(setting.created),
        "LastModifiedTime": _moment(setting.modified),
        "InvokeMode": members.get("InvokeMode", "BUFFERED"),
    }
    return _given(**described)


def _given(**members: Any) -> Members:
    return {name: value for name, value in members.items() if value is not None}


def _moment(moment: float) -> str:
    """`2026-09-15T11:59:39.307613340Z`"""
    whole = datetime.fromtimestamp(moment // 1, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{int(moment % 1 * 1e9):09d}Z"
