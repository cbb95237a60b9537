"""Do the values that satisfy a branch go together?  Two of them may not come from different elements of one array.

A set of values, one for each condition, is consistent if no two disagree about the element of any array they both lie
in; absence is judged in the elements that the conditions before it (in the order of their paths) settled on. Recorded
on AWS, Sep 2026; the order of paths from event-ruler 2.0.1.

The search keeps every state that can be reached, a state being the elements that later conditions can still ask for,
so it does not go back. In an event in which every array has a path of its own, a state is one element and the work
grows with the values alone. Repeated or dotted keys can give one path several arrays; then states may multiply (the
question is as hard as satisfiability), and the search gives up after a while and says no.
"""

from collections.abc import Iterator, Sequence

from emulator.matching.leaves import Element, Leaves
from emulator.matching.pattern import Condition

_SPARE_STEPS = 2_000

State = frozenset[Element]


def consistent(branch: Sequence[Condition], leaves: Leaves) -> bool:
    """Whether values can be chosen that satisfy all conditions together. `leaves` must have places."""
    steps = [_Step(condition, leaves) for condition in branch]
    last_use: dict[object, int] = {}
    for number, step in enumerate(steps):
        for array in step.arrays():
            last_use[array] = number
    left = 2 * sum(step.size for step in steps) + _SPARE_STEPS
    states: set[State] = {frozenset()}
    for number, step in enumerate(steps):
        reached: set[State] = set()
        for state in states:
            for chosen in step.choices(state):
                left -= 1
                reached.add(frozenset(element for element in chosen if last_use[element.array] > number))
        if not reached or left < 0:
            return False
        states = reached
    return True


class _Step:
    """One condition: the elements that hold a value it accepts, and, if absence will do, those that hold any value."""

    def __init__(self, condition: Condition, leaves: Leaves) -> None:
        assert leaves.places is not None
        placed = leaves.places.get(condition.path, ())
        self._accepted = _Tree(element for value, element in placed if condition.test(value))
        self._present = _Tree(element for _, element in placed) if condition.absent else None
        self.size = len(placed) + 1

    def arrays(self) -> Iterator[object]:
        for tree in (self._accepted, self._present):
            if tree is not None:
                yield from tree.arrays

    def choices(self, state: State) -> Iterator[State]:
        """The states that satisfying the condition may lead to."""
        bound = {element.array: element for element in state}
        for element in self._accepted.compatible(bound):
            yield state.union(_chain(element))
        if self._present is not None and next(self._present.compatible(bound), _NOBODY) is _NOBODY:
            yield state


class _Tree:
    """Elements, so arranged that those which go with a choice of elements are found without looking at the others."""

    def __init__(self, elements: Iterator[Element | None]) -> None:
        self._ends = set(elements)
        self._below: dict[Element | None, dict[object, dict[Element, None]]] = {}
        self.arrays: set[object] = set()
        for end in self._ends:
            for element in _chain(end):
                self.arrays.add(element.array)
                arrays = self._below.setdefault(element.outside, {})
                arrays.setdefault(element.array, {})[element] = None

    def compatible(self, bound: dict[object, Element]) -> Iterator[Element | None]:
        pending: list[Element | None] = [None]
        while pending:
            outside = pending.pop()
            if outside in self._ends:
                yield outside
            for array, elements in self._below.get(outside, {}).items():
                chosen = bound.get(array)
                if chosen is None:
                    pending += elements
                elif chosen in elements:
                    pending.append(chosen)


_NOBODY = Element(None, None)


def _chain(element: Element | None) -> Iterator[Element]:
    while element is not None:
        yield element
        element = element.outside
