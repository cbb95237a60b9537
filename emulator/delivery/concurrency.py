"""How many invocations run, and whether one more may: the concurrency of functions, and of a whole account.

Every invocation counts, whoever asked for it, from when it is handed to the runtime until its outcome is there.
Memory alone: whoever starts anew runs nothing.  It is asked for every invocation, so it is written to cost nothing.
"""

from collections.abc import Callable

from emulator.delivery.limits import Limits
from emulator.store.functions import FunctionRow
from emulator.store.settings import SettingKey, Settings

RESERVED_LIMIT = "ReservedFunctionConcurrentInvocationLimitExceeded"
ACCOUNT_LIMIT = "ConcurrentInvocationLimitExceeded"
"""Lambda's words for why an invocation was throttled (the first is recorded, the second is the model's)."""

_REMEMBERED = 10_000


class _Pool:
    """Of a function, or what all functions of an account and region without a reservation share.  `limit` is None for
    a function that takes from the `shared` one."""

    __slots__ = ("as_of", "limit", "running", "shared")

    def __init__(self, shared: "_Pool | None" = None) -> None:
        self.as_of = -1
        self.limit: int | None = None
        self.running = 0
        self.shared = shared

    def give_back(self) -> None:
        self.running -= 1

    def give_back_both(self) -> None:
        self.running -= 1
        if self.shared is not None:
            self.shared.running -= 1


class Concurrency:
    def __init__(self, settings: Settings, limits: Limits) -> None:
        self._settings = settings
        self.limits = limits
        self._functions: dict[tuple[str, str, str], _Pool] = {}
        self._shared: dict[tuple[str, str], _Pool] = {}

    def forget(self) -> None:
        """What runs is abandoned: it counts no more."""
        self._functions = {}
        self._shared = {}

    def reserved(self, function: FunctionRow) -> int | None:
        """What is reserved for the function, and all that it may have; None: it takes from what is left."""
        return self._pool(function).limit

    def running(self, function: FunctionRow) -> int:
        return self._pool(function).running

    def refusal(self, function: FunctionRow) -> str | None:
        """Lambda's word for why it may not run now, or None."""
        pool = self._pool(function)
        if pool.limit is not None:
            return RESERVED_LIMIT if pool.running >= pool.limit else None
        shared = pool.shared
        assert shared is not None
        if shared.as_of != self._settings.changes:
            shared.limit, shared.as_of = self.unreserved(function.account, function.region), self._settings.changes
        return ACCOUNT_LIMIT if shared.running >= (shared.limit or 0) else None

    def take(self, function: FunctionRow) -> Callable[[], None]:
        """It runs from now on, until what is returned is called, once."""
        pool = self._pool(function)
        pool.running += 1
        if pool.limit is not None or pool.shared is None:
            return pool.give_back
        pool.shared.running += 1
        return pool.give_back_both

    def unreserved(self, account: str, region: str) -> int:
        """What is left for all functions without a reservation of their own."""
        kept = self._settings.all("concurrency", account, region)
        reserved: int = sum(each.members["ReservedConcurrentExecutions"] for each in kept)
        return self.limits.concurrency - reserved

    def _pool(self, function: FunctionRow) -> _Pool:
        key = function.key
        pool = self._functions.get(key)
        if pool is None:
            pool = self._functions[key] = self._new(function)
        if pool.as_of != self._settings.changes:
            found = self._settings.find(SettingKey("concurrency", *key))
            pool.limit = None if found is None else found.members["ReservedConcurrentExecutions"]
            pool.as_of = self._settings.changes
        return pool

    def _new(self, function: FunctionRow) -> _Pool:
        if len(self._functions) >= _REMEMBERED:  # functions come and go
            self._functions = {key: pool for key, pool in self._functions.items() if pool.running}
        return _Pool(self._shared.setdefault((function.account, function.region), _Pool()))
