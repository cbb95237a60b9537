"""A page of the documentation as its reader meets it: fenced blocks, in order.

A block is one of these, and a block that is none of them is an error, never skipped:

    sh             commands; they succeed, unless the fence says otherwise (```sh exits=4)
    text           what the commands before it print (… for whatever stands there)
    text server    what the server's terminal shows since it was last looked at, in any order
    diff           a change to the file after `+++`: lines with `-` go, lines with `+` come
    anything else  a file, named by a comment in its first line (# functions/charge.py, // functions/hello.js)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])

_FENCE = re.compile(r"^ *```(.*?)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"(?:#|//) ([\w./-]+\.\w+)\b.*\n")
_EXITS = re.compile(r"exits=(\d+)")


@dataclass(frozen=True, slots=True)
class Block:
    """`words` follow the language on the fence; `line` is the fence's number in the page."""

    language: str
    words: str
    text: str
    line: int

    @property
    def exits(self) -> int:
        """The code with which the commands end."""
        found = _EXITS.fullmatch(self.words)
        return int(found[1]) if found else 0

    @property
    def file(self) -> str | None:
        found = _FILE.match(self.text)
        return found[1] if found and self.language not in ("sh", "text") else None

    @property
    def starts_a_server(self) -> bool:
        """`ebl`, `ebl start …`, `ebl --port 5000`: a terminal is left alone with it."""
        return self.language == "sh" and re.fullmatch(r"(make run|ebl( start)?( -.*)?)\n", self.text) is not None


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        language, _, words = found[1].strip().partition(" ")
        yield Block(language, words, found[2], text.count("\n", 0, found.start()) + 1)


def changed(text: str, diff: str) -> tuple[str, str]:
    """The file that a diff names, and `text` with the change made; the lines to change are there exactly once."""
    head, *lines = diff.splitlines()
    name = head.removeprefix("+++ ")
    assert name != head, f"a diff begins with +++ and the file's name, not with {head!r}"
    old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
    new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
    assert text.count(old) == 1 or not text, f"{name} has {text.count(old)} places like this:\n{old}"
    return name, text.replace(old, new)
