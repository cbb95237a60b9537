"""Permissions and asynchronous configurations, recorded on AWS (Sep 2026): rows in order, on one function.

The rows of each file are a story of their own.  `<rev1>` and the like stand for what an answer before them said.
"""

import asyncio
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from emulator.app import Emulator
from emulator.errors import AwsError
from emulator.store.functions import FunctionRow
from emulator.wire.service import Scope
from tests.conformance.cases import cases

ROWS = cases("lambda-policy.jsonl")
STALE = "00000000-0000-0000-0000-000000000000"
NOT_HERE = ("invoke_immediately_after_create",)
"""About something else: it needs a function that is still Pending."""


@pytest.mark.parametrize("file", sorted({row["file"] for row in ROWS}))
def test_story(file: str, tmp_path: Path) -> None:
    rows = next(list(rows) for name, rows in groupby(ROWS, key=lambda row: row["file"]) if name == file)
    (tmp_path / "F.py").write_text("def handler(event, context): return None\n")
    asyncio.run(_play([row for row in rows if row["id"] not in NOT_HERE], tmp_path / "F.py"))


async def _play(rows: Iterable[dict[str, Any]], code: Path) -> None:
    emulator = Emulator()
    try:
        function = FunctionRow("000000000000", "us-east-1", "F", str(code), revision_id=STALE[:-1] + "1")
        emulator.store.functions.put(function)
        known = {"<stale>": STALE, "<the function's RevisionId>": function.revision_id}
        for row in rows:
            await _prepare(emulator, row)
            answer = await _answer(emulator, row["operation"], _filled(row["input"], known))
            expected: tuple[Any, ...] = (row["code"], row.get("message"))
            if row["code"] == "Success":
                expected = (row["code"], _resolved(row["output"], answer[1], known))
            assert answer == expected, row["id"]
    finally:
        await emulator.stop()


async def _prepare(emulator: Emulator, row: dict[str, Any]) -> None:
    """What was there before the row, and in no row of the excerpt."""
    if row["id"] in ("remove_missing_sid_stale_revision", "add_duplicate_sid_stale_revision"):
        members = {"FunctionName": "F", "StatementId": "EventRule", "Action": "lambda:InvokeFunction", "Principal": "*"}
        await _answer(emulator, "AddPermission", members)


async def _answer(emulator: Emulator, operation: str, members: dict[str, Any]) -> tuple[Any, ...]:
    try:
        answer = await emulator.api("lambda", operation, members, Scope("000000000000", "us-east-1"))
    except AwsError as error:
        return error.code, error.message
    return "Success", answer


def _filled(members: dict[str, Any], known: dict[str, str]) -> dict[str, Any]:
    return {name: known.get(value, value) if isinstance(value, str) else value for name, value in members.items()}


def _resolved(expected: Any, answer: Any, known: dict[str, str]) -> Any:
    """With what the row leaves open taken from the answer, and remembered."""
    if isinstance(expected, dict):
        return {name: _resolved(value, answer.get(name), known) for name, value in expected.items()}
    if isinstance(expected, str) and expected.startswith("<rev"):
        known[expected] = answer
        return answer
    return answer if expected == "<epoch ms>" and isinstance(answer, float) else expected
