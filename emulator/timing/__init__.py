"""rate(), cron(), at(): when does a schedule fire next?  Pure: the moment is passed in."""

from emulator.timing.expressions import parse_rule_schedule, parse_schedule
from emulator.timing.schedule import InvalidSchedule, Schedule

__all__ = ["InvalidSchedule", "Schedule", "parse_rule_schedule", "parse_schedule"]
