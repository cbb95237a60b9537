"""JSON paths as EventBridge admits them: `$`, then `.field`, `[3]` and `[*]`.  Knows nothing of targets.

jsonpath-ng reads far more than AWS admits (`$..a`, `[-1]`, `[0:2]`, quotes), and stumbles over names that AWS admits
(`$.detail.slash/key`, `$.detail.where`).  So AWS's grammar stands here; jsonpath-ng finds what a wildcard stands for,
and the tests hold the short walk for all other paths against it.  It is imported late: that takes 40 ms, and few paths
have a wildcard.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

Path = Callable[[Mapping[str, Any]], Any]
"""From an event to the value at the path, or MISSING; with a wildcard always a list, possibly an empty one."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""There is nothing at the path (which is not the same as `null`)."""

_STEP = re.compile(r"\.(?P<name>[\w/-]+)|\[(?P<index>[0-9]{1,9})\]|\[\*\]")
_PATH = re.compile(rf"\$(?:{_STEP.pattern.replace('?P<name>', '?:').replace('?P<index>', '?:')})*+")


class InvalidPath(ValueError):
    """Not a path that EventBridge admits."""


@lru_cache(maxsize=4096)
def compile_path(text: str) -> Path:
    """The path `text`, ready to be walked; raises InvalidPath."""
    if _PATH.fullmatch(text) is None:
        raise InvalidPath(text)
    steps = [_step(found) for found in _STEP.finditer(text)]
    names = [step for step in steps if isinstance(step, str)]
    if None in steps:
        return _search(steps)
    return _names(names) if len(names) == len(steps) else _walk(steps)


def _step(found: re.Match[str]) -> str | int | None:
    """A name, an index, or None for the wildcard."""
    return found["name"] if found["index"] is None else int(found["index"])


def _names(names: list[str]) -> Path:
    def walk(event: Mapping[str, Any]) -> Any:
        value: Any = event
        try:
            for name in names:
                value = value[name]
        except (KeyError, TypeError):  # TypeError: it is a list, a string, a number or null
            return MISSING
        return value

    return walk


def _walk(steps: list[str | int | None]) -> Path:
    def walk(event: Mapping[str, Any]) -> Any:
        value: Any = event
        try:
            for step in steps:
                if type(step) is int and not isinstance(value, list):  # a string has indices too, but not for AWS
                    return MISSING
                value = value[step]
        except (KeyError, TypeError, IndexError):
            return MISSING
        return value

    return walk


def _search(steps: list[str | int | None]) -> Path:
    from jsonpath_ng.parser import parse

    quoted = (f"['{step}']" if isinstance(step, str) else f"[{'*' if step is None else step}]" for step in steps)
    find = parse("$" + "".join(quoted)).find
    return lambda event: [found.value for found in find(event)]
