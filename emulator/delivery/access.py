"""May this caller put that event on this bus, or change a rule of it?  Its resource policy decides.

Recorded on AWS, September 2026: another account needs a statement that allows it, the bus's own account is stopped
by an explicit Deny alone, and one entry that may not be put refuses the whole request.
"""

import json

from emulator.delivery.statements import (
    EXPLICIT_DENY,
    PRINCIPAL_ACCOUNT,
    Statement,
    holds,
    is_about,
    is_for_account,
    not_allowed,
)
from emulator.errors import AwsError
from emulator.store.buses import BusKey
from emulator.store.database import Store

PUT_EVENTS = "events:PutEvents"


def guard_of(
    store: Store, caller: str, bus: BusKey, action: str = PUT_EVENTS, resource: str | None = None
) -> "Guard | None":
    """None where nothing can be refused: a bus of the caller's own account, without a policy.

    `resource`: the ARN that the action is about, when it is not the bus itself.
    """
    stored = store.buses.find(bus)
    policy = None if stored is None else stored.policy
    if policy is None and bus.account == caller:
        return None
    statements = [] if policy is None else json.loads(policy)["Statement"]
    return Guard(caller, bus, statements, action, resource or bus.arn)


class Guard:
    """The statements of one bus about an action on a resource, for one caller."""

    def __init__(self, caller: str, bus: BusKey, statements: list[Statement], action: str, resource: str) -> None:
        self._caller = caller
        self._own = bus.account == caller
        self._action = action
        self._resource = resource
        about = [one for one in statements if is_about(one, action, resource) and is_for_account(one, caller)]
        self._allowing = [statement for statement in about if statement["Effect"] == "Allow"]
        self._denying = [statement for statement in about if statement["Effect"] == "Deny"]

    def check(self, source: str, detail_type: str) -> None:
        """Raises AWS's AccessDeniedException for an event of PutEvents."""
        self._raise(self.refuses(source, detail_type, forwarded=False))

    def check_operation(self, creator: str) -> None:
        """The same for an operation on a rule that `creator` made, or on the bus."""
        self._raise(self._why({"events:creatoraccount": creator}))

    def refuses(self, source: str, detail_type: str, *, forwarded: bool) -> str | None:
        """The end of a sentence, or None; `forwarded`: it comes from a rule of another bus, not from PutEvents."""
        return self._why(
            {
                "events:source": source,
                "events:detail-type": detail_type,
                "events:eventbusinvocation": "true" if forwarded else "false",
            }
        )

    def _why(self, facts: dict[str, str]) -> str | None:
        facts[PRINCIPAL_ACCOUNT] = self._caller
        if any(holds(statement, facts) for statement in self._denying):
            return EXPLICIT_DENY
        if not self._own and not any(holds(statement, facts) for statement in self._allowing):
            return not_allowed(self._action)
        return None

    def _raise(self, why: str | None) -> None:
        if why is not None:
            what = f"User: arn:aws:iam::{self._caller}:root is not authorized to perform: {self._action}"
            raise AwsError("AccessDeniedException", f"{what} on resource: {self._resource} {why}")
