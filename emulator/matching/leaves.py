"""What an event holds at the paths that rules name.

`Wanted` is the set of those paths, as a tree over the names in them, so that the rest of an event is never looked at.
Objects and empty arrays are no values, and names joined by a dot are the same path as nested names, in pattern and
event alike (recorded on AWS, Sep 2026).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from types import NoneType
from typing import Any

from emulator.matching.alternatives import NO, YES
from emulator.matching.event import Repeated
from emulator.matching.numbers import event_number
from emulator.matching.projections import Value

_JOINED = 12  # paths of more names than this have no short cuts for dotted keys: they would grow with its square


class Level:
    """Where elements come from: the array at one path, in elements of the level outside."""

    __slots__ = ("depth", "outside")

    def __init__(self, outside: "Level | None") -> None:
        self.outside = outside
        self.depth: int = outside.depth + 1 if outside is not None else 1


class Element:
    """An element of an array that is an object or an array: what lies in it belongs together.

    `array` says which array it is of, `outside` the element that this array lies in.
    """

    __slots__ = ("array", "level", "outside")

    def __init__(self, array: object, level: Level, outside: "Element | None") -> None:
        self.array = array
        self.level = level
        self.outside = outside


Elements = AbstractSet[Element | None]


class Leaves(dict[str, list[Value]]):
    """Path -> the different values there.

    Where the event has arrays of objects, `places` tells the elements that each value lies in (None: in none).
    `tangled` says that some path leads to several arrays beside each other, by repeated or by dotted keys.
    """

    places: dict[str, dict[Value, set[Element | None]]] | None = None
    tangled = False

    @cached_property
    def _elements(self) -> dict[str, Elements]:
        return {}

    @cached_property
    def _levels(self) -> dict[str, frozenset[Level | None]]:
        return {}

    def elements(self, path: str) -> Elements:
        """The elements that values at the path lie in. There must be places."""
        assert self.places is not None
        if path not in self._elements:
            self._elements[path] = frozenset[Element | None]().union(*self.places.get(path, {}).values())
        return self._elements[path]

    def levels(self, path: str) -> frozenset[Level | None]:
        """The levels of these elements; None for values outside all arrays."""
        if path not in self._levels:
            self._levels[path] = frozenset(None if one is None else one.level for one in self.elements(path))
        return self._levels[path]


class _Node:
    """A place on the way to wanted paths: the keys that lead on from here, those that join several names included."""

    __slots__ = ("below", "path", "uses", "wanted")

    def __init__(self) -> None:
        self.path = ""  # once it is wanted
        self.below: dict[str, _Node] = {}
        self.uses = 0
        self.wanted = 0


class Wanted:
    """The paths that events are searched for; each is counted, so that `add` and `remove` may come in any order."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._root = _Node()
        self._long = 0
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """Search events for `path` from now on."""
        names = path.split(".")
        self._long += len(names) > _JOINED
        way = [self._root]
        for name in names:
            if name not in way[-1].below:
                node = _Node()
                for above, key in _keys_to(way, names):
                    above.below[key] = node
            way.append(way[-1].below[name])
            way[-1].uses += 1
        way[-1].path = path
        way[-1].wanted += 1

    def remove(self, path: str) -> None:
        """Forget one `add` of the path."""
        names = path.split(".")
        self._long -= len(names) > _JOINED
        way = [self._root]
        for name in names:
            node = way[-1].below[name]
            node.uses -= 1
            if not node.uses:
                for above, key in _keys_to(way, names):
                    del above.below[key]
            way.append(node)
        way[-1].wanted -= 1

    def is_empty(self) -> bool:
        """Whether no path is wanted."""
        return not self._root.below

    def leaves(self, event: Mapping[str, Any]) -> Leaves:
        """The values of the event at the wanted paths."""
        if self._long:
            return self._with_places(event)
        found = Leaves()
        pending: list[tuple[Mapping[str, Any], dict[str, _Node]]] = [(event, self._root.below)]
        for members, below in pending:
            for key in below if len(below) <= len(members) else members:
                if key not in members or key not in below:
                    continue
                value = members[key]
                node = below[key]
                kind = type(value)
                if kind is dict:
                    if node.below:
                        pending.append((value, node.below))
                elif kind is list or kind is Repeated:
                    if not _plain(value, node, found):
                        return self._with_places(event)
                elif node.wanted:
                    if kind is not str:
                        value = leaf(value)
                    if node.path in found:
                        found[node.path].append(value)
                    else:
                        found[node.path] = [value]
        return found

    def _with_places(self, event: Mapping[str, Any]) -> Leaves:
        """The same for an event with arrays of objects: where a value lies decides what it goes together with."""
        found = Leaves()
        places = found.places = {}
        levels: dict[tuple[_Node, Level | None], Level] = {}
        arrays: set[tuple[Level, Element | None]] = set()
        top = event if isinstance(event, dict) else dict(event)
        pending: list[tuple[Any, _Node, Element | None]] = [(top, self._root, None)]
        while pending:
            value, node, element = pending.pop()
            if isinstance(value, dict):
                pending += [(value[key], self._follow(node, key), element) for key in self._keys(node, value)]
            elif isinstance(value, Repeated):
                pending += [(item, node, element) for item in reversed(value)]
            elif isinstance(value, list):
                outer = element.level if element is not None else None
                level = levels.setdefault((node, outer), Level(outer))
                found.tangled = found.tangled or (level, element) in arrays
                arrays.add((level, element))
                array = object()
                for item in reversed(value):
                    inner = Element(array, level, element) if isinstance(item, dict | list) else element
                    pending.append((item, node, inner))
            elif node.wanted:
                places.setdefault(node.path, {}).setdefault(leaf(value), set()).add(element)
        for path, values in places.items():
            found[path] = list(values)
        return found

    def _keys(self, node: _Node, members: Mapping[str, Any]) -> Iterable[str]:
        if not self._long:
            return node.below.keys() & members.keys()
        return [key for key in members if self._follow(node, key) is not None]

    def _follow(self, node: _Node, key: str) -> Any:
        """The node that a key leads to, dots in it counting as steps; None when nothing below is wanted."""
        direct = node.below.get(key)
        if direct is not None or not self._long:
            return direct
        for name in key.split("."):
            node = node.below.get(name)  # type: ignore[assignment]
            if node is None:
                return None
        return node


def leaf(value: Any) -> Value:
    """A JSON value that is neither object nor array, as alternatives see it."""
    convert = _CONVERSIONS.get(type(value))
    if convert is None:
        raise TypeError(f"an event holds JSON values, not {type(value).__name__}")
    return convert(value)


_CONVERSIONS: dict[type, Callable[[Any], Value]] = {
    str: str,
    int: event_number,
    float: event_number,
    bool: lambda value: YES if value else NO,
    NoneType: lambda value: value,
}


def _keys_to(way: list[_Node], names: list[str]) -> Iterator[tuple[_Node, str]]:
    """From which nodes on the way, and by which keys, an event comes to the next: `{"a": {"b.c": …}}` is a.b.c too."""
    end = len(way)
    for start in range(end - 1 if end > _JOINED else 0, end):
        yield way[start], ".".join(names[start:end])


def _plain(array: list[Any], node: _Node, found: Leaves) -> bool:
    """Take the values of an array; False if elements matter, because it holds objects or arrays with wanted names."""
    values: list[Value] = []
    pending = [array]
    while pending:
        for item in pending.pop():
            kind = type(item)
            if kind is str:
                values.append(item)
            elif kind is dict:
                if node.below:
                    return False
            elif kind is list or kind is Repeated:
                if node.below:
                    return False
                pending.append(item)
            else:
                values.append(leaf(item))
    if values and node.wanted:
        found[node.path] = list(dict.fromkeys(found.get(node.path, []) + values))
    return True
