"""What a target's input is made from: the event, the rule that matched it, and when it came in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class InputContext:
    """`event`: envelope in AWS's key order; `event_text`: its compact JSON; `ingestion_time`: seconds since 1970."""

    event: Mapping[str, Any]
    event_text: str
    rule_name: str
    rule_arn: str
    ingestion_time: float


Input = Callable[[InputContext], str]
"""From an event to the body that the target gets.  An empty body is not delivered, and no dead letter is made of it."""
