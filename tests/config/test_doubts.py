"""What is right, and hardly meant."""

from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.config import Config
from emulator.config.doubts import doubts

Project = Callable[[str], Config]


def warned(config: Config) -> list[str]:
    return [str(problem).partition("/config.yaml:")[2] or str(problem) for problem in doubts(config)]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("Source", 'Source: no event has the key Source; did you mean "source"?'),
        ("DetailType", 'DetailType: no event has the key DetailType; did you mean "detail-type"?'),
        ("detail_type", 'detail_type: no event has the key detail_type; did you mean "detail-type"?'),
        ("detailType", 'detailType: no event has the key detailType; did you mean "detail-type"?'),
        ("details", 'details: no event has the key details; did you mean "detail"?'),
        ("total", "total: no event has the key total, which has version, id, detail-type, source, account, time,"
                  " region, resources, detail"),
    ],
)  # fmt: skip
def test_keys_that_no_event_has(project: Project, key: str, said: str) -> None:
    config = project(f"rules:\n  r:\n    pattern:\n      {key}: [a]\n")
    assert warned(config) == [f"4:{9 + len(key)}: rules.r.pattern.{said}"]


def test_patterns_as_json_too(project: Project) -> None:
    config = project("""rules: {r: {EventPattern: '{"Source": ["a"], "$or": [{"source": ["a"]}, {"id": ["b"]}]}'}}""")
    assert warned(config) == [
        '1:27: rules.r.EventPattern: no event has the key Source; did you mean "source"?',
    ]


def test_nothing_to_say(project: Project) -> None:
    text = "rules: {r: {pattern: {source: [a], detail-type: [b], detail: {Source: [c]}}}, s: {schedule: rate(1 day)}}"
    assert warned(project(text)) == []


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ("charge.handler", None),
        ("charge:handler", None),
        ("functions/charge.py:handler", None),
        ("other.handler", None),  # perhaps on the path of Python
        ("charge.run", "charge.py defines no run"),
        ("charge:run", "charge.py defines no run"),
    ],
)
def test_a_handler_that_is_not_there(project: Project, handler: str, expected: str | None) -> None:
    found = warned(project(f'functions: {{charge: {{handler: "{handler}"}}}}'))
    assert len(found) == (expected is not None)
    assert all(said.startswith("1:31: functions.charge.handler: ") and said.endswith(str(expected)) for said in found)


def test_names_that_may_become_a_handler(project: Project, tmp_path: Path) -> None:
    for source in ("from x import *", "try:\n    from x import y as run\nfinally: ...", "if 1:\n    run = print"):
        (tmp_path / "functions" / "ship.py").write_text(source)
        assert warned(project("functions: {ship: {handler: ship.run}}")) == []


def test_a_file_that_python_cannot_read(project: Project, tmp_path: Path) -> None:
    broken = tmp_path / "functions" / "ship.py"
    broken.write_text("def handler(event, context):\n    return (\n")
    assert warned(project("")) == [f"{broken}:2:12: function ship: SyntaxError: '(' was never closed"]


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("us-east-1:000000000000:function:chrage", "no function 'chrage'; did you mean 'charge'?"),
        ("us-east-1:000000000000:function:zebra:live", "no function 'zebra', unless it is made through the API"),
        ("us-east-1:000000000000:function:charge", ""),
        ("eu-west-1:000000000000:function:chrage", ""),
    ],
)
def test_the_arn_of_a_function_that_is_not_there(project: Project, arn: str, said: str) -> None:
    config = project(f"rules: {{r: {{schedule: rate(1 day), targets: ['arn:aws:lambda:{arn}']}}}}")
    assert warned(config) == ([f"1:46: rules.r.targets[0]: {said}"] if said else [])


def test_services_that_are_nearly_one(project: Project) -> None:
    config = project("functions: {charge: {allow_real_aws: [stss, sts, states]}}")
    assert [text.partition("real_aws: ")[2] for text in warned(config)] == [
        "no service is called stss; did you mean sts?"
    ]
