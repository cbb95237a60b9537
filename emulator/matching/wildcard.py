"""`wildcard`: `*` stands for any run of characters, `\\*` for a star, `\\\\` for a backslash."""

from collections.abc import Callable

STAR = "*"


class InvalidWildcard(ValueError):
    """A wildcard that AWS refuses, in its words; positions count UTF-8 bytes, the opening quotation mark being 0."""


def pieces(operand: str) -> list[str]:
    """The literal texts between the stars, escapes undone; one more than there are stars. Raises InvalidWildcard."""
    found = [""]
    position = 1
    characters = iter(operand)
    starred = False
    for character in characters:
        width = len(character.encode("utf-8", "replace"))
        if character == STAR:
            if starred:
                raise InvalidWildcard(f"Consecutive wildcard characters at pos {position - 1}")
            found.append("")
        elif character == "\\":
            escaped = next(characters, "")
            if escaped not in (STAR, "\\"):
                raise InvalidWildcard(f"Invalid escape character at pos {position}")
            found[-1] += escaped
            width += 1
        else:
            found[-1] += character
        starred = character == STAR
        position += width
    return found


def wildcard(operand: str) -> Callable[[str], bool]:
    """A test whether a value is covered by the wildcard: pieces are searched left to right, never going back."""
    first, *middle = pieces(operand)
    if not middle:
        return first.__eq__
    last = middle.pop()
    least = len(first) + len(last)
    if not middle:
        return lambda value: value.startswith(first) and value.endswith(last) and len(value) >= least

    def covers(value: str) -> bool:
        if len(value) < least or not value.startswith(first) or not value.endswith(last):
            return False
        at, end = len(first), len(value) - len(last)
        for piece in middle:
            at = value.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return covers
