"""A moment as people write it, in seconds since 1970.  Pure."""

import re
from datetime import UTC, datetime

from fastapi import HTTPException

from emulator.timing.schedule import END

_SHAPE = re.compile(r"now|\d+(\.\d*)?|\d{4}-\d\d-\d\d.*")


def is_moment(text: str) -> bool:
    """And not the id of an event, whose first dash comes after eight digits."""
    return _SHAPE.fullmatch(text) is not None


def moment(text: str, now: float) -> float:
    """`now`, seconds since 1970, or a date and time; without a zone it is UTC.  422 for anything else."""
    if text == "now":
        return now
    try:
        return checked(float(text))
    except ValueError:
        pass
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(422, f"{text!r} is no moment such as 2026-12-24T18:00:00Z: {error}") from error
    return checked((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())


def checked(seconds: float) -> float:
    if not 0 <= seconds < END:
        raise HTTPException(422, "The clock goes from 1970 to the end of 2199.")
    return seconds
