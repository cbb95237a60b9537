"""Short ways to write patterns in tests."""

import json
from typing import Any

from emulator.matching import Pattern, compile_pattern


def pattern(content: Any) -> str:
    """The JSON text of a pattern."""
    return json.dumps(content, ensure_ascii=False)


def compiled(content: Any) -> Pattern:
    """The compiled pattern."""
    return compile_pattern(pattern(content))
