"""Functions: those that lie in the folder, and what the file adds to them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.config import Config, Function

Project = Callable[[str], Config]
Found = Callable[[str], list[str]]


def by_name(config: Config) -> dict[str, Function]:
    return {function.name: function for function in config.functions}


def test_every_file_and_folder_is_a_function(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "functions"
    (folder / "_shared.py").write_text("def handler(event, context): ...")
    (folder / "notes.txt").write_text("")
    assert {name: f.code for name, f in by_name(project("")).items()} == {
        "charge": folder / "charge.py", "ship": folder / "ship.py", "report": folder / "report",
    }  # fmt: skip


def test_a_project_without_functions_is_a_project(tmp_path: Path, project: Project) -> None:
    assert project("functions_dir: elsewhere").functions == ()


def test_what_the_file_says_of_a_function(project: Project, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("def run(event, context): ...")
    config = project(
        "functions:\n"
        "  charge: {env: {A: on, B: 012, C: 1.10, D: true, E: , F: 8080, G: x}, timeout: 1m, memory: 1GB, retries: 0,\n"
        "           max_event_age: 1h, allow_real_aws: [sts], runtime: python3.12, role: r, description: d}\n"
        "  other: {path: other.py, handler: other.run, timeout: 1.5}\n"
    )
    functions = by_name(config)
    assert functions["charge"] == Function(
        name="charge", code=tmp_path / "functions" / "charge.py", timeout=60, memory=1024, retries=0,
        max_event_age=3600,
        environment={"A": "on", "B": "012", "C": "1.10", "D": "true", "E": "", "F": "8080", "G": "x"},
        allow_real_aws=frozenset({"sts"}), runtime="python3.12", role="r", description="d",
    )  # fmt: skip
    other = functions["other"]
    assert (other.code, other.handler, other.timeout) == (tmp_path / "other.py", "other.run", 1.5)


def test_a_handler_of_any_name_is_taken_when_it_is_named(project: Project, tmp_path: Path) -> None:
    (tmp_path / "functions" / "odd.py").write_text("def run(event, context): ...")
    assert "odd" not in by_name(project(""))
    assert by_name(project("functions: {odd: {handler: odd.run}}"))["odd"].handler == "odd.run"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("functions: {chrge: }", "1:13: functions.chrge: no function 'chrge'; did you mean 'charge'?"),
        ("functions: {zebra: }",
         "1:13: functions.zebra: no function 'zebra' in functions/; there is charge, report, ship"),
        ("functions: {odd: }",
         "1:13: functions.odd: no function 'odd': functions/odd.py defines no handler, lambda_handler or handle"),
        ("rules: {r: {schedule: rate(1 day), targets: [odd]}}",
         "1:46: rules.r.targets[0]: no function 'odd': functions/odd.py defines no handler, lambda_handler or handle"),
        ("functions: {a b: }", "1:13: functions.a b: a function's name has 1 to 64 letters, digits and - _"),
        ("functions: {ship: {runtime: java21}}",
         "1:29: functions.ship.runtime: the runtime java21 is not emulated: functions run as Python, as Node.js, or by "
         "a `bootstrap` of their own (provided.al2023)"),
        ("functions: {ship: {runtime: provided.al2, executor: in-process}}",
         "1:53: functions.ship.executor: provided.al2 cannot run in-process; leave the key out"),
        ("functions: {ship: {allow_real_aws: ['S T S']}}",
         "1:37: functions.ship.allow_real_aws[0]: should be the name of a service, such as sts"),
        ("functions: {x: {path: gone.py}}", "1:23: functions.x.path: gone.py does not exist"),
        ("functions: {x: {path: functions/odd.txt}}",
         "1:23: functions.x.path: functions/odd.txt should be a .py file, a .js file, or a folder with "
         "Python, Node.js or a program `bootstrap` in it"),
    ],
)  # fmt: skip
def test_functions_that_do_not_exist(problems: Found, tmp_path: Path, text: str, problem: str) -> None:
    for name in ("odd.py", "odd.txt"):
        (tmp_path / "functions" / name).write_text("def run(event, context): ...")
    assert problems(text) == [problem]


def test_a_file_and_a_folder_of_one_name(problems: Found, tmp_path: Path) -> None:
    (tmp_path / "functions" / "report.py").write_text("def handler(event, context): ...")
    assert problems("") == [
        "1:1: functions.report: report.py and report/ in functions are both the function 'report'; rename one"
    ]
