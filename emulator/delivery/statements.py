"""Statements of a resource policy: what one is about, for whom, and whether its conditions hold.  Pure.

IAM's rules, as far as there are users and roles: here a caller is its whole account, so a statement for a role or user
of that account counts, and every account is taken to be in whatever organization a condition asks for.
"""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Statement = dict[str, Any]
Facts = Mapping[str, str]
"""What conditions may ask for: keys (lower-case) -> values."""

EXPLICIT_DENY = "with an explicit deny in a resource-based policy"
_ORGANIZATION = "aws:principalorgid"
_OWN_ACCOUNT = "${aws:PrincipalAccount}"
PRINCIPAL_ACCOUNT = "aws:principalaccount"


def not_allowed(action: str) -> str:
    """The end of AWS's sentence where nothing allows the action."""
    return f"because no resource-based policy allows the {action} action"


def is_about(statement: Statement, action: str, resource: str) -> bool:
    """Does the statement speak of this action on this resource?"""
    actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
    wanted = action.lower()
    return any(fnmatchcase(wanted, named.lower()) for named in actions) and any(
        fnmatchcase(resource, named) for named in resources
    )


def is_for_account(statement: Statement, account: str) -> bool:
    """Does it speak of this account, one of its roles or users, or of everybody?"""
    principal = statement["Principal"]
    named = _listed(principal.get("AWS", []) if isinstance(principal, dict) else principal)
    return any(name in ("*", account) or f"::{account}:" in name for name in named)


def is_for_service(statement: Statement, service: str) -> bool:
    """The same of a service of AWS, such as `events.amazonaws.com`."""
    principal = statement["Principal"]
    if not isinstance(principal, dict):
        return str(principal) == "*"
    return service in _listed(principal.get("Service", [])) or "*" in _listed(principal.get("AWS", []))


def is_for_everybody(statement: Statement) -> bool:
    """The same of somebody who does not say who he is."""
    principal = statement["Principal"]
    return "*" in _listed(principal.get("AWS", []) if isinstance(principal, dict) else principal)


def holds(statement: Statement, facts: Facts) -> bool:
    """Do all conditions of the statement hold?  One that cannot be read does not (it is refused where policies are
    made, but a state file may have one from before)."""
    condition = statement.get("Condition", {})
    if not isinstance(condition, dict):
        return False
    return all(isinstance(asked, dict) and _all_hold(operator, asked, facts) for operator, asked in condition.items())


def _all_hold(operator: str, asked: Mapping[str, Any], facts: Facts) -> bool:
    own = facts.get(PRINCIPAL_ACCOUNT, "")
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
