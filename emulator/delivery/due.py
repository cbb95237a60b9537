"""What waits for a moment of the clock."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that happens at a moment, or has happened then.

    `kind` is `retry` (attempt number `attempt` of a delivery), `late` (an attempt that a fault has made to wait),
    `expiry` (a delivery is given up, for its event is too old then) or `schedule` (a rule's event for one of its
    targets).
    `rule`, `bus` and `event_id` are empty where there is none: an asynchronous invocation has no rule, an event that is
    still to come no id, a rule without targets no `target`.  `why` is a sentence for people.
    """

    at: float
    kind: str
    rule: str = ""
    bus: str = ""
    target: str = ""
    event_id: str = ""
    attempt: int | None = None
    why: str = ""


class Timed(Protocol):
    """A part of the emulator that waits for moments.  On the real clock it wakes by itself; a virtual one is moved by
    the timeline, which asks each of them what comes next."""

    def next_at(self) -> float | None:
        """The next moment at which something is due, None for never; it may have passed."""

    def fire_due(self) -> list[Due]:
        """Begin everything that is due now; what that was."""

    def waiting(self, limit: int) -> list[Due]:
        """What comes next, the earliest first."""

    def clock_changed(self) -> None:
        """The clock has jumped, or was switched: what was planned by it is to be planned again."""
