"""Whether a rule, an account or a web request may run a function, and what each mode makes of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.config import parse
from emulator.delivery.permissions import Mode
from emulator.delivery.steps import Kind
from emulator.errors import AwsError
from emulator.store.functions import Named
from emulator.wire.service import Scope
from tests.delivery.running import Running, running

ACCOUNT = "000000000000"
CHARGE = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:charge"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/paid"
COMMAND = (
    "aws lambda add-permission --function-name charge --statement-id paid --action lambda:InvokeFunction"
    f" --principal events.amazonaws.com --source-arn {RULE}"
)
SENTENCE = (
    f"User: events.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: {CHARGE}"
    " because no resource-based policy allows the lambda:InvokeFunction action"
)


async def allow(app: Running, function: str = "charge", **members: Any) -> None:
    given = {"FunctionName": function, "StatementId": "s", "Action": "lambda:InvokeFunction", **members}
    await app.emulator.api("lambda", "AddPermission", given)


async def attempts(app: Running, event_id: str) -> list[tuple[str, str | None, str | None]]:
    await app.emulator.worker.idle()
    [delivery] = app.store.journal.ways(event_id)[0].deliveries
    return [(attempt.status, attempt.error_type, attempt.note) for attempt in delivery.attempts]


def told(app: Running) -> list[str]:
    return [step.details["remedy"] for step in app.steps if step.kind is Kind.PERMISSION_MISSING]


def test_by_default_it_goes_through_and_what_is_missing_is_said_once(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.rule("paid", {"Arn": app.function("charge")})
        note = f"AWS would refuse this ({SENTENCE}). It needs: {COMMAND}"
        assert await attempts(app, await app.put()) == [("success", None, note)]
        assert await attempts(app, await app.put()) == [("success", None, note)]
        assert told(app) == [COMMAND]
        await allow(app, Principal="events.amazonaws.com", SourceArn=RULE)
        assert await attempts(app, await app.put()) == [("success", None, None)]
        await app.emulator.api("lambda", "RemovePermission", {"FunctionName": "charge", "StatementId": "s"})
        assert await attempts(app, await app.put()) == [("success", None, note)]
        assert told(app) == [COMMAND] * 2

    running(tmp_path, scenario)


def test_the_command_that_is_said_is_the_one_that_helps(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        await app.bus("shop.eu")
        await app.rule("paid.v2", {"Arn": app.function("charge")}, bus="shop.eu")
        await app.put(bus="shop.eu")
        await app.emulator.worker.idle()
        [command] = told(app)
        words = command.split()
        assert words[:3] == ["aws", "lambda", "add-permission"]
        options = dict(zip(words[3::2], words[4::2], strict=True))
        names = {"--function-name": "FunctionName", "--statement-id": "StatementId", "--action": "Action",
                 "--principal": "Principal", "--source-arn": "SourceArn"}  # fmt: skip
        given = {names[option]: value for option, value in options.items()}
        await app.emulator.api("lambda", "AddPermission", given)
        assert await attempts(app, await app.put(bus="shop.eu")) == [("success", None, None)]

    running(tmp_path, scenario)


def test_enforced_it_is_a_dead_letter_at_once(tmp_path: Path) -> None:
    """Recorded on AWS, Sep 2026: the text, and that nothing is retried."""

    async def scenario(app: Running) -> None:
        app.emulator.permissions.mode = Mode.ENFORCE
        await app.rule("paid", {"Arn": app.function("charge"), "DeadLetterConfig": {"Arn": app.queue("dlq")}})
        [(status, code, _)] = await attempts(app, await app.put())
        assert (status, code) == ("permanent", "NO_PERMISSIONS")
        [letter] = app.messages("dlq")
        said = {name: value["StringValue"] for name, value in letter.attributes.items()}
        assert sorted(said) == ["ERROR_CODE", "ERROR_MESSAGE", "RULE_ARN", "TARGET_ARN"]
        assert said["ERROR_MESSAGE"].startswith(
            f"{SENTENCE} (Service: AWSLambdaInternal; Status Code: 403; Error Code: AccessDeniedException; Request ID: "
        )
        assert told(app) == []
        await allow(app, Principal="events.amazonaws.com", SourceArn=RULE)
        assert await attempts(app, await app.put()) == [("success", None, None)]

    running(tmp_path, scenario)


def test_off_nobody_asks(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.emulator.permissions.mode = Mode.OFF
        await app.rule("paid", {"Arn": app.function("charge")})
        assert await attempts(app, await app.put()) == [("success", None, None)]
        assert told(app) == []

    running(tmp_path, scenario)


@pytest.mark.parametrize(
    ("grant", "allowed"),
    [
        ({"Principal": "events.amazonaws.com"}, True),
        ({"Principal": "*"}, True),
        ({"Principal": "events.amazonaws.com", "SourceArn": RULE.replace("paid", "*")}, True),
        ({"Principal": "events.amazonaws.com", "SourceArn": RULE + "x"}, False),
        ({"Principal": "events.amazonaws.com", "SourceAccount": ACCOUNT}, True),
        ({"Principal": "events.amazonaws.com", "SourceAccount": "111111111111"}, False),
        ({"Principal": "s3.amazonaws.com"}, False),
        ({"Principal": ACCOUNT}, False),
        ({"Principal": "events.amazonaws.com", "Action": "lambda:GetFunction"}, False),
        ({"Principal": "events.amazonaws.com", "Action": "lambda:*"}, True),
        ({"Principal": "events.amazonaws.com", "PrincipalOrgID": "o-0123456789"}, True),
        ({"Principal": "events.amazonaws.com", "EventSourceToken": "t"}, False),
    ],
)
def test_which_statements_let_a_rule_in(tmp_path: Path, grant: dict[str, str], allowed: bool) -> None:
    async def scenario(app: Running) -> None:
        app.emulator.permissions.mode = Mode.ENFORCE
        await app.rule("paid", {"Arn": app.function("charge")})
        await allow(app, **grant)
        [(status, _, _)] = await attempts(app, await app.put())
        assert status == ("success" if allowed else "permanent")

    running(tmp_path, scenario)


def test_a_policy_is_about_the_very_arn(tmp_path: Path) -> None:
    """Recorded on AWS: an explicit $LATEST is another resource than the function, and can have no policy."""

    async def scenario(app: Running) -> None:
        app.function("charge")
        await allow(app, Principal="events.amazonaws.com")
        await app.rule("paid", {"Arn": f"{CHARGE}:$LATEST"})
        [(status, _, note)] = await attempts(app, await app.put())
        assert status == "success"
        assert note is not None
        assert note.endswith("It needs: the function's ARN without :$LATEST, which cannot be given permissions")

    running(tmp_path, scenario)


def test_what_config_yaml_makes_is_permitted_but_for_an_explicit_deny(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        (tmp_path / "functions").mkdir()
        (tmp_path / "functions" / "charge.py").write_text("def handler(event, context): return None\n")
        text = "permissions: enforce\nrules: {paid: {pattern: {source: [shop]}, targets: [charge]}}"
        app.emulator.apply(parse(text, tmp_path / "config.yaml", {}))
        assert app.emulator.permissions.mode is Mode.ENFORCE
        assert await attempts(app, await app.put()) == [("success", None, None)]
        await app.rule("also", {"Arn": CHARGE})  # of the API, to a function of the file
        await app.emulator.api("events", "DisableRule", {"Name": "paid"})
        assert await attempts(app, await app.put()) == [("success", None, None)]
        deny = {"Effect": "Deny", "Principal": "*", "Action": "lambda:*", "Resource": CHARGE}
        members = {"ResourceArn": CHARGE, "Policy": json.dumps({"Statement": deny})}
        await app.emulator.api("lambda", "PutResourcePolicy", members)
        [(status, code, _)] = await attempts(app, await app.put())
        assert (status, code) == ("permanent", "NO_PERMISSIONS")

    running(tmp_path, scenario)


def test_a_target_of_the_file_may_run_a_function_of_the_api(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.function("charge")
        text = f"permissions: enforce\nrules: {{paid: {{pattern: {{source: [shop]}}, targets: [{{arn: '{CHARGE}'}}]}}}}"
        app.emulator.apply(parse(text, tmp_path / "config.yaml", {}))
        assert await attempts(app, await app.put()) == [("success", None, None)]

    running(tmp_path, scenario)


def test_a_mode_that_was_given_at_the_start_counts(tmp_path: Path) -> None:
    async def scenario(app: Running) -> None:
        app.emulator.apply(parse("permissions: off", tmp_path / "config.yaml", {}))
        assert app.emulator.permissions.mode is Mode.OFF
        fixed = type(app.emulator.permissions)(app.store, app.emulator.clock, app.emulator.steps, Mode.ENFORCE)
        fixed.configured(Mode.OFF)
        assert fixed.mode is Mode.ENFORCE

    running(tmp_path, scenario)


def test_another_account_needs_a_permission(tmp_path: Path) -> None:
    other = Scope("111111111111", "us-east-1")
    sentence = (
        "User: arn:aws:iam::111111111111:root is not authorized to perform: lambda:InvokeFunction on resource:"
        f" {CHARGE} because no resource-based policy allows the lambda:InvokeFunction action"
    )

    async def scenario(app: Running) -> None:
        app.function("charge")
        invoke = {"FunctionName": CHARGE}
        assert (await app.emulator.api("lambda", "Invoke", invoke, other))["StatusCode"] == 200
        assert told(app) == [
            "aws lambda add-permission --function-name charge --statement-id local --action lambda:InvokeFunction"
            " --principal 111111111111"
        ]
        app.emulator.permissions.mode = Mode.ENFORCE
        for kind in ("RequestResponse", "Event", "DryRun"):
            with pytest.raises(AwsError) as caught:
                await app.emulator.api("lambda", "Invoke", {**invoke, "InvocationType": kind}, other)
            assert (caught.value.code, caught.value.message, caught.value.status) == (
                "AccessDeniedException", sentence, 403,
            )  # fmt: skip
        await allow(app, Principal="111111111111")
        assert (await app.emulator.api("lambda", "Invoke", invoke, other))["StatusCode"] == 200
        assert (await app.emulator.api("lambda", "Invoke", invoke))["StatusCode"] == 200

    running(tmp_path, scenario)


@pytest.mark.parametrize(
    ("auth", "caller", "grant", "allowed"),
    [
        ("NONE", None, {}, False),
        ("NONE", None, {"Principal": "*", "FunctionUrlAuthType": "NONE"}, True),
        ("NONE", None, {"Principal": "*", "FunctionUrlAuthType": "AWS_IAM"}, False),
        ("NONE", None, {"Principal": "*", "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True}, False),
        ("NONE", None, {"Principal": "111111111111"}, False),
        ("AWS_IAM", None, {"Principal": "*"}, False),
        ("AWS_IAM", ACCOUNT, {}, True),
        ("AWS_IAM", "111111111111", {}, False),
        ("AWS_IAM", "111111111111", {"Principal": "111111111111", "FunctionUrlAuthType": "AWS_IAM"}, True),
    ],
)
def test_who_may_call_a_url(
    tmp_path: Path, auth: str, caller: str | None, grant: dict[str, Any], allowed: bool
) -> None:
    """Recorded on AWS, Sep 2026, for URLs that are open to everybody."""

    async def scenario(app: Running) -> None:
        app.function("charge")
        if grant:
            await allow(app, **{"Action": "lambda:InvokeFunctionUrl", **grant})
        function = Named(ACCOUNT, "us-east-1", "charge")
        refusal = app.emulator.permissions.of_url(function, CHARGE, auth, caller)
        assert (refusal is None) == allowed

    running(tmp_path, scenario)
