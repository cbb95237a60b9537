"""The rule index: which of many rules does an event match?"""

from collections.abc import Hashable, Mapping
from typing import Any, Generic, TypeVar

from emulator.matching.arrays import consistent
from emulator.matching.leaves import Leaves, Wanted
from emulator.matching.pattern import Condition, Pattern

K = TypeVar("K", bound=Hashable)


class RuleIndex(Generic[K]):
    """Rules by key; `match` gives the keys of those that an event matches, in the order they were added."""

    def __init__(self) -> None:
        self._rules: dict[K, Pattern] = {}
        self._wanted = Wanted()

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, key: object) -> bool:
        return key in self._rules

    def add(self, key: K, pattern: Pattern) -> None:
        if key in self._rules:
            self.remove(key)
        self._rules[key] = pattern
        for branch in pattern.branches:
            for condition in branch:
                self._wanted.add(condition.path)

    def remove(self, key: K) -> None:
        for branch in self._rules.pop(key).branches:
            for condition in branch:
                self._wanted.remove(condition.path)

    def match(self, event: Mapping[str, Any]) -> list[K]:
        leaves = self._wanted.leaves(event)
        return [key for key, pattern in self._rules.items() if any(holds(branch, leaves) for branch in pattern.branches)]


def holds(branch: tuple[Condition, ...], leaves: Leaves) -> bool:
    """Whether all conditions of a branch hold together."""
    if leaves.places is not None:
        return consistent(branch, leaves)
    for condition in branch:
        values = leaves.get(condition.path)
        if values is None:
            if not condition.absent:
                return False
        elif not any(condition.test(value) for value in values):
            return False
    return True


def matches(pattern: Pattern, event: Mapping[str, Any]) -> bool:
    """Whether the event matches the pattern."""
    leaves = Wanted(condition.path for branch in pattern.branches for condition in branch).leaves(event)
    return any(holds(branch, leaves) for branch in pattern.branches)
