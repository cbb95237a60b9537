"""How complex the wildcards of a rule are to AWS's matcher, which refuses a rule above 10.

The score of one field: let some input be read byte by byte; a wildcard may be in several places at once ("this literal
byte was just read" is one, "inside this star" another, entered as soon as the byte before it is read). The score is the
largest number of places, over all wildcards of the field, that an input can hold at one time. Wildcards share the
places up to and including their first star, where a place counts once for each wildcard; behind it every wildcard has
its own, and one that is added a second time gets new ones. A negated list counts as one wildcard.

Which wildcards meet in a field follows from how the matcher chains fields: combinations of `$or` that go through equal
alternatives on the paths before share the field behind them. Recorded on AWS, Sep 2026; measured against event-ruler
2.0.1.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence

from emulator.matching.alternatives import Absent, Alternative, AnythingBut, Cidr, Number, Numeric, Wildcard
from emulator.matching.numbers import Digits
from emulator.matching.wildcard import pieces

MAX_SCORE = 10
TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard "
    "character"
)

_MAX_STATES = 4_000  # of one field; ours, so that no rule keeps the evaluation busy: beyond it the rule is let through
_MAX_STEPS = 20_000  # of chaining the fields of a rule; likewise

Branch = Sequence[tuple[str, tuple[Alternative, ...]]]
_STAR = -1
_MARK = ord('"')
_Spelled = tuple[int, ...]  # the bytes of a wildcard in its quotation marks, stars as _STAR


def too_complex(branches: Sequence[Branch]) -> bool:
    """Whether a rule, given as its combinations with paths in order, is refused for its wildcards."""
    if not any(_spellings(one) for branch in branches for _, leaf in branch for one in leaf):
        return False
    fields: list[_Field] = []
    _chain(branches, fields)
    return any(field.score() > MAX_SCORE for field in fields)


def score(alternatives: Iterable[Alternative]) -> int:
    """The score of a field with these alternatives, cut off a little above MAX_SCORE."""
    field = _Field()
    for alternative in alternatives:
        field.add(alternative)
    return field.score()


class _State:
    """A point between two fields: the fields that may be looked at from here."""

    __slots__ = ("after_absence", "fields")

    def __init__(self) -> None:
        self.fields: dict[str, _Field] = {}
        self.after_absence: dict[str, _State] = {}


def _chain(branches: Sequence[Branch], fields: list["_Field"]) -> None:
    """Add the combinations one by one, as the matcher does; collect the fields that values lead to."""
    start = _State()
    steps = 0
    for branch in branches:
        states = [(start, True)]
        for path, leaf in branch:
            following: dict[_State, bool] = {}
            for state, scored in states:
                steps += len(leaf)
                if steps > _MAX_STEPS:
                    return
                for then, by_value in _add(state, path, leaf, fields if scored else []):
                    following[then] = following.get(then, False) or (scored and by_value)
            states = list(following.items())


def _add(
    state: _State, path: str, leaf: tuple[Alternative, ...], fields: list["_Field"]
) -> Iterator[tuple[_State, bool]]:
    """The states behind a leaf: an alternative known here leads where it did, new ones lead to one new place.

    Wildcards behind an absent field are not scored, because the evaluation follows values only.
    """
    latest: _State | None = None
    for alternative in leaf:
        if isinstance(alternative, Absent):
            latest = state.after_absence.setdefault(path, latest or _State())
            yield latest, False
            continue
        if path not in state.fields:
            state.fields[path] = _Field()
            fields.append(state.fields[path])
        field = state.fields[path]
        for identity in _identities(alternative):
            latest = field.leads_to.setdefault(identity, latest or _State())
            yield latest, True
        field.add(alternative)


def _identities(alternative: Alternative) -> Iterator[Hashable]:
    """What the matcher takes for one and the same alternative; a number is two: its value, and its text."""
    if isinstance(alternative, Number):
        if not isinstance(alternative.value, Digits):
            yield alternative.value
        yield "number", alternative.text
    elif isinstance(alternative, Numeric) and alternative.low == alternative.high:
        yield alternative.low
    else:
        yield alternative.block if isinstance(alternative, Cidr) else alternative


class _Field:
    """The wildcards that meet in one field, as places with the ways between them."""

    def __init__(self) -> None:
        self.leads_to: dict[Hashable, _State] = {}
        self._places = [_Place()]  # the first is before the opening quotation mark
        self._shared: dict[_Spelled, int] = {(): 0}
        self._last: dict[Hashable, int] = {}

    def add(self, alternative: Alternative) -> None:
        """Count a wildcard or a negated one; other alternatives do not count."""
        for spelled in _spellings(alternative):
            self._spell(alternative, spelled)

    def _spell(self, owner: Hashable, spelled: _Spelled) -> None:
        at, own = 0, False
        for length, symbol in enumerate(spelled, start=1):
            way = spelled[:length]
            if length == len(spelled):
                following = self._last.setdefault(owner, len(self._places))
            elif own:
                following = len(self._places)
            else:
                following = self._shared.setdefault(way, len(self._places))
            self._step(at, symbol, following)
            self._places[following].owners.add(owner)
            at, own = following, own or symbol == _STAR

    def _step(self, at: int, symbol: int, following: int) -> None:
        if following == len(self._places):
            self._places.append(_Place(stays=symbol == _STAR))
        if symbol == _STAR:
            self._places[at].star = following
        else:
            self._places[at].on.setdefault(symbol, set()).add(following)

    def score(self) -> int:
        """The largest number of places held together, no further than a little above MAX_SCORE."""
        highest = 0
        seen: set[frozenset[int]] = set()
        pending = [frozenset({0})]
        while pending and highest <= MAX_SCORE and len(seen) < _MAX_STATES:
            held = pending.pop()
            for reached in self._readings(held):
                if reached not in seen:
                    seen.add(reached)
                    pending.append(reached)
                    highest = max(highest, sum(len(self._places[place].owners) for place in reached))
        return highest

    def _readings(self, held: frozenset[int]) -> Iterator[frozenset[int]]:
        """The places held after one more byte: one that leads on from a place, or any other."""
        places = self._places
        staying = {place for place in held if places[place].stays}
        if staying:
            yield frozenset(staying)
        for byte in {byte for place in held for byte in places[place].on}:
            reached = staying.union(*(places[place].on.get(byte, ()) for place in held))
            yield frozenset(reached.union(star for place in reached if (star := places[place].star) is not None))


class _Place:
    """One place: what may follow it, and the wildcards that it belongs to."""

    __slots__ = ("on", "owners", "star", "stays")

    def __init__(self, *, stays: bool = False) -> None:
        self.on: dict[int, set[int]] = {}
        self.star: int | None = None
        self.stays = stays
        self.owners: set[Hashable] = set()


def _spellings(alternative: Alternative) -> list[_Spelled]:
    if isinstance(alternative, Wildcard):
        return [_spelled(alternative.text)]
    if isinstance(alternative, AnythingBut) and alternative.operator == "wildcard":
        return [_spelled(str(operand)) for operand in sorted(map(str, alternative.operands))]
    return []


def _spelled(operand: str) -> _Spelled:
    """The bytes between quotation marks; the stars of the language as _STAR."""
    symbols: list[int] = []
    for number, piece in enumerate(pieces(operand)):
        if number:
            symbols.append(_STAR)
        symbols += piece.encode("utf-8", "replace")
    return (_MARK, *symbols, _MARK)
