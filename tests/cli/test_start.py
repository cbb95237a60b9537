import json
import signal
import socket
from pathlib import Path

import boto3
import pytest

from emulator.cli.commands import main
from tests.cli.servers import ebl, started

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch

CHARGE = ("--bus", "orders", "--endpoint")


def test_an_event_on_the_screen(project: Path) -> None:
    with started(project) as server:
        screen = "\n".join(server.said)
        assert "functions   broken     functions/broken.py:handler     in-process" in screen
        assert "charge-on-order   bus orders   source=shop, detail-type=OrderPlaced   → charge" in screen
        assert "unloaded          bus orders   source=nowhere                         → no targets" in screen
        assert server.said[-1] == "Ready."
        put = ebl("put", "shop", "OrderPlaced", '{"id": 1}', *CHARGE, server.url, cwd=project)
        assert put.returncode == 0
        lines = [line[14:] for line in server.lines_until('{"ok": true')]
        event_id = put.stdout.strip()[-6:]
        assert lines[0] == f"→ orders  shop/OrderPlaced                 {event_id}"
        assert lines[1] == "  ✓ charge-on-order → charge               attempt 1"
        assert lines[2] == "│ charging order 1"
        assert lines[3].startswith("  ✓ charge  ")
        code, _, err = server.stop()
    assert (code, err) == (0, "stopped; nothing is left unfinished\n")


@pytest.mark.parametrize(
    ("words", "environment", "refused"),
    [
        (("--permissions", "enforce"), {"EBL_PERMISSIONS": "off"}, True),
        ((), {"EBL_PERMISSIONS": "enforce"}, True),
        ((), {}, False),
    ],
)
def test_permissions_of_the_command_line_count_more_than_those_of_the_file(
    project: Path, words: tuple[str, ...], environment: dict[str, str], refused: bool
) -> None:
    with started(project, *words, env=environment) as server:
        client = boto3.client(
            "lambda", endpoint_url=server.url, region_name="us-east-1",
            aws_access_key_id="111111111111", aws_secret_access_key="test",
        )  # fmt: skip
        arn = "arn:aws:lambda:us-east-1:000000000000:function:charge"
        try:
            answer: int | str = client.invoke(FunctionName=arn, Payload=b'{"detail": {"id": 1}}')["StatusCode"]
        except client.exceptions.ClientError as error:
            answer = error.response["Error"]["Code"]
        assert answer == ("AccessDeniedException" if refused else 200)
        server.stop()


def test_a_limit_that_is_no_number_ends_the_start(project: Path) -> None:
    ended = ebl("start", "--port", "0", cwd=project, env={"LAMBDA_RETRY_BASE_DELAY_SECONDS": "soon"})
    assert ended.returncode == 2
    assert ended.stderr == (
        "ebl: LAMBDA_RETRY_BASE_DELAY_SECONDS should be a number of seconds, such as 60, not 'soon'\n"
    )


def test_warnings_before_it_starts(project: Path) -> None:
    (project / "config.yaml").write_text("rules: {a: {pattern: {Source: [shop]}, targets: [slow]}}\n")
    with started(project, "--host", "0.0.0.0") as server:
        _, _, err = server.stop()
    first, second, _ = err.splitlines()
    assert first.startswith("config.yaml:1:31: warning: rules.a.pattern.Source: ")
    assert second.startswith("warning: listening on 0.0.0.0: whoever reaches this port can run code here.")


@pytest.mark.slow
def test_ctrl_c_lets_handlers_finish(project: Path) -> None:
    with started(project) as server:
        server.put("slow", {"seconds": 0.5})
        server.lines_until("│ waiting")
        code, out, err = server.stop()
    assert code == 0
    assert "✓ slow  5" in out  # 500 ms and a little
    assert err.startswith("waiting for a running handler to finish; Ctrl-C again stops now\n")
    assert err.endswith("stopped; nothing is left unfinished\n")


@pytest.mark.slow
def test_ctrl_c_twice_means_now(project: Path) -> None:
    with started(project, "--state", "ebl.db") as server:
        server.put("slow", {"seconds": 60})
        server.lines_until("│ waiting")
        assert server.process.stderr is not None
        server.process.send_signal(signal.SIGINT)
        assert "Ctrl-C again" in server.process.stderr.readline()
        code, _, err = server.stop(signal.SIGINT)
    assert code == 0
    assert err == "stopped; 1 delivery is left unfinished, kept in ebl.db\n"
    with started(project, "--state", "ebl.db") as again:  # at least once: it is taken up again
        assert "  kept        1 delivery from before goes on" in again.said
        again.lines_until("✓ slow → slow")


def test_changes_are_applied_as_they_are_saved(project: Path) -> None:
    with started(project, "--json") as server:
        config = project / "config.yaml"
        before = config.read_text()
        config.write_text(before.replace("charge-on-order:", "charge:"))
        applied = server.json()
        assert (applied["kind"], applied["summary"]) == ("CONFIGURATION_APPLIED", "1 rule removed, 1 rule added")
        config.write_text(before.replace("pattern:", "patern:", 1))
        refused = server.json()
        assert refused["kind"] == "CONFIGURATION_REFUSED"
        assert (refused["problems"][0]["line"], refused["problems"][0]["column"]) == (4, 5)
        (project / "functions" / "report.py").write_text("def handler(event, context): ...\n")
        config.write_text(before)
        assert "CONFIGURATION_APPLIED" in server.lines_until("1 function added")[-1]
        put = ebl("put", "shop", "OrderPlaced", '{"id": 1}', *CHARGE, server.url, cwd=project)
        assert put.stdout.startswith("matched 1 rule · delivered 1")


def test_an_empty_folder_is_enough_and_functions_may_come_later(tmp_path: Path) -> None:
    with started(tmp_path, "--json") as server:
        assert json.loads(server.said[0])["functions"] == []
        (tmp_path / "functions").mkdir()
        (tmp_path / "functions" / "hello.py").write_text("def handler(event, context): return 'hello'\n")
        server.lines_until("1 function added")
        invoked = ebl("invoke", "hello", "--endpoint", server.url, cwd=tmp_path)
        assert invoked.stdout == '"hello"\n'


BROKEN = """\
rules:
  charge-on-order:
    bus: orders
    patern: {source: [shop]}
    targets: [chrage]
"""


@pytest.mark.parametrize(
    ("args", "config", "code", "said"),
    [
        (["--executor", "docker"], "", 2, "'docker' is not one of 'in-process', 'process'"),
        (["--config", "nowhere.yaml"], "", 2, "nowhere.yaml:1:1: cannot be read: No such file or directory"),
        (["--port", "70000"], "", 2, "70000 is not in the range"),
        (
            ["--state", "config.yaml"],
            "# no database, though a file",
            2,
            "ebl: --state config.yaml: not a SQLite database, and left as it is.",
        ),
        (["--state", "no/such.db"], "", 2, "ebl: --state no/such.db: cannot be written (No such file or directory)."),
        ([], BROKEN, 2, 'config.yaml:4:5: rules.charge-on-order.patern: unknown key. Did you mean "pattern"?'),
        ([], BROKEN, 2, "config.yaml:5:15: rules.charge-on-order.targets[0]: no function 'chrage'"),
    ],
)
def test_what_cannot_start_says_why(
    args: list[str], config: str, code: int, said: str, tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(config)
    assert main(["--port", "0", *args]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_a_port_that_is_taken(tmp_path: Path, monkeypatch: Patch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("EBL_PORT", str(taken.getsockname()[1]))
        assert main([]) == 3
    assert "Choose another port with --port or EBL_PORT=4567 (0 takes a free one)." in capsys.readouterr().err
