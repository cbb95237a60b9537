"""Text with styles: a line is a list of spans, drawn with ANSI codes on a terminal and plain elsewhere.  Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Span(NamedTuple):
    text: str
    style: str = ""


Line = list[Span]

_CODES = {"": "", "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
# What comes from an event may hold anything; a control character in it must not drive the terminal.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


def draw(line: Iterable[Span], colour: bool) -> str:
    """One line of output, without its end."""
    return "".join(_painted(span) if colour and span.style else span.text for span in line)


def _painted(span: Span) -> str:
    return f"\x1b[{_CODES[span.style]}m{span.text}\x1b[0m"


def pad(line: Line, width: int) -> Line:
    """Filled up with blanks to `width` columns, and at least two."""
    return [*line, Span(" " * max(width - sum(len(span.text) for span in line), 2))]


def verdict(text: str) -> Span:
    """A line of an explanation: green where it holds, red where it does not."""
    return Span(text, "green" if " ✓ " in text else "red" if " ✗ " in text else "")


def harmless(text: str) -> str:
    """Control characters made visible."""
    return text if text.isprintable() else text.translate(_CONTROLS)


def wants_colour(environ: Mapping[str, str], terminal: bool) -> bool:
    """https://no-color.org and https://force-color.org; a CI's log is no terminal, whatever it pretends to be."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return environ["FORCE_COLOR"] != "0"
    return terminal and not environ.get("CI") and environ.get("TERM") != "dumb"
