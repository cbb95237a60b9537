"""How many invocations run, and whether one more may: the concurrency of functions, and of a whole account.

Every invocation counts, whoever asked for it, from when it is handed to the runtime until its outcome is there.
Memory alone: whoever starts anew runs nothing.
"""

from collections import Counter
from typing import NamedTuple, TypeVar

from emulator.delivery.limits import Limits
from emulator.store.functions import FunctionRow
from emulator.store.settings import SettingKey, Settings

RESERVED_LIMIT = "ReservedFunctionConcurrentInvocationLimitExceeded"
ACCOUNT_LIMIT = "ConcurrentInvocationLimitExceeded"
"""Lambda's words for why an invocation was throttled (the first is recorded, the second is the model's)."""

_Function = tuple[str, str, str]
_Scope = tuple[str, str]
K = TypeVar("K")


class _Counts:
    def __init__(self) -> None:
        self.functions: Counter[_Function] = Counter()
        self.unreserved: Counter[_Scope] = Counter()


class Slot(NamedTuple):
    """What an invocation holds while it runs."""

    counts: _Counts
    function: _Function
    unreserved: bool

    def give_back(self) -> None:
        _decrease(self.counts.functions, self.function)
        if self.unreserved:
            _decrease(self.counts.unreserved, self.function[:2])


class Concurrency:
    def __init__(self, settings: Settings, limits: Limits) -> None:
        self._settings = settings
        self.limits = limits
        self._counts = _Counts()
        self._pools: dict[_Scope, tuple[int, int]] = {}

    def forget(self) -> None:
        """What runs is abandoned: it counts no more."""
        self._counts = _Counts()

    def reserved(self, function: FunctionRow) -> int | None:
        """What is reserved for the function, and all that it may have; None: it takes from what is left."""
        found = self._settings.find(SettingKey("concurrency", function.account, function.region, function.name))
        return None if found is None else found.members["ReservedConcurrentExecutions"]

    def refusal(self, function: FunctionRow) -> str | None:
        """Lambda's word for why it may not run now, or None."""
        reserved = self.reserved(function)
        if reserved is not None:
            return RESERVED_LIMIT if self._counts.functions[function.key] >= reserved else None
        scope = function.account, function.region
        return ACCOUNT_LIMIT if self._counts.unreserved[scope] >= self.unreserved(*scope) else None

    def take(self, function: FunctionRow) -> Slot:
        """It runs from now on, until the slot is given back."""
        slot = Slot(self._counts, function.key, self.reserved(function) is None)
        self._counts.functions[slot.function] += 1
        if slot.unreserved:
            self._counts.unreserved[slot.function[:2]] += 1
        return slot

    def running(self, function: FunctionRow) -> int:
        return self._counts.functions[function.key]

    def unreserved(self, account: str, region: str) -> int:
        """What is left for all functions without a reservation of their own."""
        known = self._pools.get((account, region))
        if known is None or known[0] != self._settings.changes:
            kept = self._settings.all("concurrency", account, region)
            left = self.limits.concurrency - sum(each.members["ReservedConcurrentExecutions"] for each in kept)
            known = self._pools[account, region] = (self._settings.changes, left)
        return known[1]


def _decrease(counter: Counter[K], key: K) -> None:
    if counter[key] <= 1:
        del counter[key]
    else:
        counter[key] -= 1
