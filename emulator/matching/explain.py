"""Why does an event match a rule, or not?  Every leaf of every branch with what it wants, what is there, and a hint.

The answer is data; `text()` draws it for a terminal, `to_json()` gives it to programs. A branch is judged as the index
judges it: its leaves hold when all of them hold together.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.matching.arrays import together
from emulator.matching.hints import Seen, hint, json_text, look, printable
from emulator.matching.leaves import Leaves, Wanted
from emulator.matching.pattern import Condition, Pattern

_MOST_BRANCHES = 3  # of a $or that the text shows

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LeafVerdict:
    """One leaf: the path, whether it holds, the alternatives wanted and the values found there, both as JSON."""

    path: str
    holds: bool
    wanted: tuple[Any, ...]
    found: Seen
    hint: str | None

    def text(self) -> str:
        """`✓ "shop"`, or what is wanted, what is there, and why that is not it."""
        if self.holds:
            return f"✓ {self.found.text()}"
        why = f"  ({self.hint})" if self.hint else ""
        return f"✗ want one of {json_text(list(self.wanted))}, got {self.found.text()}{why}"

    def to_json(self) -> Json:
        """`{path, holds, wanted: [alternative], found: [value], hint}`."""
        return {
            "path": self.path,
            "holds": self.holds,
            "wanted": list(self.wanted),
            "found": list(self.found.values),
            "hint": self.hint,
        }


@dataclass(frozen=True, slots=True)
class BranchVerdict:
    """One combination of a pattern with `$or`, or all there is of a pattern without."""

    number: int
    leaves: tuple[LeafVerdict, ...]

    @property
    def held(self) -> int:
        """How many leaves hold."""
        return sum(leaf.holds for leaf in self.leaves)

    @property
    def matches(self) -> bool:
        """Whether all leaves hold."""
        return self.held == len(self.leaves)

    def lines(self) -> Iterator[str]:
        """One line a leaf, the paths in a column."""
        width = max(len(leaf.path) for leaf in self.leaves)
        for leaf in self.leaves:
            yield f"  {printable(leaf.path):<{width}}  {leaf.text()}"

    def to_json(self) -> Json:
        """`{number, matches, held, total, leaves: […]}`."""
        return {
            "number": self.number,
            "matches": self.matches,
            "held": self.held,
            "total": len(self.leaves),
            "leaves": [leaf.to_json() for leaf in self.leaves],
        }


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One rule: its branches, the closest first."""

    name: str
    branches: tuple[BranchVerdict, ...]

    @property
    def matches(self) -> bool:
        """Whether the event matches the rule."""
        return self.branches[0].matches

    @property
    def share(self) -> float:
        """The part of the leaves that hold, in the closest branch."""
        return self.branches[0].held / len(self.branches[0].leaves)

    def lines(self, heading: str = "closest") -> list[str]:
        """The heading with the rule's name and how much of it holds, then a line for every leaf."""
        best = self.branches[0]
        lines = [f"{heading:<7}  {self.name}  {best.held}/{len(best.leaves)}"]
        if len(self.branches) == 1:
            return [*lines, *best.lines()]
        for branch in self.branches[:_MOST_BRANCHES]:
            lines.append(f"  $or {branch.number} of {len(self.branches)}  {branch.held}/{len(branch.leaves)}")
            lines += [f"  {line}" for line in branch.lines()]
        if len(self.branches) > _MOST_BRANCHES:
            lines.append(f"  … and {len(self.branches) - _MOST_BRANCHES} more")
        return lines

    def text(self) -> str:
        """`lines()` in one piece."""
        return "\n".join(self.lines())

    def to_json(self) -> Json:
        """`{name, matches, held, total, branches: […]}`, `held` and `total` of the closest branch."""
        best = self.branches[0]
        return {
            "name": self.name,
            "matches": self.matches,
            "held": best.held,
            "total": len(best.leaves),
            "branches": [branch.to_json() for branch in self.branches],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The rules with their verdicts: those that match, then the others, the closest first."""

    rules: tuple[RuleVerdict, ...]

    @property
    def matched(self) -> tuple[RuleVerdict, ...]:
        """The rules that match."""
        return tuple(rule for rule in self.rules if rule.matches)

    @property
    def closest(self) -> RuleVerdict | None:
        """The rule that comes closest among those that do not match; one of which nothing holds is not close."""
        return next((rule for rule in self.rules if not rule.matches and rule.share), None)

    def heading(self, rule: RuleVerdict) -> str:
        """`matches`, `closest` or `next`; `misses` where nothing of the rule holds."""
        if rule.matches:
            return "matches"
        return "closest" if rule is self.closest else "next" if rule.share else "misses"

    def lines(self) -> list[str]:
        """Every rule under its heading."""
        return [line for rule in self.rules for line in rule.lines(self.heading(rule))]

    def text(self) -> str:
        """`lines()` in one piece."""
        return "\n".join(self.lines())

    def to_json(self) -> Json:
        """`{rules: […]}`, fit to be sent: halves of surrogate pairs are question marks."""
        tree: Json = {"rules": [rule.to_json() for rule in self.rules]}
        text = json.dumps(tree, ensure_ascii=False)
        sendable = text.encode(errors="replace").decode()
        return tree if sendable == text else dict(json.loads(sendable))


def explain(event: Mapping[str, Any], rules: Iterable[tuple[str, Pattern]], limit: int | None = None) -> Explanation:
    """Why the event matches each rule or does not: those that match first, then by the share of leaves that hold.

    With `limit` only the first so many are explained: the others cost one look each.
    """
    known = list(rules)
    leaves = Wanted(path for _, pattern in known for path in pattern.paths).leaves(event)
    ranked = sorted(known, key=lambda rule: -_closeness(rule[1], leaves))
    return Explanation(tuple(_rule(name, pattern, event, leaves) for name, pattern in ranked[:limit]))


def _closeness(pattern: Pattern, leaves: Leaves) -> float:
    return max(_share(together(branch, leaves)) for branch in pattern.branches)


def _share(held: Sequence[bool]) -> float:
    """More than any other when all hold; among equal shares, the one of more leaves."""
    return 2.0 if all(held) else sum(held) / len(held) + len(held) * 1e-9


def _rule(name: str, pattern: Pattern, event: Mapping[str, Any], leaves: Leaves) -> RuleVerdict:
    judged = [(together(branch, leaves), number) for number, branch in enumerate(pattern.branches)]
    judged.sort(key=lambda branch: -_share(branch[0]))
    branches: list[BranchVerdict] = []
    for holds, number in judged:
        verdicts = [
            _leaf(condition, held, event, leaves)
            for condition, held in zip(pattern.branches[number], holds, strict=True)
        ]
        verdicts.sort(key=lambda verdict: pattern.paths.index(verdict.path))
        branches.append(BranchVerdict(number + 1, tuple(verdicts)))
    return RuleVerdict(name, tuple(branches))


def _leaf(condition: Condition, holds: bool, event: Mapping[str, Any], leaves: Leaves) -> LeafVerdict:
    found = look(event, condition, leaves.get(condition.path, ()), holds)
    wanted = tuple(alternative.json() for alternative in condition.alternatives)
    why = None if holds else hint(event, condition, leaves.get(condition.path, ()), found)
    return LeafVerdict(condition.path, holds, wanted, found, why)
