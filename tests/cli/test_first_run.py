from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emulator.cli.first_run import Found, first_run, next_firing, place
from emulator.cli.style import draw
from emulator.store.functions import FunctionRow
from emulator.store.rules import Rule

NOW = datetime(2026, 9, 5, 12, tzinfo=UTC).timestamp()  # a Saturday
URL = "http://localhost:4566"


def function(name: str, code: Path, handler: str = "") -> FunctionRow:
    return FunctionRow("000000000000", "us-east-1", name, str(code), handler)


def rule(name: str, *, state: str = "ENABLED", pattern: str | None = None, schedule: str | None = None) -> Rule:
    bus = "orders" if pattern else "default"
    return Rule("000000000000", "us-east-1", bus, name, state, "000000000000", pattern, schedule, anchored=NOW)


def arn(name: str) -> str:
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def screen(found: Found) -> Sequence[str]:
    return [draw(line, colour=False) for line in first_run(found, URL, 0.31, NOW)]


def test_the_first_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "functions").mkdir()
    for name in ("charge", "report"):
        (tmp_path / "functions" / f"{name}.py").write_text("def handler(event, context): ...\n")
    pattern = '{"source": ["shop"], "detail-type": ["OrderPlaced"]}'
    found = Found(
        [function(name, tmp_path / "functions" / f"{name}.py") for name in ("charge", "report")],
        [
            (rule("charge-on-order", pattern=pattern), [arn("charge")]),
            (rule("nightly", schedule="cron(0 3 * * ? *)"), [arn("report")]),
        ],
    )
    assert (
        "\n".join(screen(found))
        == """\
ebl 0.1.0  ·  http://localhost:4566  ·  api http://localhost:4566/_ebl/docs  ·  ready in 0.3 s

  functions   charge     functions/charge.py:handler     in-process
              report     functions/report.py:handler     in-process
  rules       charge-on-order   bus orders   source=shop, detail-type=OrderPlaced   → charge
              nightly           cron(0 3 * * ? *)  next Sun 03:00 UTC               → report

  send one    ebl put shop OrderPlaced '{"id": 1}' --bus orders
  your code   export AWS_ENDPOINT_URL=http://localhost:4566     (or: eval "$(ebl env)")
Ready."""
    )


def test_an_empty_folder_says_what_to_do() -> None:
    text = "\n".join(screen(Found([], [])))
    assert "`ebl init` writes a first project" in text
    assert text.endswith("\nReady.")


def test_what_does_nothing_says_so() -> None:
    lines = screen(Found([], [(rule("off", state="DISABLED", schedule="rate(1 hour)"), [])]))
    assert "  rules       off   rate(1 hour)   → no targets   (disabled)" in lines


def test_a_file_that_python_cannot_read_is_marked(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def handler(event, context):\n    return (\n")
    assert "in-process   ✗ SyntaxError in line 2" in "\n".join(screen(Found([function("f", tmp_path / "f.py")], [])))


def test_urls_are_shown() -> None:
    lines = screen(Found([], [], urls=[("f", "http://a/"), ("f:live", "http://b/")]))
    assert "  urls        f        http://a/" in lines
    assert "              f:live   http://b/" in lines


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    lines = screen(Found([function(f"f{n}", tmp_path / "none.py") for n in range(1030)], []))
    assert "              … and 1,010 more" in lines
    assert len(lines) < 40


UPLOADED = '{"source": ["aws.s3"], "detail": {"object": {"key": [{"suffix": ".jpg"}]}}}'
UNCLEAR = '{"account": ["123456789012"]}'


@pytest.mark.parametrize(
    ("rules", "functions", "expected"),
    [
        ([rule("a", pattern='{"source": ["shop"]}')], [], """ebl put shop OrderPlaced '{"id": 1}' --bus orders"""),
        ([rule("a", pattern='{"source": [""]}'), rule("n", schedule="rate(1 hour)")], ["f"], "ebl fire n"),
        ([rule("a", pattern='{"source": [{"prefix": ""}]}')], [],
         """ebl put shop OrderPlaced '{"id": 1}' --bus orders"""),
        ([rule("a", pattern=UPLOADED)], ["f"], "ebl invoke f --sample s3-object-created"),
        ([rule("a", pattern=UNCLEAR), rule("n", schedule="rate(1 hour)")], ["f"], "ebl fire n"),
        ([rule("a", pattern=UNCLEAR)], ["f"], None),
        ([rule("a", pattern='{"source": ["shop"]}', state="DISABLED")], ["f"], None),
        ([], ["f"], "ebl invoke f"),
        ([], [], None),
    ],
)  # fmt: skip
def test_what_it_suggests_works(rules: list[Rule], functions: list[str], expected: str | None, tmp_path: Path) -> None:
    found = Found([function(name, tmp_path / "f.py") for name in functions], [(each, [arn("f")]) for each in rules])
    assert [line[14:] for line in screen(found) if "send one" in line] == ([] if expected is None else [expected])


def test_what_it_suggests_acts_here() -> None:
    pattern = '{"source": ["shop"]}'
    found = Found([], [(rule("a", pattern=pattern), [])], "AWS_REGION=eu-west-1 ", " --endpoint http://localhost:1")
    text = "\n".join(screen(found))
    assert (
        """  send one    AWS_REGION=eu-west-1 ebl put shop OrderPlaced '{"id": 1}' --bus orders --endpoint http"""
        in text
    )
    assert '(or: eval "$(AWS_REGION=eu-west-1 ebl env --endpoint http://localhost:1)")' in text


@pytest.mark.parametrize(
    ("kept", "said"), [(1, "1 delivery from before goes on"), (2, "2 deliveries from before go on")]
)
def test_what_an_earlier_run_has_left(kept: int, said: str) -> None:
    assert f"  kept        {said}" in screen(Found([], [], kept=kept))


@pytest.mark.parametrize(
    ("source", "handler", "expected"),
    [
        ("def lambda_handler(event, context): ...", "", "charge.py:lambda_handler"),
        ("async def handle(event, context): ...", "", "charge.py:handle"),
        ("handler = Router()", "", "charge.py:handler"),
        ("x = 1", "charge.run", "charge.py:run"),
        ("x = 1", "charge.py:run", "charge.py:run"),
        ("def handlers(): ...", "", "charge.py"),
    ],
)
def test_place(
    source: str, handler: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "charge.py").write_text(source)
    assert place(function("charge", tmp_path / "charge.py", handler)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(5 minutes)", "next Sat 12:05 UTC"),
        ("cron(0 3 * * ? *)", "next Sun 03:00 UTC"),
        ("cron(0 3 1 1 ? *)", "next 2027-01-01 03:00 UTC"),
        ("cron(0 3 1 1 ? 2020)", "never again"),
    ],
)
def test_next_firing(expression: str, expected: str) -> None:
    assert next_firing(expression, NOW, NOW) == expected
