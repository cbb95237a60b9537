"""Cases recorded from AWS: JSON lines in a folder beside the project (EBL_CONFORMANCE names another one).

The folder has its own origin and is not part of the project; where it is absent, the tests that replay it are skipped.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("EBL_CONFORMANCE", Path(__file__).parents[3] / "shared" / "conformance"))


def cases(name: str) -> list[dict[str, Any]]:
    """The rows of `name` (`inputs.jsonl`), in order; the calling test module is skipped when there are none to read."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no recorded cases at {path}", allow_module_level=True)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
