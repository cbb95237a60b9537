"""How a function's own queue treats what it is given: how often it retries, how old an event may get, and who hears of
what came of it.  That is set for each version and alias (PutFunctionEventInvokeConfig, or config.yaml)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.delivery.retry import RetryPolicy, asynchronous
from emulator.store.functions import Named
from emulator.store.settings import SettingKey, Settings

RETRIES = 2
MAX_AGE = 21600
"""Lambda's defaults: further attempts, and seconds."""


class EventInvoke(NamedTuple):
    """`on_success` and `on_failure` are ARNs; empty: nobody."""

    retries: int = RETRIES
    max_age: int = MAX_AGE
    on_success: str = ""
    on_failure: str = ""

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> "EventInvoke":
        """From AWS's members."""
        destinations = members.get("DestinationConfig", {})
        return cls(
            members.get("MaximumRetryAttempts", RETRIES),
            members.get("MaximumEventAgeInSeconds", MAX_AGE),
            destinations.get("OnSuccess", {}).get("Destination", ""),
            destinations.get("OnFailure", {}).get("Destination", ""),
        )


class EventInvokes:
    """`pause` is that before the first retry, in seconds."""

    def __init__(self, settings: Settings, pause: float) -> None:
        self._settings = settings
        self._pause = pause

    def of(self, function: Named) -> EventInvoke:
        found = self._settings.find(SettingKey("event_invoke", *function))
        return _USUAL if found is None else EventInvoke.of(found.members)

    def policy(self, function: Named | None) -> RetryPolicy:
        """AWS's default for a target that is no function."""
        config = _USUAL if function is None else self.of(function)
        return asynchronous(config.retries, config.max_age, self._pause)


_USUAL = EventInvoke()
