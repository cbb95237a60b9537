"""Runs every night.  A folder is a function too, with modules of its own beside the handler."""

from typing import Any

from utils import day_before


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    day = day_before(event["time"])
    print("report for", day)
    return {"day": day}
