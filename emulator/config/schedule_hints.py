"""What may be wrong with a schedule that AWS refuses: it says only that the parameter is not valid.  Pure."""

import re

_RATE = re.compile(r"rate\(\s*(\d+)\s*([A-Za-z]+)\s*\)")
_UNITS = ("minute", "hour", "day")


def reason(text: str) -> str:
    """A few words, or an empty text when nothing comes to mind."""
    kind, parenthesis, rest = text.strip().partition("(")
    if kind == "rate" and (found := _RATE.fullmatch(text.strip())):
        return _of_rate(int(found[1][:300]), found[2])
    if kind == "cron" and rest.endswith(")"):
        return _of_cron(rest[:-1].split())
    if kind == "at":
        return "at() is EventBridge Scheduler's"
    if kind.lower() in ("cron", "rate") and kind != kind.lower():
        return f"write {kind.lower()} in small letters"
    return "" if parenthesis else "put it into rate( ) or cron( )"


def _of_rate(number: int, unit: str) -> str:
    one = unit.removesuffix("s")
    if one not in _UNITS:
        return f"{unit} is not a unit: minutes, hours or days"
    if number < 1:
        return "the number must be 1 or more"
    if number == 1 and unit != one:
        return f"1 takes the singular, {one}"
    return f"{number} needs the plural, {one}s" if number > 1 and unit == one else ""


def _of_cron(fields: list[str]) -> str:
    if len(fields) != 6:
        return f"a cron expression has six fields (minute hour day month weekday year), not {len(fields)}"
    day, weekday = fields[2], fields[4]
    if (day == "?") == (weekday == "?"):
        return "one of day and weekday must be ?, and the other must not"
    return ""
