"""Do the values that satisfy a branch go together?  Two of them may not come from different elements of one array.

A set of values, one for each condition, is consistent if no two disagree about the element of any array they both lie
in; absence is judged in the elements that the conditions before it (in the order of their paths) settled on. Recorded
on AWS, Sep 2026; the order of paths from event-ruler 2.0.1.

In nearly every event all values of a path lie at one level of arrays. Then what the conditions so far leave open is a
set of elements of one level, and the next condition narrows it with set operations. Where that does not hold, `search`
looks for a choice of values.
"""

from collections.abc import Sequence

from emulator.matching.leaves import Element, Elements, Leaves, Level
from emulator.matching.pattern import Condition
from emulator.matching.search import accepted, consistent_choice


def satisfied(branch: Sequence[Condition], leaves: Leaves) -> bool:
    """Whether all conditions of a branch hold together."""
    if leaves.places is not None:
        return consistent(branch, leaves)
    for condition in branch:
        values = leaves.get(condition.path)
        if values is None:
            if not condition.absent:
                return False
        elif not any(map(condition.test, values)):
            return False
    return True


def together(branch: Sequence[Condition], leaves: Leaves) -> list[bool]:
    """Which conditions hold, each together with those before it that do; all of them if the branch matches."""
    held: list[Condition] = []
    verdicts: list[bool] = []
    for condition in branch:
        verdicts.append(satisfied([*held, condition] if leaves.places is not None else [condition], leaves))
        if verdicts[-1]:
            held.append(condition)
    return verdicts


def consistent(branch: Sequence[Condition], leaves: Leaves) -> bool:
    """Whether values can be chosen that satisfy all conditions together. `leaves` must have places."""
    try:
        if not leaves.tangled:
            return _narrowed(branch, leaves)
    except _SeveralLevelsError:
        pass
    return consistent_choice(branch, leaves)


class _SeveralLevelsError(Exception):
    """Values of one path lie at several levels, or the conditions come back to a level that they had left."""


def _narrowed(branch: Sequence[Condition], leaves: Leaves) -> bool:
    candidates: Elements = _ANYWHERE
    level: Level | None = None
    left: set[Level] = set()
    for condition in branch:
        elements = accepted(condition, leaves)
        if not elements and not condition.absent:
            return False
        target = _level(leaves, condition.path)
        shared = _shared(level, target)
        if not left.isdisjoint(_above(target, shared)):
            raise _SeveralLevelsError
        if not condition.absent:
            left |= _above(level, shared) if target is not shared else set()
            candidates, level = _both(candidates, level, elements, target, shared)
        elif elements:
            raise _SeveralLevelsError
        else:
            candidates = _without(candidates, leaves.elements(condition.path), shared)
        if not candidates:
            return False
    return True


def _both(
    candidates: Elements, level: Level | None, elements: Elements, target: Level | None, shared: Level | None
) -> tuple[Elements, Level | None]:
    """The candidates of either level that agree about the elements of the level they share."""
    if level is target:
        return candidates & elements, level
    if target is shared:
        return {one for one in candidates if _lifted(one, shared) in elements}, level
    if level is not shared:
        candidates = {_lifted(one, shared) for one in candidates}
    return {one for one in elements if _lifted(one, shared) in candidates}, target


def _without(candidates: Elements, elements: Elements, shared: Level | None) -> Elements:
    """The candidates that none of the elements goes together with."""
    taken = {_lifted(one, shared) for one in elements}
    return {one for one in candidates if _lifted(one, shared) not in taken} if taken else candidates


def _level(leaves: Leaves, path: str) -> Level | None:
    levels = leaves.levels(path)
    if len(levels) > 1:
        raise _SeveralLevelsError
    return next(iter(levels), None)


def _shared(one: Level | None, other: Level | None) -> Level | None:
    """The innermost level that both lie in, or are."""
    while one is not other:
        if one is None or other is None:
            return None
        if one.depth >= other.depth:
            one = one.outside
        else:
            other = other.outside
    return one


def _above(level: Level | None, end: Level | None) -> set[Level]:
    """The levels from `level` outwards, up to but without `end`."""
    levels: set[Level] = set()
    while level is not end and level is not None:
        levels.add(level)
        level = level.outside
    return levels


def _lifted(element: Element | None, level: Level | None) -> Element | None:
    """The element of that level which the element lies in."""
    while element is not None and element.level is not level:
        element = element.outside
    return element


_ANYWHERE: Elements = frozenset({None})
