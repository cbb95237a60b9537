"""The rule index: which of many rules does an event match?

Rules hang in a tree of dictionaries. A node holds a few rules, which are tested one by one; when there are more, each
moves on to where one of its conditions leads, the one that fewest others share: a dictionary from the condition's key
(a value, or its first letters, or …) to the next node. So an event walks only where its own values lead, and tests what
no dictionary can find (numeric, wildcard, anything-but) only for the rules that it meets there. Pure: no clock, no
store, no HTTP; one thread.
"""

from collections import Counter
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

from emulator.matching.arrays import consistent, satisfied
from emulator.matching.leaves import Leaves, Wanted
from emulator.matching.pattern import Condition, Pattern
from emulator.matching.projections import Projection, Value

K = TypeVar("K", bound=Hashable)

_FEW = 8  # rules that a node tests one by one before it sends them on
_DEEPEST = 8  # dictionaries that a branch may go through; the conditions left then are tested
_MOST_PLACES = 256  # nodes that one branch may hang at: a rule of many alternatives is not multiplied without end

Conditions = tuple[Condition, ...]
_Way = tuple[str, Projection | None, Value]


class RuleIndex(Generic[K]):
    """Rules by key. Adding, removing and matching cost what the rule or the event has, not what the index holds."""

    def __init__(self) -> None:
        self._rules: dict[K, _Rule[K]] = {}
        self._wanted = Wanted()
        self._root = _Node[K]()
        self._added = 0

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, key: object) -> bool:
        return key in self._rules

    def add(self, key: K, pattern: Pattern) -> None:
        """Add a rule, in the place of the one that has the key."""
        if key in self._rules:
            self.remove(key)
        self._added += 1
        rule = self._rules[key] = _Rule(key, self._added, pattern)
        for path in pattern.paths:
            self._wanted.add(path)
        for branch in rule.branches:
            self._root.place(branch, branch.conditions)

    def remove(self, key: K) -> None:
        """Remove a rule. Raises KeyError when there is none."""
        rule = self._rules.pop(key)
        for path in rule.paths:
            self._wanted.remove(path)
        for branch in rule.branches:
            for node in tuple(branch.nodes):
                node.discard(branch)

    def match(self, event: Mapping[str, Any]) -> list[K]:
        """The keys of the rules that match, in the order in which they were added."""
        leaves = self._wanted.leaves(event)
        met = _met(self._root, leaves)
        if leaves.places is not None:
            met = [branch for branch in dict.fromkeys(met) if consistent(branch.conditions, leaves)]
        if len(met) < 2:
            return [branch.rule.key for branch in met]
        return [rule.key for rule in sorted({branch.rule for branch in met}, key=_order)]


class _Rule(Generic[K]):
    __slots__ = ("branches", "key", "number", "paths")

    def __init__(self, key: K, number: int, pattern: Pattern) -> None:
        self.key = key
        self.number = number
        self.paths = pattern.paths
        self.branches = tuple(_Branch(self, conditions) for conditions in pattern.branches)


def _order(rule: _Rule[Any]) -> int:
    return rule.number


class _Branch(Generic[K]):
    """One branch of a rule, and the nodes where it hangs."""

    __slots__ = ("conditions", "nodes", "rule")

    def __init__(self, rule: _Rule[K], conditions: Conditions) -> None:
        self.rule = rule
        self.conditions = conditions
        self.nodes: list[_Node[K]] = []


class _Node(Generic[K]):
    """Some branches with the conditions that are still to be tested, and the ways on for the others."""

    __slots__ = ("above", "depth", "here", "key", "movable", "size", "variety", "ways")

    def __init__(
        self, above: "_Node[K] | None" = None, key: "tuple[str, Projection | None, Value] | None" = None
    ) -> None:
        self.above = above
        self.key = key  # by which the node above leads here
        self.depth: int = above.depth + 1 if above is not None else 0
        self.here: dict[_Branch[K], Conditions] = {}
        self.movable = 0  # how many of them could move on
        self.size = 0  # branches here and below
        self.ways: dict[str, _Tables[K]] | None = None
        self.variety: dict[str, int] = {}  # how many keys each path has had

    def place(self, branch: _Branch[K], left: Conditions) -> None:
        """Hang a branch here, or where one of the conditions that are left leads."""
        if self.ways is not None and self._send(branch, left):
            return
        self.here[branch] = left
        branch.nodes.append(self)
        self._resize(1)
        if self.ways is None and self.depth < _DEEPEST and any(condition.keys for condition in left):
            self.movable += 1
            if self.movable > _FEW:
                self._spread()

    def discard(self, branch: _Branch[K]) -> None:
        """Take down a branch that hangs here."""
        left = self.here.pop(branch)
        branch.nodes.remove(self)
        if self.ways is None and any(condition.keys for condition in left):
            self.movable -= 1
        self._resize(-1)

    def _spread(self) -> None:
        """Too many to test one by one: from now on branches move on."""
        self.ways = {}
        keys = {(condition.path, key) for left in self.here.values() for condition in left for key in condition.keys}
        self.variety = Counter(path for path, _ in keys)
        for branch, left in tuple(self.here.items()):
            if self._send(branch, left):
                del self.here[branch]
                branch.nodes.remove(self)
                self._resize(-1)

    def _send(self, branch: _Branch[K], left: Conditions) -> bool:
        """Let the branch move on by the condition that leads to where fewest are; False if there is none to go by."""
        room = _MOST_PLACES - len(branch.nodes)
        ways = [condition for condition in left if 0 < len(condition.keys) <= room]
        if not ways:
            return False
        best = min(ways, key=self._crowd) if len(ways) > 1 else ways[0]
        rest = tuple(condition for condition in left if condition is not best)
        for project, value in best.keys:
            self._way(best.path, project, value).place(branch, rest)
        return True

    def _crowd(self, condition: Condition) -> tuple[int, int, int]:
        """The less of it the better a way: to few others, by the path that tells most apart, at few nodes."""
        assert self.ways is not None
        tables = self.ways.get(condition.path, {})
        nodes = (tables[project].get(value) for project, value in condition.keys if project in tables)
        met = max((node.size for node in nodes if node is not None), default=0)
        return met // _FEW, -self.variety.get(condition.path, 0), len(condition.keys)

    def _way(self, path: str, project: Projection | None, value: Value) -> "_Node[K]":
        assert self.ways is not None
        table = self.ways.setdefault(path, {}).setdefault(project, {})
        if value not in table:
            table[value] = _Node(self, (path, project, value))
            self.variety[path] = self.variety.get(path, 0) + 1
        return table[value]

    def _resize(self, by: int) -> None:
        node: _Node[K] | None = self
        while node is not None:
            node.size += by
            if not node.size and node.above is not None:
                node.above.forget(node)
            node = node.above

    def forget(self, node: "_Node[K]") -> None:
        """Drop the way to a node that is empty."""
        assert self.ways is not None
        assert node.key is not None
        path, project, value = node.key
        tables = self.ways[path]
        del tables[project][value]
        if not tables[project]:
            del tables[project]
            if not tables:
                del self.ways[path]


_Tables = dict[Projection | None, dict[Value, _Node[K]]]


def _met(root: _Node[K], leaves: Leaves) -> list[_Branch[K]]:
    """The branches whose conditions hold one by one; where elements of arrays matter, those that may hold."""
    met: list[_Branch[K]] = []
    pending = [root]
    for node in pending:
        for branch, left in node.here.items():
            if not left or _may_hold(left, leaves):
                met.append(branch)
        ways = node.ways
        if ways:
            for path in ways if len(ways) <= len(leaves) else ways.keys() & leaves.keys():
                values = leaves.get(path)
                if values is None:
                    continue
                if len(values) > 1:
                    pending += _onward(ways[path], values)
                    continue
                value = values[0]
                for project, table in ways[path].items():
                    following = table.get(value if project is None else project(value))
                    if following is not None:
                        pending.append(following)
    return met


def _onward(tables: _Tables[K], values: list[Value]) -> list[_Node[K]]:
    """The nodes that several values lead to; each once."""
    return [
        table[key]
        for project, table in tables.items()
        for key in (values if project is None else {project(value) for value in values})
        if key in table
    ]


def _may_hold(conditions: Conditions, leaves: Leaves) -> bool:
    for condition in conditions:
        values = leaves.get(condition.path)
        if values is None:
            if condition.absent:
                continue
            return False
        test = condition.test
        for value in values:
            if test(value):
                break
        else:
            if not condition.absent or leaves.places is None:
                return False
    return True


def matches(pattern: Pattern, event: Mapping[str, Any]) -> bool:
    """Whether the event matches the pattern."""
    leaves = _wanted(pattern.paths).leaves(event)
    return any(satisfied(branch, leaves) for branch in pattern.branches)


@lru_cache(maxsize=256)
def _wanted(paths: tuple[str, ...]) -> Wanted:
    return Wanted(paths)
