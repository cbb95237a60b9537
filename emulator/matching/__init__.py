"""Event patterns: which of many rules does an event match, and why.  Pure: no I/O, no clock."""

from emulator.matching.event import Repeated, parse_event
from emulator.matching.explain import Explanation, RuleVerdict, explain
from emulator.matching.index import RuleIndex, matches
from emulator.matching.pattern import PIPES, RULES, Dialect, InvalidPattern, Pattern, compile_pattern

__all__ = [
    "PIPES",
    "RULES",
    "Dialect",
    "Explanation",
    "InvalidPattern",
    "Pattern",
    "Repeated",
    "RuleIndex",
    "RuleVerdict",
    "compile_pattern",
    "explain",
    "matches",
    "parse_event",
]
