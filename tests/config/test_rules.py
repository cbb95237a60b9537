"""Rules, buses and targets: from what people write to what AWS takes, and what AWS would not take."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from emulator.config import Bus, Config, Target
from emulator.config.not_yet import NOT_YET_ARNS

Project = Callable[[str], Config]
Found = Callable[[str], list[str]]
PATTERN = "pattern: {source: [shop]}"


@pytest.fixture(autouse=True)
def _buses_are_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held here is the shape of such a target, whether or not the emulator delivers to it already."""
    monkeypatch.delitem(NOT_YET_ARNS, "events:event-bus", raising=False)


def target(project: Project, text: str) -> Target:
    (rule,) = project(f"rules: {{r: {{{PATTERN}, targets: [{text}]}}}}").rules
    (only,) = rule.targets
    return only


def test_the_example_of_a_newcomer(project: Project) -> None:
    config = project(
        "rules:\n"
        "  charge-on-order:\n"
        "    bus: orders\n"
        "    pattern: {source: [shop], detail-type: [OrderPlaced]}\n"
        "    targets: [charge]\n"
        "  nightly: {schedule: cron(0 3 * * ? *), targets: [report], enabled: false}\n"
    )
    charge, nightly = config.rules
    assert config.buses == (Bus(name="orders"),)
    assert charge.described() == {
        "Name": "charge-on-order",
        "EventBusName": "orders",
        "EventPattern": '{"source":["shop"],"detail-type":["OrderPlaced"]}',
        "State": "ENABLED",
    }
    assert [t.described("111122223333", "eu-west-1") for t in charge.targets] == [
        {"Id": "charge", "Arn": "arn:aws:lambda:eu-west-1:111122223333:function:charge"}
    ]
    assert (nightly.bus, nightly.schedule, nightly.state) == ("default", "cron(0 3 * * ? *)", "DISABLED")


def test_the_shape_of_aws(project: Project) -> None:
    pattern = '{"source": ["shop"], "detail": {"price": [{"numeric": [">", 1.10]}]}}'
    given = {
        "Name": "charge",
        "EventBusName": "arn:aws:events:us-east-1:000000000000:event-bus/orders",
        "EventPattern": pattern,
        "State": "DISABLED",
        "Description": "d",
        "RoleArn": "arn:aws:iam::000000000000:role/r",
        "Targets": [
            {
                "Id": "1",
                "Arn": "arn:aws:lambda:us-east-1:000000000000:function:elsewhere",
                "InputTransformer": {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '{"id": <id>}'},
                "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60},
            }
        ],
    }
    (rule,) = project(json.dumps({"rules": {"any": given}})).rules
    wanted = {name: value for name, value in given.items() if name != "Targets"}
    assert rule.described() == {**wanted, "EventBusName": "orders"}
    assert [t.described("000000000000", "us-east-1") for t in rule.targets] == given["Targets"]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{a: [1.10, 1.0e+2, 12345678901234567890123]}", '{"a":[1.10,1.0E+2,12345678901234567890123]}'),
        ("{a: [true, null, ~, 2026-01-02, 'no']}", '{"a":[true,null,null,"2026-01-02","no"]}'),
        ("{a: [{prefix: ä}]}", '{"a":[{"prefix":"ä"}]}'),
        ("'{\"a\": [ 1 ]}'", '{"a": [ 1 ]}'),
        ("{a: ['${STAGE}']}", '{"a":["dev"]}'),
    ],
)
def test_patterns_keep_what_is_written(project: Project, pattern: str, text: str) -> None:
    (rule,) = project(f"rules: {{r: {{pattern: {pattern}}}}}").rules
    assert rule.pattern == text


@pytest.mark.parametrize(
    ("text", "label", "members"),
    [
        ("charge", "charge", {}),
        ("{function: charge, input: {a: [1.10, x]}}", "charge", {"Input": '{"a":[1.10,"x"]}'}),
        ("{function: charge, input: '{\"a\": 1}'}", "charge", {"Input": '{"a": 1}'}),
        ("{function: charge, input: 5}", "charge", {"Input": "5"}),
        ("{function: charge, input_path: $.detail}", "charge", {"InputPath": "$.detail"}),
        ("{function: charge, input_template: '\"hi\"'}", "charge", {"InputTransformer": {"InputTemplate": '"hi"'}}),
        ("{function: charge, input_paths: {i: $.id}, input_template: {a: <i>, b: x <i>, c: [<i>]}}", "charge",
         {"InputTransformer": {"InputPathsMap": {"i": "$.id"}, "InputTemplate": '{"a":<i>,"b":"x <i>","c":[<i>]}'}}),
        ("{function: charge, transformer: {paths: {i: $.id}, template: '<i>'}}", "charge",
         {"InputTransformer": {"InputPathsMap": {"i": "$.id"}, "InputTemplate": "<i>"}}),
        ("{function: charge, retry: {attempts: 2, max_age: 2m}}", "charge",
         {"RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 120}}),
        ("{bus: other, role_arn: 'arn:aws:iam::000000000000:role/r'}", "other",
         {"RoleArn": "arn:aws:iam::000000000000:role/r"}),
    ],
)  # fmt: skip
def test_targets(project: Project, text: str, label: str, members: dict[str, Any]) -> None:
    found = target(project, text)
    assert (found.label, found.id, found.members) == (label, label, members)


def test_a_bus_as_target_is_made_and_gets_the_role_that_aws_wants(project: Project) -> None:
    config = project(f"rules: {{r: {{{PATTERN}, targets: [{{bus: other}}]}}}}")
    assert config.buses == (Bus(name="other"),)
    assert config.rules[0].targets[0].described("1", "r") == {
        "Id": "other", "Arn": "arn:aws:events:r:1:event-bus/other", "RoleArn": "arn:aws:iam::1:role/events",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("targets", "ids"),
    [
        ("[charge, charge, {function: charge}]", ["charge", "charge-2", "charge-3"]),
        ("[charge, {id: charge, function: ship}]", ["charge-2", "charge"]),
        ("['arn:aws:lambda:us-east-1:1:function:f:live']", ["live"]),
        ("[ship, {id: x, function: ship}]", ["ship", "x"]),
    ],
)
def test_targets_have_ids(project: Project, targets: str, ids: list[str]) -> None:
    (rule,) = project(f"rules: {{r: {{{PATTERN}, targets: {targets}}}}}").rules
    assert [target.id for target in rule.targets] == ids


def test_buses_come_from_the_file_and_from_rules(project: Project) -> None:
    config = project(
        f"buses: {{a: {{description: A}}, default: }}\nrules: {{r: {{bus: b, {PATTERN}}}, s: {{bus: a, {PATTERN}}}}}"
    )
    assert config.buses == (Bus(name="a", description="A"), Bus(name="b"))


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{}", "rules.r: never runs: give it a pattern or a schedule"),
        ("{pattern: }", "rules.r: never runs: give it a pattern or a schedule"),
        ("{pattern: [a]}", "rules.r.pattern: should be a mapping, or JSON in quotes"),
        ("{pattern: {source: shop}}",
         "rules.r.pattern: Event pattern is not valid. Reason: \"source\" must be an object or an array"),
        ("{EventPattern: '{'}", "rules.r.EventPattern: Event pattern is not valid. Reason: "),
        ("{pattern: {a: [no]}}",
         'rules.r.pattern.a[0]: YAML reads no as false: write "no" in quotes for the text, or what you mean'),
        ("{pattern: {a: [012]}}", "rules.r.pattern.a[0]: YAML reads 012 as the number 10: "),
        ("{pattern: {a: [1e3]}}", "rules.r.pattern.a[0]: YAML reads 1e3 as text, where JSON would read a number: "),
        ("{pattern: {a: ['" + "x" * 4096 + "']}}",
         "rules.r.pattern: should be at most 4096 characters of JSON, as on AWS, not 4106"),
        ("{schedule: rate(0 minutes)}", "rules.r.schedule: AWS takes rate(1 minute), "),
        ("{schedule: rate(1 day), bus: b}",
         "rules.r.schedule: ScheduleExpression is supported only on the default event bus."),
        ("{pattern: {a: [1]}, bus: a b}",
         "rules.r.bus: a bus's name has 1 to 256 letters, digits and . - _, as on AWS"),
        ("{pattern: {a: [1]}, bus: 'arn:aws:events:us-east-1:123456789012:event-bus/b'}",
         "rules.r.bus: is a bus of the account 123456789012; what the file makes is in 000000000000"),
        ("{pattern: {a: [1]}, name: a b}",
         "rules.r.name: a rule's name has 1 to 64 letters, digits and . - _, as on AWS"),
        ("{pattern: {a: [1]}, state: ENABLED, enabled: true}",
         "rules.r.state: says the same as enabled; give one of the two"),
        ("{pattern: {a: [1]}, targets: [charge, charge, charge, charge, charge, ship]}",
         "rules.r.targets[5]: a rule takes at most 5 targets, as on AWS; write a second rule"),
        ("{pattern: {a: [1]}, targets: [{}]}",
         "rules.r.targets[0]: leads nowhere: give one of function, bus, sqs, arn"),
        ("{pattern: {a: [1]}, targets: [{function: charge, bus: b}]}",
         "rules.r.targets[0]: function and bus lead to different places; give one of them"),
        ("{pattern: {a: [1]}, targets: ['arn:aws:lambda:us-east-1:000000000000:function/echo']}",
         "rules.r.targets[0]: not a function's ARN (arn:aws:lambda:REGION:ACCOUNT:function:NAME)"),
        ("{pattern: {a: [1]}, targets: ['arn:aws:lambda:us-east-1:000000000000:function:']}",
         "rules.r.targets[0]: not a function's ARN (arn:aws:lambda:REGION:ACCOUNT:function:NAME)"),
        ("{pattern: {a: [1]}, targets: [nothing]}",
         "rules.r.targets[0]: no function 'nothing' in functions/; there is charge, report, ship"),
        ("{pattern: {a: [1]}, targets: [{arn: x}]}",
         "rules.r.targets[0].arn: not an ARN (arn:aws:SERVICE:REGION:ACCOUNT:…)"),
        ("{pattern: {a: [1]}, targets: ['arn:aws:sns:us-east-1:1:q']}",
         "rules.r.targets[0]: topics are not emulated yet"),
        ("{pattern: {a: [1]}, Targets: [{Id: q, Arn: 'arn:aws:sns:us-east-1:1:q'}]}",
         "rules.r.Targets[0].Arn: topics are not emulated yet"),
        ("{pattern: {a: [1]}, targets: ['arn:aws:events:us-east-1:1:api-destination/x/y']}",
         "rules.r.targets[0]: API destinations are not emulated yet"),
        ("{pattern: {a: [1]}, targets: ['arn:aws:lightsail:us-east-1:1:x']}",
         "rules.r.targets[0]: targets of the service 'lightsail' are not emulated"),
        ("{pattern: {a: [1]}, targets: [{id: x, function: charge}, {id: x, function: ship}]}",
         "rules.r.targets[1].id: the id 'x' is taken by targets[0]"),
        ("{pattern: {a: [1]}, targets: [{id: x y, function: charge}]}",
         "rules.r.targets[0].id: AWS takes letters, digits and . - _ in an id, not 'x y'"),
        ("{pattern: {a: [1]}, targets: [{function: charge, input: hello}]}",
         "rules.r.targets[0].input: JSON syntax error in input for target charge: "),
        ("{pattern: {a: [1]}, targets: [{function: charge, input: {a: off}}]}",
         "rules.r.targets[0].input.a: YAML reads off as false"),
        ("{pattern: {a: [1]}, targets: [{function: charge, input_path: detail}]}", "rules.r.targets[0].input_path: "),
        ("{pattern: {a: [1]}, targets: [{function: charge, input: 1, input_path: $.id}]}",
         "rules.r.targets[0]: Only one of Input, InputPath, or InputTransformer must be provided for target charge."),
        ("{pattern: {a: [1]}, targets: [{function: charge, input_paths: {a: $.id}}]}",
         "rules.r.targets[0].input_template: is missing: paths alone say nothing"),
        ("{pattern: {a: [1]}, targets: [{function: charge, transformer: {paths: {a: $.id}}}]}",
         "rules.r.targets[0].transformer.template: is missing: paths alone say nothing"),
        ("{pattern: {a: [1]}, targets: [{function: charge, input_template: '\"<b>\"'}]}",
         "rules.r.targets[0].input_template: InputTemplate for target charge contains invalid placeholder b."),
        ("{pattern: {a: [1]}, Targets: [{function: charge, InputTransformer: {InputTemplate: '\"<b>\"'}}]}",
         "rules.r.Targets[0].InputTransformer.InputTemplate: InputTemplate for target charge contains"),
        ("{pattern: {a: [1]}, bus: b, targets: [{bus: b}]}",
         "rules.r.targets[0].bus: is the bus of the rule itself, which AWS refuses"),
        ("{pattern: {a: [1]}, targets: [{bus: b, input: 1}]}",
         "rules.r.targets[0]: what goes to a bus is the event itself"),
        ("{pattern: {a: [1]}, targets: [{bus: b, retry: {attempts: 1}}]}",
         "rules.r.targets[0].retry: AWS takes no retry for a target that is a bus"),
    ],
)  # fmt: skip
def test_what_aws_would_not_take(problems: Found, rule: str, problem: str) -> None:
    (found,) = problems(f"rules: {{r: {rule}}}")
    assert found.partition(": ")[2].startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules: {a b: {schedule: rate(1 day)}}",
         "1:9: rules.a b: a rule's name has 1 to 64 letters, digits and . - _, as on AWS"),
        ("rules: {a: {name: c, schedule: rate(1 day)}, c: {schedule: rate(1 day)}}",
         "1:46: rules.c: is the rule 'c' that rules.a is already"),
        ("buses: {a/b: }", "1:9: buses.a/b: a bus's name has 1 to 256 letters, digits and . - _, as on AWS"),
        ("buses: {default: {description: d}}",
         "1:32: buses.default.description: the default bus is always there and takes no description here"),
    ],
)  # fmt: skip
def test_names(problems: Found, text: str, problem: str) -> None:
    assert problems(text) == [problem]
