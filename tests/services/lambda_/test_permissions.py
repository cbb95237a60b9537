"""Policies of functions beyond what was recorded in order (see tests/conformance/test_lambda_policy.py)."""

import json
from typing import Any

import pytest

from tests.services.lambda_.api import ARN, Api

GRANT = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
NO_POLICY = ("ResourceNotFoundException", "The resource you requested does not exist.")


@pytest.fixture
def api(api: Api) -> Api:
    api.create()
    return api


def added(api: Api, **members: Any) -> Any:
    return json.loads(api("AddPermission", FunctionName="f", **{**GRANT, **members})["Statement"])


def test_conditions_of_a_statement(api: Api) -> None:
    text = api("AddPermission", FunctionName="f", **{
        **GRANT, "Principal": "*", "SourceAccount": "111111111111", "SourceArn": "arn:aws:s3:::b",
        "FunctionUrlAuthType": "NONE", "PrincipalOrgID": "o-0123456789", "EventSourceToken": "t",
    })["Statement"]  # fmt: skip
    assert text.endswith(
        '"Condition":{"StringEquals":{"AWS:SourceAccount":"111111111111","lambda:FunctionUrlAuthType":"NONE",'
        '"aws:PrincipalOrgID":"o-0123456789","lambda:EventSourceToken":"t"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}}'
    )
    statement = added(api, StatementId="url", Principal="*", InvokedViaFunctionUrl=True)
    assert statement["Condition"] == {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}  # recorded


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("*", "*"),
        ("111111111111", {"AWS": "arn:aws:iam::111111111111:root"}),
        ("arn:aws:iam::111111111111:role/r", {"AWS": "arn:aws:iam::111111111111:role/r"}),
        ("s3.amazonaws.com", {"Service": "s3.amazonaws.com"}),
        ("alexa-appkit.amazon.com", {"Service": "alexa-appkit.amazon.com"}),
    ],
)
def test_principals(api: Api, given: str, kept: Any) -> None:
    assert added(api, Principal=given)["Principal"] == kept


def test_a_principal_that_is_none(api: Api) -> None:
    assert api.refused("AddPermission", FunctionName="f", **{**GRANT, "Principal": "nobody"}) == (
        "InvalidParameterValueException",
        "The provided principal was invalid. Please check the principal and try again.",
    )


def test_versions_and_aliases_have_policies_of_their_own(api: Api) -> None:
    api("PublishVersion", FunctionName="f")
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    assert added(api, Qualifier="live")["Resource"] == f"{ARN}:live"
    assert added(api, Qualifier="1")["Resource"] == f"{ARN}:1"
    assert api.refused("GetPolicy", FunctionName="f") == NO_POLICY
    assert f"{ARN}:live" in api("GetPolicy", FunctionName="f:live")["Policy"]
    assert api.refused("AddPermission", FunctionName="f", Qualifier="2", **GRANT)[1] == f"Function not found: {ARN}:2"
    missing = api.refused("AddPermission", FunctionName="f", Qualifier="other", **GRANT)
    assert missing == ("ResourceNotFoundException", f"Cannot find alias arn: {ARN}:other")
    api("DeleteAlias", FunctionName="f", Name="live")
    api("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    assert api.refused("GetPolicy", FunctionName="f", Qualifier="live") == NO_POLICY  # gone with the alias (recorded)


def test_functions_that_are_not_there(api: Api) -> None:
    arn = ARN[:-1] + "nobody"
    assert api.refused("AddPermission", FunctionName="nobody", **GRANT)[1] == f"Function not found: {arn}"
    assert api.refused("GetPolicy", FunctionName="nobody") == NO_POLICY
    assert api.refused("RemovePermission", FunctionName="nobody", StatementId="s")[1] == f"No policy found for: {arn}"


def test_a_deleted_function_takes_its_policy_with_it(api: Api) -> None:
    added(api)
    api("DeleteFunction", FunctionName="f")
    api.create()
    assert api.refused("GetPolicy", FunctionName="f") == NO_POLICY


def test_a_policy_has_a_size(api: Api) -> None:
    long = {"SourceArn": "arn:aws:s3:::" + "b" * 9000}
    added(api, StatementId="a", **long)
    added(api, StatementId="b", **long)
    code, text = api.refused("AddPermission", FunctionName="f", **{**GRANT, "StatementId": "c", **long})
    assert code == "PolicyLengthExceededException"
    assert text.startswith("The final policy size (2")
    assert text.endswith("is bigger than the limit (20480).")
    api("AddPermission", FunctionName="f", **{**GRANT, "StatementId": "d"})


def test_a_whole_document(api: Api) -> None:
    added(api)
    document = {
        "Version": "2012-10-17",
        "Statement": {"Sid": "mine", "Effect": "Deny", "Principal": "*", "Action": "lambda:*", "Resource": ARN},
    }
    answer = api("PutResourcePolicy", ResourceArn=ARN, Policy=json.dumps(document))
    assert json.loads(answer["Policy"])["Statement"] == [document["Statement"]]  # in the place of the other
    assert api("GetResourcePolicy", ResourceArn=ARN) == answer
    assert api("GetPolicy", FunctionName="f")["RevisionId"] == answer["RevisionId"]
    added(api)
    assert [one["Sid"] for one in json.loads(api("GetPolicy", FunctionName="f")["Policy"])["Statement"]] == [
        "mine",
        "s",
    ]
    stale = api.refused("PutResourcePolicy", ResourceArn=ARN, Policy=answer["Policy"], RevisionId=answer["RevisionId"])
    assert stale[0] == "PreconditionFailedException"
    assert api.refused("DeleteResourcePolicy", ResourceArn=ARN, RevisionId=answer["RevisionId"]) == stale
    api("DeleteResourcePolicy", ResourceArn=ARN)
    assert api.refused("GetResourcePolicy", ResourceArn=ARN) == NO_POLICY


@pytest.mark.parametrize(
    "policy",
    [
        "{", "[]", "{}", '{"Statement": []}', '{"Statement": [3]}', "[" * 2000,
        json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "lambda:*"}}),
        json.dumps({"Statement": {"Effect": "May", "Principal": "*", "Action": "lambda:*", "Resource": ARN}}),
        json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": ARN + "x"}}),
        json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": ARN, "Sid": 3}}),
        json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": ARN, "Condition": 3}}),
    ],
)  # fmt: skip
def test_documents_that_are_none(api: Api, policy: str) -> None:
    assert api.refused("PutResourcePolicy", ResourceArn=ARN, Policy=policy)[0] == "InvalidParameterValueException"
    assert api.refused("GetPolicy", FunctionName="f") == NO_POLICY


def test_what_of_documents_is_not_there(api: Api) -> None:
    statement = {"Effect": "Allow", "NotPrincipal": "*", "Action": "lambda:*", "Resource": ARN}
    policy = json.dumps({"Statement": statement})
    assert api.refused("PutResourcePolicy", ResourceArn=ARN, Policy=policy)[0] == "NotImplementedException"
    assert api.refused("GetResourcePolicy", ResourceArn=f"{ARN}:7") == NO_POLICY
    assert api.refused("GetResourcePolicy", ResourceArn=ARN.replace("function:f", "runtime/r")) == NO_POLICY
    latest = api.refused("PutResourcePolicy", ResourceArn=f"{ARN}:$LATEST", Policy=policy)
    assert latest[1] == "We currently do not support adding policies for $LATEST."
