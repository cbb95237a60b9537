"""AddPermission, RemovePermission, GetPolicy: who may run a function, one statement at a time.

Texts, and which check comes first, recorded on AWS (September 2026).
"""

import re
from typing import Any

from emulator.delivery.statements import Statement
from emulator.services.call import Call
from emulator.services.lambda_ import policies
from emulator.services.lambda_.names import FunctionName, conflict, found, invalid, named, not_found
from emulator.services.lambda_.names import required as required_function
from emulator.services.lambda_.service import lambda_api
from emulator.wire.service import Members

_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPAL_ARN = re.compile(r"arn:aws[\w-]*:(iam|sts)::\d{12}:.+")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?|[a-z0-9-]+\.amazon\.com")


@lambda_api.operation("AddPermission")
def add_permission(
    call: Call,
    *,
    function_name: str,
    statement_id: str,
    action: str,
    principal: str,
    source_arn: str | None = None,
    source_account: str | None = None,
    function_url_auth_type: str | None = None,
    invoked_via_function_url: bool | None = None,
    event_source_token: str | None = None,
    principal_org_id: str | None = None,
    qualifier: str | None = None,
    revision_id: str | None = None,
) -> Members:
    """An action need not exist; a sid that is taken is refused before a revision that does not match."""
    name = named(call, function_name, qualifier)
    _require(call, name)
    policies.refuse_latest(name)
    statement: Statement = {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": _principal(principal),
        "Action": action,
        "Resource": name.arn,
    }
    conditions = _conditions(
        {
            "AWS:SourceAccount": source_account,
            "lambda:FunctionUrlAuthType": function_url_auth_type,
            "aws:PrincipalOrgID": principal_org_id,
            "lambda:EventSourceToken": event_source_token,
        },
        invoked_via_function_url,
        source_arn,
    )
    if conditions:
        statement["Condition"] = conditions
    document, revision = policies.find(call, name) or (None, None)
    if statement_id in policies.sids(document):
        raise conflict(
            f"The statement id ({statement_id}) provided already exists. Please provide a new statement id, or remove"
            " the existing statement."
        )
    policies.check_revision(revision_id, revision, "GetPolicy")
    policies.keep(call, name, policies.with_statement(document, statement))
    return {"Statement": policies.text_of(statement)}


@lambda_api.operation("RemovePermission")
def remove_permission(
    call: Call, *, function_name: str, statement_id: str, qualifier: str | None = None, revision_id: str | None = None
) -> None:
    """With the last statement the policy goes."""
    name = named(call, function_name, qualifier)
    if call.store.functions.find(name.account, name.region, name.name) is None:
        raise not_found(f"No policy found for: {name.unqualified}")
    kept = policies.find(call, name)
    if kept is None:
        raise not_found("No policy is associated with the given resource.")
    document, revision = kept
    if statement_id not in policies.sids(document):
        raise not_found(f"Statement {statement_id} is not found in resource policy.")
    policies.check_revision(revision_id, revision, "GetPolicy")
    left = policies.without(document, statement_id)
    if left["Statement"]:
        policies.keep(call, name, left)
    else:
        policies.drop(call, name)


@lambda_api.operation("GetPolicy")
def get_policy(call: Call, *, function_name: str, qualifier: str | None = None) -> Members:
    document, revision = policies.required(call, named(call, function_name, qualifier))
    return {"Policy": policies.text_of(document), "RevisionId": revision}


def _require(call: Call, name: FunctionName) -> None:
    """The function, and the version or alias."""
    required_function(call, name)
    if found(call, name) is None:
        alias = name.qualifier is not None and not name.qualifier.isdecimal()
        raise not_found(f"{'Cannot find alias arn' if alias else 'Function not found'}: {name.arn}")


def _principal(given: str) -> Any:
    """Which domains are services of AWS is not known: whatever looks like one is taken."""
    if given == "*":
        return given
    if _ACCOUNT.fullmatch(given):
        return {"AWS": f"arn:aws:iam::{given}:root"}
    if _PRINCIPAL_ARN.fullmatch(given):
        return {"AWS": given}
    if _SERVICE.fullmatch(given):
        return {"Service": given}
    raise invalid("The provided principal was invalid. Please check the principal and try again.")


def _conditions(equals: dict[str, str | None], via_url: bool | None, source_arn: str | None) -> dict[str, Any]:
    given = {key: value for key, value in equals.items() if value is not None}
    conditions: dict[str, Any] = {"StringEquals": given} if given else {}
    if via_url is not None:
        conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": str(via_url).lower()}
    if source_arn is not None:
        conditions["ArnLike"] = {"AWS:SourceArn": source_arn}
    return conditions
