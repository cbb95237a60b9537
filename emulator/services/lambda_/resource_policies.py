"""PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: the policy of a function as one document.

It is the same that AddPermission adds to.  Nothing of this is recorded: the shapes are the model's (2026), texts are
those of the operations beside it, or ours.
"""

import json
from fnmatch import fnmatchcase
from typing import Any

from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.services.lambda_ import policies
from emulator.services.lambda_.names import FunctionName, found, invalid, named, not_found
from emulator.services.lambda_.service import lambda_api
from emulator.wire.service import Members

_REQUIRED = ("Effect", "Principal", "Action", "Resource")
_NONE = "The resource you requested does not exist."


@lambda_api.operation("PutResourcePolicy")
def put_resource_policy(call: Call, *, resource_arn: str, policy: str, revision_id: str | None = None) -> Members:
    """Replaces what was there, statements of AddPermission too."""
    name = _name(call, resource_arn)
    policies.refuse_latest(name)
    document = _checked(policy, name)
    policies.check_revision(revision_id, _revision(call, name), "GetResourcePolicy")
    return _shown(document, policies.keep(call, name, document))


@lambda_api.operation("GetResourcePolicy")
def get_resource_policy(call: Call, *, resource_arn: str) -> Members:
    return _shown(*policies.required(call, _name(call, resource_arn)))


@lambda_api.operation("DeleteResourcePolicy")
def delete_resource_policy(call: Call, *, resource_arn: str, revision_id: str | None = None) -> None:
    name = _name(call, resource_arn)
    _, revision = policies.required(call, name)
    policies.check_revision(revision_id, revision, "GetResourcePolicy")
    policies.drop(call, name)


def _name(call: Call, arn: str) -> FunctionName:
    """Customer-managed runtimes have policies, too; there are none of those here."""
    if ":function:" not in arn:
        raise not_found(_NONE)
    name = named(call, arn)
    if found(call, name) is None:
        raise not_found(_NONE)
    return name


def _revision(call: Call, name: FunctionName) -> str | None:
    kept = policies.find(call, name)
    return None if kept is None else kept[1]


def _shown(document: policies.Document, revision: str) -> Members:
    return {"Policy": policies.text_of(document), "RevisionId": revision}


def _checked(text: str, name: FunctionName) -> policies.Document:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid("The policy is not valid JSON.") from None
    if not isinstance(document, dict) or "Statement" not in document:
        raise invalid("The policy is not an object with a Statement.")
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    if not statements:
        raise invalid("The policy has no statement.")
    for number, statement in enumerate(statements, 1):
        _check(number, statement, name)
    given = [statement["Sid"] for statement in statements if "Sid" in statement]
    if len(given) != len(set(given)):
        raise invalid("The statement ids of the policy are not unique.")
    return {**document, "Statement": statements}


def _check(number: int, statement: Any, name: FunctionName) -> None:
    if not isinstance(statement, dict):
        raise invalid(f"Statement {number} of the policy is not an object.")
    for member in ("NotAction", "NotPrincipal", "NotResource"):
        if member in statement:
            raise AwsError(
                "NotImplementedException", f"lambda:PutResourcePolicy: {member} is not emulated.", status=501
            )
    for member in _REQUIRED:
        if member not in statement:
            raise invalid(f"Statement {number} of the policy has no {member}.")
    if not isinstance(statement.get("Sid", ""), str):
        raise invalid(f"Statement {number} of the policy: Sid is text.")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise invalid(f"Statement {number} of the policy: Effect is Allow or Deny.")
    resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    if not all(isinstance(resource, str) and fnmatchcase(name.arn, resource) for resource in resources):
        raise invalid(f"Statement {number} of the policy is not about {name.arn}.")
    if not isinstance(statement.get("Condition", {}), dict):
        raise invalid(f"Statement {number} of the policy: Condition is an object.")
