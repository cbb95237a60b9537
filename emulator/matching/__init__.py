"""Event patterns: which of many rules does an event match, and why.  Pure: no I/O, no clock."""

from emulator.matching.event import parse_event
from emulator.matching.index import RuleIndex, matches
from emulator.matching.pattern import PIPES, RULES, Dialect, InvalidPattern, Pattern, compile_pattern

__all__ = [
    "PIPES",
    "RULES",
    "Dialect",
    "InvalidPattern",
    "Pattern",
    "RuleIndex",
    "compile_pattern",
    "matches",
    "parse_event",
]
