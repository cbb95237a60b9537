"""What the user is told: where, which key, why, and what to do about it."""

from collections.abc import Callable

import pytest

from emulator.config.problems import dotted, suggestion

Found = Callable[[str], list[str]]


def test_every_problem_is_reported_at_once_in_the_order_of_the_file(problems: Found) -> None:
    text = """\
prt: 1
rules:
  charge-on-order:
    patern: {source: [shop]}
    targets: [chrge, {sns: topic}]
  late:
    pattern: {source: [shop]}
    schedule: rate(1 minutes)
functions:
  charge: {timeout: soon}
"""
    assert problems(text) == [
        '1:1: prt: unknown key. Did you mean "port"?',
        '4:5: rules.charge-on-order.patern: unknown key. Did you mean "pattern"?',
        "5:15: rules.charge-on-order.targets[0]: no function 'chrge'; did you mean 'charge'?",
        "5:23: rules.charge-on-order.targets[1].sns: topics are not emulated yet",
        "8:15: rules.late.schedule: AWS takes rate(1 minute), rate(5 minutes), cron(0 3 * * ? *);"
        " not 'rate(1 minutes)': 1 takes the singular, minute",
        "10:21: functions.charge.timeout: should be a duration such as 10s, 1m or 2h, not 'soon'",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("port: x", "1:7: port: should be a whole number, not 'x'"),
        ("port: 70000", "1:7: port: should be at most 65535, not 70000"),
        ("account: 12", r"1:10: account: should look like ^\d{12}$, not 12"),
        ("region: [a]", "1:9: region: should be text, not a list"),
        ("rules: [a]", "1:8: rules: should be a mapping, not a list"),
        ("[a]", "1:1: should be a mapping, not a list"),
        ("a: 1\nb: [", "3:1: not YAML: while parsing a flow node did not find expected node content"),
        ("xyzzy: 1", "1:1: xyzzy: unknown key. Known here: region, account, host, port, allowed_hosts, functions_dir,"
                     " max_depth, services, permissions, executor, queues, buses, rules, functions"),
        ("topics: {t: {}}", "1:1: topics: topics are not emulated yet"),
        ("buses: {b: {policy: x}}",
         "1:13: buses.b.policy: bus policies cannot be set here yet; PutPermission takes them"),
        ("functions: {charge: {dlq: a b}}", "1:27: functions.charge.dlq: a queue's name has 1 to 80 letters,"
                                           " digits and - _, as on AWS"),
        ("functions: {charge: {retries: 3}}", "1:31: functions.charge.retries: should be at most 2, not 3"),
        ("functions: {charge: {env: {A: [1]}}}", "1:31: functions.charge.env.A: should be text, not a list"),
        ("functions: {charge: {memory: 64MB}}", "1:30: functions.charge.memory: should be at least 128, not '64MB'"),
        ("functions: {charge: {timeout: 30m}}",
         "1:31: functions.charge.timeout: should be at most 15m (900 s), not '30m'"),
        ("functions: {charge: {max_event_age: 1s}}",
         "1:37: functions.charge.max_event_age: should be at least 1m (60 s), not '1s'"),
        ("functions: {charge: {timeout: 901}}", "1:31: functions.charge.timeout: should be at most 900, not 901"),
        ("functions: {charge: {Environment: {A: b}}}",
         '1:22: functions.charge.Environment: unknown key. Did you mean "env"?'),
        ("functions: {chrage: {handler: x.y}}\nrules: {r: {pattern: {source: [a]}, targets: [chrage]}}",
         "1:13: functions.chrage: no function 'chrage'; did you mean 'charge'?"),
        ("functions: {charge: , timeout: 10s, env: {A: b}}",
         "1:23: functions.timeout: is a key of a function: indentation? It goes below its name\n"
         "1:37: functions.env: is a key of a function: indentation? It goes below its name"),
        ("rules:\n  r:\n  pattern: {source: [shop]}\n  targets: [charge]\n",
         "2:3: rules.r: never runs: give it a pattern or a schedule\n"
         "3:3: rules.pattern: is a key of a rule: indentation? It goes below its name\n"
         "4:3: rules.targets: is a key of a rule: indentation? It goes below its name"),
        ("buses: {orders: 3}", "1:17: buses.orders: should be a mapping, not 3"),
    ],
)  # fmt: skip
def test_shapes_are_explained(problems: Found, text: str, problem: str) -> None:
    assert problems(text) == problem.split("\n")


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("state: ON", "state: should be 'ENABLED' or 'DISABLED', not 'ON'"),
        ("{EventPattern: {source: [a]}, pattern: {source: [a]}}",
         "EventPattern: pattern and EventPattern are two names of one thing; give one of them"),
        ("{pattern: {source: [a]}, Description: [x]}", "Description: should be text, not a list"),
        ("{pattern: {source: [a]}, description: " + "x" * 513 + "}",
         "description: should be at most 512 characters long, not 513"),
        ("{pattern: {source: [a]}, Targets: charge}", "Targets: should be a list, not 'charge'"),
        ("{pattern: {source: [a]}, targets: [3]}", "targets[0]: should be a mapping, not 3"),
        ("{pattern: {source: [a]}, targets: [{function: charge, retry: {max_age: 5s}}]}",
         "targets[0].retry.max_age: should be at least 1m (60 s), not '5s'"),
        ("{pattern: {source: [a]}, target: [charge]}", 'target: unknown key. Did you mean "targets"?'),
        ("{EventPatern: {source: [a]}}", 'EventPatern: unknown key. Did you mean "EventPattern"?'),
        ("{pattern: {source: [a]}, targets: [{function: charge, input_transformer: {}}]}",
         'targets[0].input_transformer: unknown key. Did you mean "transformer"?'),
        ("{pattern: {source: [a]}, targets: [{function: charge, input_path: detail}]}",
         "targets[0].input_path: InputPath for target charge is invalid. 'detail' must begin with $. as in $.detail."),
        ("{pattern: {source: [a]}, targets: [{function: charge, input_paths: {a: detail.id}, input_template: <a>}]}",
         "targets[0].input_template: InputPath for target charge is invalid. 'detail.id' must begin with $."
         " as in $.detail."),
        ("{pattern: {source: [a]}, targets: [{function: charge, SqsParameters: {}}]}",
         "targets[0].SqsParameters: FIFO queues are not emulated yet"),
    ],
)  # fmt: skip
def test_keys_are_named_as_the_file_spells_them(problems: Found, rule: str, problem: str) -> None:
    (found,) = problems(f"rules:\n  r:\n    {rule}\n")
    assert found.partition(": ")[2] == f"rules.r.{problem}"


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("rate(30 seconds)", "seconds is not a unit: minutes, hours or days"),
        ("rate(5 minute)", "5 needs the plural, minutes"),
        ("rate(1 hours)", "1 takes the singular, hour"),
        ("rate(0 minutes)", "the number must be 1 or more"),
        ("cron(0 3 * * *)", "a cron expression has six fields (minute hour day month weekday year), not 5"),
        ("cron(0 3 * * * *)", "one of day and weekday must be ?, and the other must not"),
        ("Rate(5 minutes)", "write rate in small letters"),
        ("0 3 * * ? *", "put it into rate( ) or cron( )"),
        ("at(2026-01-01T00:00:00)", "at() is EventBridge Scheduler's"),
        ("cron(0 25 * * ? *)", ""),
    ],
)
def test_why_a_schedule_is_refused(problems: Found, schedule: str, why: str) -> None:
    (found,) = problems(f"rules: {{r: {{schedule: '{schedule}', targets: [charge]}}}}")
    assert found.endswith(f"not '{schedule}'{why and ': '}{why}")


@pytest.mark.parametrize(
    ("word", "near"), [("inputPath", "input_path"), ("Pattern", "pattern"), ("tragets", "targets"), ("x", "")]
)
def test_suggestions(word: str, near: str) -> None:
    assert suggestion(word, ["input_path", "pattern", "targets"]) == near


def test_paths_read_like_code() -> None:
    assert dotted(("rules", "a-b", "targets", 0, "arn")) == "rules.a-b.targets[0].arn"
