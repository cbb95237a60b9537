"""The resource policy of a bus: a document -> what AWS keeps of it, or why AWS refuses it.  Pure.

Texts are recorded on AWS (September 2026) but where a comment says otherwise.  Columns count from 1 and point at the
`{` of a statement, in the text as it was sent.
"""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from emulator.errors import AwsError
from emulator.services.events.names import invalid

MAXIMUM_SIZE = 30720
"""Bytes of the compact form that were accepted; one more was not.  The documented quota is 10240."""

ACTIONS = frozenset(
    {
        "events:DeleteRule",
        "events:DescribeEventBus",
        "events:DescribeRule",
        "events:DisableRule",
        "events:EnableRule",
        "events:ListRuleNamesByTarget",
        "events:ListRules",
        "events:ListTagsForResource",
        "events:ListTargetsByRule",
        "events:PutEvents",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
        "events:TagResource",
        "events:UntagResource",
    }
)
"""What a bus policy can allow; a wildcard is fine when it covers one of these."""

_REQUIRED = ("Sid", "Effect", "Principal", "Action", "Resource")
_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPAL_ARN = re.compile(r"arn:aws[\w-]*:(iam|sts)::\d{12}:.+")
# IAM's reference of condition operators, 2026.
_OPERATOR = re.compile(
    r"Null|(?:(?:ForAllValues|ForAnyValue):)?(?:String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)|Arn(?:Not)?(?:Equals|Like)"
    r"|(?:Numeric|Date)(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?)|Bool|BinaryEquals|(?:Not)?IpAddress)"
    r"(?:IfExists)?"
)
_WHITE = re.compile(r"[ \t\r\n]*")

Document = dict[str, Any]
Statement = dict[str, Any]


def checked(text: str, bus_arn: str) -> Document:
    """The document of a full `Policy`, as AWS keeps it; raises AWS's refusal."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid("This policy contains invalid Json") from None
    if not isinstance(document, dict):
        raise invalid("This text appears not to be a policy")
    for field in ("Version", "Statement"):
        if field not in document:
            raise invalid(f"Missing required field {field}")
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    if not statements:
        raise invalid("Could not parse the policy: Statement is empty!")
    places = _places(text)
    for statement, place in zip(statements, places, strict=True):
        _check_statement(statement, place, bus_arn)
    _check_ids(statements, places)
    return {**document, "Statement": [_stored(statement) for statement in statements]}


def compact(document: Document) -> str:
    """The text that AWS keeps and shows."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > MAXIMUM_SIZE:
        raise AwsError("PolicyLengthExceededException", "Policy size would be larger than the maximum allowed.")
    return text


def root_of(account: str) -> str:
    """How AWS shows a principal that is an account."""
    return f"arn:aws:iam::{account}:root"


def _check_statement(statement: Any, place: str, bus_arn: str) -> None:
    if not isinstance(statement, dict):
        raise invalid("This text appears not to be a policy")  # not recorded
    for field in _REQUIRED:
        if field not in statement:
            raise invalid(f"Missing required field {field}")
    if not isinstance(statement["Sid"], str):
        raise invalid(f"{place}: Invalid Sid")  # not recorded
    if statement["Effect"] not in ("Allow", "Deny"):
        raise invalid(f"{place}: Invalid effect: {statement['Effect']}")  # not recorded
    _check_actions(_listed(statement["Action"]), place)
    if not all(map(_is_principal, _principals(statement["Principal"]))):
        raise invalid("Policy contains an invalid principal")
    for resource in _listed(statement["Resource"]):
        _check_resource(resource, bus_arn)
    if not _is_condition(statement.get("Condition", {})):
        raise invalid(f"{place}: Invalid condition")  # not recorded


def _is_condition(condition: Any) -> bool:
    """`{operator: {key: value or values}}`, with IAM's operators."""
    return isinstance(condition, dict) and all(
        _OPERATOR.fullmatch(operator) is not None
        and isinstance(asked, dict)
        and all(_is_wanted(value, of_null=operator == "Null") for value in asked.values())
        for operator, asked in condition.items()
    )


def _is_wanted(value: Any, *, of_null: bool) -> bool:
    values = value if isinstance(value, list) else [value]
    if of_null:
        return len(values) == 1 and str(values[0]).lower() in ("true", "false")
    return bool(values) and all(isinstance(one, str | int | float) for one in values)


def _check_actions(actions: list[str], place: str) -> None:
    if any(action != "*" and not action.startswith("events:") for action in actions):
        raise invalid(f"{place}: Action field includes AWS services that are inconsistent with specified vendor")
    wrong = [action for action in actions if not any(fnmatchcase(known, action) for known in ACTIONS)]
    if wrong:
        names = ", ".join(f'"{action}"' for action in wrong)
        raise invalid(f"{place}: The following action names are invalid: {names}")


def _check_resource(resource: str, bus_arn: str) -> None:
    """`*`, the bus itself, or rules on it."""
    prefix, _, bus = bus_arn.partition(":event-bus/")
    rules = f"{prefix}:rule/" if bus == "default" else f"{prefix}:rule/{bus}"
    if resource == "*" or fnmatchcase(bus_arn, resource) or resource == rules or resource.startswith(f"{rules}/"):
        return
    if bus == "default" and resource.startswith(rules):
        return
    relative = resource.split(":", 5)[-1]
    raise invalid(f'The relative-id "{relative}" is invalid for ARN "{resource}"')


def _check_ids(statements: list[Statement], places: list[str]) -> None:
    seen: set[str] = set()
    for statement, place in zip(statements, places, strict=True):
        if statement["Sid"] in seen:
            raise invalid(f"{place}: The Statement Ids in the policy are not unique")
        seen.add(statement["Sid"])


def _principals(principal: Any) -> Iterator[tuple[str, str]]:
    """`"*"`, `{"AWS": [...]}`, `{"Service": ...}` as pairs of kind and value."""
    if not isinstance(principal, dict):
        yield "AWS", str(principal)
        return
    for kind, values in principal.items():
        yield from ((kind, value) for value in _listed(values))


def _is_principal(principal: tuple[str, str]) -> bool:
    kind, value = principal
    if kind == "AWS":
        return value == "*" or bool(_ACCOUNT.fullmatch(value) or _PRINCIPAL_ARN.fullmatch(value))
    return kind in ("Service", "Federated", "CanonicalUser")


def _stored(statement: Statement) -> Statement:
    """Accounts are kept as the ARN of their root."""
    principal = statement["Principal"]
    if not isinstance(principal, dict) or "AWS" not in principal:
        return statement
    shown = [root_of(value) if _ACCOUNT.fullmatch(value) else value for value in _listed(principal["AWS"])]
    return {**statement, "Principal": {**principal, "AWS": shown if isinstance(principal["AWS"], list) else shown[0]}}


def _listed(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _places(text: str) -> list[str]:
    """Where each statement begins: `Invalid statement at line 1 column 38`.  `text` is known to be an object."""
    return [f"Invalid statement at line {_line(text, index)} column {_column(text, index)}" for index in _starts(text)]


def _starts(text: str) -> list[int]:
    starts: list[int] = []
    for key, start in _entries(text):
        if key == "Statement":  # of a key that comes twice, the last one counts
            starts = list(_elements(text, start)) if text[start] == "[" else [start]
    return starts


def _entries(text: str) -> Iterator[tuple[str, int]]:
    """The keys of the outermost object, each with the index at which its value begins."""
    decoder = json.JSONDecoder()
    at = _skip(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _next(text, decoder.raw_decode(text, at)[1])


def _elements(text: str, at: int) -> Iterator[int]:
    """The index at which each element of the array at `at` begins."""
    decoder = json.JSONDecoder()
    at = _skip(text, at + 1)
    while text[at] != "]":
        yield at
        at = _next(text, decoder.raw_decode(text, at)[1])


def _next(text: str, at: int) -> int:
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    match = _WHITE.match(text, at)
    assert match is not None
    return match.end()


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def _column(text: str, index: int) -> int:
    return index - text.rfind("\n", 0, index)
