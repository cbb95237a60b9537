"""JSON text of a value that was read from YAML: every digit kept, nothing guessed."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from emulator.config.yaml_source import Doubtful, KeyPath

Report = Callable[[KeyPath, str], None]


def json_text(value: Any, path: KeyPath, report: Report) -> str:
    """Compact JSON.  A word that YAML reads as something else is reported: which of the two is meant?"""
    if isinstance(value, Doubtful):
        report(path, f'YAML reads {value} as {value.meaning}: write "{value}" in quotes for the text, or what you mean')
    if isinstance(value, dict):
        items = (
            f"{json.dumps(key, ensure_ascii=False)}:{json_text(item, (*path, key), report)}"
            for key, item in value.items()
        )
        return "{" + ",".join(items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(json_text(item, (*path, index), report) for index, item in enumerate(value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
