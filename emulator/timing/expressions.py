"""Schedule expressions as EventBridge's rules and EventBridge Scheduler admit them: text to Schedule.  Pure."""

from datetime import UTC, tzinfo

from emulator.timing.at import parse_at
from emulator.timing.cron import parse_cron
from emulator.timing.rate import parse_rate
from emulator.timing.schedule import Schedule


def parse_rule_schedule(text: str) -> Schedule:
    """`rate(…)` or `cron(…)`, exactly what PutRule admits; raises InvalidSchedule."""
    return parse_rate(text) if text.startswith("rate") else parse_cron(text)


def parse_schedule(text: str, zone: tzinfo = UTC) -> Schedule:
    """`at(…)`, `rate(…)` or `cron(…)` as CreateSchedule admits them, on the clocks of `zone`; raises InvalidSchedule.

    A day of a rate is 24 hours in every zone.  `rate(1 minutes)` is admitted, unlike on a rule (recorded, Sep 2026).
    """
    if text.startswith("at"):
        return parse_at(text, zone)
    return parse_rate(text, any_plural=True) if text.startswith("rate") else parse_cron(text, zone)
