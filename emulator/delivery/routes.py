"""What one bus does with an event: its rules, indexed, and where each of them sends.  Derived from the store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.matching import Pattern, RuleIndex, compile_pattern
from emulator.store.rules import Rule, Target
from emulator.transform import Input, compile_input

_SHAPES = ("Input", "InputPath", "InputTransformer")


@dataclass(frozen=True, slots=True)
class Aim:
    """One target of a rule; `shape` makes its payload, None when it gets the event as it is."""

    id: str
    arn: str
    shape: Input | None


@dataclass(frozen=True, slots=True)
class Route:
    """One enabled rule; `pattern` is None for one that only has a schedule."""

    name: str
    arn: str
    pattern: Pattern | None
    aims: tuple[Aim, ...]


class Routes:
    """The enabled rules of one bus, by name."""

    def __init__(self) -> None:
        self.index: RuleIndex[str] = RuleIndex()
        self.rules: dict[str, Route] = {}

    def put(self, rule: Rule, targets: Iterable[Target]) -> None:
        pattern = compile_pattern(rule.pattern) if rule.pattern else None
        aims = tuple(
            Aim(t.id, t.arn, compile_input(t.members) if any(s in t.members for s in _SHAPES) else None)
            for t in targets
        )
        self.rules[rule.name] = Route(rule.name, rule.arn, pattern, aims)
        if pattern is not None:
            self.index.add(rule.name, pattern)

    def drop(self, name: str) -> None:
        if self.rules.pop(name, None) is not None and name in self.index:
            self.index.remove(name)

    def match(self, event: Mapping[str, Any], fired: str | None) -> list[str]:
        """The rules that get this event, `fired` (whose schedule made it) among them."""
        names = self.index.match(event)
        if fired is not None and fired in self.rules and fired not in names:
            names.append(fired)
        return names
