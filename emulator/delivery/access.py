"""May this caller put that event on this bus, or change a rule of it?  Its resource policy decides.

Recorded on AWS, September 2026: another account needs a statement that allows it, the bus's own account is stopped
by an explicit Deny alone, and one entry that may not be put refuses the whole request.  There are no users and roles
here: a caller is its whole account, so a statement for a role or user of that account counts, and every account is
taken to be in whatever organization a condition asks for.
"""

import json
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from emulator.errors import AwsError
from emulator.store.buses import BusKey
from emulator.store.database import Store

PUT_EVENTS = "events:PutEvents"
_ORGANIZATION = "aws:principalorgid"
_OWN_ACCOUNT = "${aws:PrincipalAccount}"


Statement = dict[str, Any]


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
        about = [statement for statement in statements if self._is_about(statement)]
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
        facts["aws:principalaccount"] = self._caller
        if any(_holds(statement, facts) for statement in self._denying):
            return "with an explicit deny in a resource-based policy"
        if not self._own and not any(_holds(statement, facts) for statement in self._allowing):
            return f"because no resource-based policy allows the {self._action} action"
        return None

    def _raise(self, why: str | None) -> None:
        if why is not None:
            what = f"User: arn:aws:iam::{self._caller}:root is not authorized to perform: {self._action}"
            raise AwsError("AccessDeniedException", f"{what} on resource: {self._resource} {why}")

    def _is_about(self, statement: Statement) -> bool:
        actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
        return (
            any(fnmatchcase(self._action, action) for action in actions)
            and any(fnmatchcase(self._resource, resource) for resource in resources)
            and self._is_principal(statement["Principal"])
        )

    def _is_principal(self, principal: Any) -> bool:
        named = _listed(principal.get("AWS", []) if isinstance(principal, dict) else principal)
        return any(name in ("*", self._caller) or f"::{self._caller}:" in name for name in named)


def _holds(statement: Statement, facts: Mapping[str, str]) -> bool:
    """Do all conditions of the statement hold?  One that cannot be read does not (PutPermission refuses it, but a state
    file may have one from before)."""
    condition = statement.get("Condition", {})
    if not isinstance(condition, dict):
        return False
    return all(isinstance(asked, dict) and _all_hold(operator, asked, facts) for operator, asked in condition.items())


def _all_hold(operator: str, asked: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
    own = facts["aws:principalaccount"]
    return all(
        _compares(operator, facts.get(key.lower()), [text.replace(_OWN_ACCOUNT, own) for text in _listed(wanted)])
        for key, wanted in asked.items()
        if key.lower() != _ORGANIZATION
    )


def _compares(operator: str, value: str | None, wanted: list[str]) -> bool:
    """IAM's rules: a missing key fails a condition, but for a negated one, an …IfExists and a ForAllValues."""
    base = operator.rpartition(":")[2]
    name = base.removesuffix("IfExists")
    if name == "Null":
        return (value is None) == ("true" in wanted)
    positive = name.replace("Not", "", 1)
    negated = positive != name
    if value is None:
        return negated or base != name or operator.startswith("ForAllValues:")
    test = _TESTS.get(positive)
    return test is not None and any(test(value, one) for one in wanted) != negated


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": lambda value, wanted: value.casefold() == wanted.casefold(),
    "StringLike": fnmatchcase,
    "ArnEquals": fnmatchcase,
    "ArnLike": fnmatchcase,
    "Bool": lambda value, wanted: value == wanted.lower(),
}


def _listed(value: Any) -> list[str]:
    if isinstance(value, list):
        return [_text(item) for item in value]
    return [_text(value)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
