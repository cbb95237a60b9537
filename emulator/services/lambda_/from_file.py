"""What config.yaml says about a function beside its code: the same records that the operations make."""

from collections.abc import Collection, Mapping
from typing import Any, Literal, get_args

from emulator.services.call import Call
from emulator.services.lambda_.function_urls import id_of_file
from emulator.store.functions import LATEST
from emulator.store.settings import SettingKey

Kind = Literal["event_invoke", "concurrency", "url"]


def set_from_file(call: Call, function: str, wanted: Mapping[str, Mapping[str, Any]], before: Collection[str]) -> bool:
    """Set what the file says about this function (by kind), and take away what it said `before` and says no more.
    Inside of the caller's transaction.  True when something changed."""
    changed = False
    for kind in get_args(Kind):
        key = SettingKey(kind, call.account, call.region, function, "" if kind == "concurrency" else LATEST)
        found = call.store.settings.find(key)
        if kind in wanted:
            members = _members(call, key, wanted[kind])
            if found is None or found.members != members:
                call.store.settings.put(key, members, call.clock.now())
                changed = True
        elif kind in before:
            changed = call.store.settings.remove(key) or changed
    return changed


def _members(call: Call, key: SettingKey, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"UrlId": id_of_file(call, key.function), **wanted} if key.kind == "url" else wanted
