"""The search for a consistent choice of values (see `arrays`) in any event, however its arrays lie.

It keeps every state that can be reached, a state being the elements that later conditions can still ask for, so it
never goes back. Repeated or dotted keys can give one path several arrays beside each other; then states may multiply
(the question is as hard as satisfiability). The search gives up when it has done a few times the work that reading the
values was, and says no.
"""

from collections.abc import Iterable, Iterator, Sequence

from emulator.matching.leaves import Element, Elements, Leaves
from emulator.matching.pattern import Condition

_SPARE_WORK = 1_000

State = frozenset[Element]


def accepted(condition: Condition, leaves: Leaves) -> Elements:
    """The elements that hold a value which the condition accepts; None among them stands for outside all arrays."""
    assert leaves.places is not None
    places = leaves.places.get(condition.path)
    if places is None:
        return frozenset()
    fitting = [elements for value, elements in places.items() if condition.test(value)]
    return fitting[0] if len(fitting) == 1 else frozenset().union(*fitting)


def consistent_choice(branch: Sequence[Condition], leaves: Leaves) -> bool:
    """Whether values can be chosen that satisfy all conditions together. `leaves` must have places."""
    steps = [_Step(condition, leaves) for condition in branch]
    last_use = {array: number for number, step in enumerate(steps) for array in step.arrays()}
    work = 4 * sum(step.size for step in steps) + _SPARE_WORK
    states: set[State] = {frozenset()}
    for number, step in enumerate(steps):
        reached: set[State] = set()
        for state in states:
            for chosen in step.choices(state):
                work -= 1 + len(chosen)
                if work < 0:
                    return False
                reached.add(frozenset(element for element in chosen if last_use[element.array] > number))
        if not reached:
            return False
        states = reached
    return True


class _Step:
    """One condition: the elements that hold a value it accepts, and, if absence will do, those that hold any value."""

    def __init__(self, condition: Condition, leaves: Leaves) -> None:
        self._accepted = _Tree(accepted(condition, leaves))
        self._present = _Tree(leaves.elements(condition.path)) if condition.absent else None
        self.size = self._accepted.size + (self._present.size if self._present else 0)

    def arrays(self) -> Iterator[object]:
        yield from self._accepted.arrays
        if self._present is not None:
            yield from self._present.arrays

    def choices(self, state: State) -> Iterator[State]:
        """The states that satisfying the condition may lead to."""
        bound = {element.array: element for element in state}
        for element in self._accepted.compatible(bound):
            yield state.union(_chain(element))
        if self._present is not None and not any(True for _ in self._present.compatible(bound)):
            yield state


class _Tree:
    """Elements, so arranged that those which go with a choice of elements are found without looking at the others."""

    def __init__(self, elements: Elements) -> None:
        self._ends = elements
        self._below: dict[Element | None, dict[object, dict[Element, None]]] = {}
        self.arrays: set[object] = set()
        self.size = len(elements)
        for end in elements:
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
                pending += self._of_array(array, elements, bound)

    def _of_array(
        self, array: object, elements: dict[Element, None], bound: dict[object, Element]
    ) -> Iterable[Element]:
        chosen = bound.get(array)
        if chosen is None:
            return elements
        return (chosen,) if chosen in elements else ()


def _chain(element: Element | None) -> Iterator[Element]:
    while element is not None:
        yield element
        element = element.outside
