"""`${NAME}` in the values of a configuration, and the `.env` file beside it.  Reads no environment: it is passed in."""

import re
from collections.abc import Mapping

from emulator.errors import ConfigError, Problem

_REFERENCE = re.compile(
    r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{(?P<rest>[^}]*\}?)"
)
_LINE = re.compile(
    r"""\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=(?P<value>\s*"(?:[^"\\]|\\.)*"|\s*'[^']*'|(?:(?!\s\#).)*)"""
    r"""(?:\s+\#.*)?\s*"""
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Unresolved(ValueError):
    """A reference that leads nowhere; the message is a sentence for the user."""


def substitute(text: str, environ: Mapping[str, str]) -> str:
    """`text` with `${NAME}` and `${NAME:-default}` replaced (the default also when NAME is empty); `$${` means `${`.

    Raises Unresolved for a variable that is not set and has no default.
    """
    if "${" not in text:
        return text

    def value(found: re.Match[str]) -> str:
        if found[0] == "$${":
            return "${"
        name, default = found["name"], found["default"]
        if name is None:
            raise Unresolved(
                f"${{{found['rest']} is not a reference to a variable: write ${{NAME}}, or $${{ for ${{ itself"
            )
        if default is not None:
            return environ.get(name) or default
        if name not in environ:
            raise Unresolved(f"the variable {name} is not set, in .env neither: set it, or write ${{{name}:-default}}")
        return environ[name]

    return _REFERENCE.sub(value, text)


def read_dotenv(text: str, file: str) -> dict[str, str]:
    """The variables of a `.env` file: `NAME=value` lines, `export` and quotes allowed, `#` begins a comment.

    Raises ConfigError for every line that is nothing of that.
    """
    variables: dict[str, str] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if found := _LINE.fullmatch(line):
            variables[found["name"]] = _unquoted(found["value"].strip())
        else:
            problems.append(Problem(file, number, 1, "", "not a variable: write NAME=value"))
    if problems:
        raise ConfigError(problems)
    return variables


def _unquoted(value: str) -> str:
    if value[:1] == '"' and value[-1:] == '"' and len(value) > 1:
        return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), value[1:-1])
    return value[1:-1] if value[:1] == "'" and value[-1:] == "'" and len(value) > 1 else value
