"""`equals-ignore-case`, which is not "lower both sides".

Each UTF-16 unit of the operand may stand as its lower-case or as its upper-case form, and the value must be such a
sequence: `ß` matches `ß` and `SS`, not `ss`; `K` does not match the Kelvin sign; the halves of a character beyond the
BMP turn into `?` each. Recorded on AWS, Sep 2026.
"""

from collections.abc import Callable, Sequence


def folded(operand: str) -> Callable[[str], bool]:
    """A test whether a value is the operand in some mixture of cases."""
    if operand.isascii():
        lowered = operand.lower()
        return lambda value: value.lower() == lowered and value.isascii()
    forms = _forms(operand)
    return lambda value: len(value) in _ends(forms, value)


def folded_start(operand: str) -> Callable[[str], bool]:
    """A test whether a value begins with the operand in some mixture of cases."""
    forms = _forms(operand)
    return lambda value: bool(_ends(forms, value))


def folded_end(operand: str) -> Callable[[str], bool]:
    """A test whether a value ends with the operand in some mixture of cases."""
    forms = [tuple(form[::-1] for form in unit) for unit in reversed(_forms(operand))]
    return lambda value: bool(_ends(forms, value[::-1]))


def _forms(operand: str) -> list[tuple[str, ...]]:
    units = operand.encode("utf-16-be", "surrogatepass")
    characters = (chr(int.from_bytes(units[at : at + 2], "big")) for at in range(0, len(units), 2))
    return [_both(character) for character in characters]


def _both(unit: str) -> tuple[str, ...]:
    if "\ud800" <= unit <= "\udfff":
        return ("?",)
    lower, upper = unit.lower(), unit.upper()
    return (lower,) if lower == upper else (lower, upper)


def _ends(forms: Sequence[tuple[str, ...]], value: str) -> set[int]:
    """Where in the value the operand may end when it starts at its beginning."""
    ends = {0}
    for unit in forms:
        ends = {end + len(form) for end in ends for form in unit if value.startswith(form, end)}
        if not ends:
            break
    return ends
