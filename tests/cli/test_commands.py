"""Commands against one running server; and those that need none."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from emulator.cli.commands import COMMANDS, NOT_YET, main
from emulator.cli.invoke import NAMES, SAMPLES
from tests.cli.servers import Running, ebl

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
ORDER = ("put", "shop", "OrderPlaced")


def test_the_server_prints_one_object_a_line(server: Running) -> None:
    [ready] = map(json.loads, server.said)
    assert ready["kind"] == "READY"
    assert [rule["name"] for rule in ready["rules"]] == ["charge-on-order", "broken", "slow", "unloaded"]
    put = ebl(*ORDER, '{"id": "one"}', "--bus", "orders", "--json", "--endpoint", server.url, cwd=server.folder)
    steps = [json.loads(line) for line in server.lines_until("INVOCATION_ATTEMPT_SUCCESS")]
    assert [step["kind"] for step in steps] == [
        "EVENT_RECEIPT", "RULE_MATCH", "INVOCATION_ATTEMPT_START", "FUNCTION_OUTPUT", "INVOCATION_ATTEMPT_SUCCESS",
    ]  # fmt: skip
    assert steps[0]["event_id"] == json.loads(put.stdout)["event_id"]


def test_put_says_what_it_led_to(server: Running) -> None:
    put = ebl(*ORDER, '{"id": 1}', "--bus", "orders", cwd=server.folder, env={"EBL_ENDPOINT": server.url})
    said, link = put.stdout.rsplit(" · ", 1)
    assert (put.returncode, said) == (0, "matched 1 rule · delivered 1")
    assert link.startswith(f"{server.url}/_ebl/e/")
    again = ebl("explain", link.strip()[-6:], cwd=server.folder, env={"AWS_ENDPOINT_URL": server.url})
    assert again.returncode == 0
    assert again.stdout.startswith("matches  charge-on-order  2/2\n")


def test_put_takes_the_detail_from_anywhere(server: Running) -> None:
    (server.folder / "order.json").write_text('{"id": 9223372036854775807, "x": {"y": 1}}')
    env = {"AWS_ENDPOINT_URL": server.url, "EBL_BUS": "orders", "EBL_JSON": "1"}
    put = ebl(*ORDER, "@order.json", cwd=server.folder, env=env)
    assert json.loads(put.stdout)["received"][0]["event"]["detail"]["id"] == 9223372036854775807
    put = ebl(*ORDER, "-", "--set", "x.y=2", "--set", "z=text", cwd=server.folder, env=env, stdin='{"id": 1}')
    assert json.loads(put.stdout)["received"][0]["event"]["detail"] == {"id": 1, "x": {"y": 2}, "z": "text"}


def test_put_that_matches_nothing_explains_itself(server: Running) -> None:
    put = ebl("put", "shop", "orderPlaced", "--bus", "orders", "--endpoint", server.url, cwd=server.folder)
    assert put.returncode == 4
    assert put.stdout.startswith("matched no rule · ")
    assert put.stderr == (
        "  closest  charge-on-order  1/2\n"
        '    source       ✓ "shop"\n'
        '    detail-type  ✗ want one of ["OrderPlaced"], got "orderPlaced"  (only the case differs)\n'
    )


def test_put_to_a_bus_of_another_region(server: Running) -> None:
    env = {"AWS_ENDPOINT_URL": server.url, "AWS_REGION": "eu-west-1"}
    put = ebl(*ORDER, "--bus", "orders", cwd=server.folder, env=env)
    assert put.returncode == 4
    assert put.stdout.startswith("no event bus orders · ")
    assert put.stderr.splitlines() == [
        "  there is one in us-east-1, account 000000000000: AWS_REGION=us-east-1 reaches it",
        "  in eu-west-1 there is default",
        "  make it: name it in config.yaml, or aws events create-event-bus --name orders",
    ]


def test_put_to_a_bus_that_is_misspelt(server: Running) -> None:
    put = ebl(*ORDER, "--bus", "Order", "--endpoint", server.url, cwd=server.folder)
    assert put.returncode == 4
    assert put.stderr.splitlines()[0] == "  did you mean orders?"


def test_put_to_the_bus_whose_rules_want_something_else(server: Running) -> None:
    put = ebl(*ORDER, "--endpoint", server.url, cwd=server.folder)
    assert put.returncode == 4
    assert "  bus orders has a rule that matches: --bus orders\n" in put.stderr


def test_no_rule_comes_close(server: Running) -> None:
    put = ebl("put", "other", "x", "--bus", "orders", "--endpoint", server.url, cwd=server.folder)
    assert (put.returncode, put.stderr) == (4, "  no rule comes close\n")


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("aws.s3", "Object Created"), "ebl invoke FN --sample s3-object-created"),
        (("shop", "OrderPlaced", "[1]"), """  DETAIL must be a JSON object: '{"id": 1}'"""),
    ],
)
def test_put_that_aws_refuses(args: tuple[str, ...], hint: str, server: Running, capsys: Capture) -> None:
    assert main(["put", *args, "--endpoint", server.url]) == 1
    assert hint in capsys.readouterr().err.splitlines()[1]


def test_put_that_fails(server: Running) -> None:
    args = ("put", "broken", "x", "--bus", "orders", "--endpoint", server.url)
    put = ebl(*args, cwd=server.folder)
    assert (put.returncode, put.stdout.split(" · ")[1]) == (0, "retrying 1")
    assert put.stderr == "  ✗ broken → broken  KeyError: 'amount'\n"
    assert ebl(*args, "--wait", cwd=server.folder).returncode == 1


def test_put_that_leads_nowhere(server: Running) -> None:
    put = ebl("put", "nowhere", "x", "--bus", "orders", "--endpoint", server.url, cwd=server.folder)
    assert (put.returncode, put.stdout.split(" · ")[0]) == (0, "matched a rule without targets")


def test_invoke_separates_result_and_talk(server: Running) -> None:
    run = ebl("invoke", "charge", '{"detail": {"id": 7}}', "--endpoint", server.url, cwd=server.folder)
    assert (run.returncode, json.loads(run.stdout)) == (0, {"ok": True, "table": "orders"})
    assert "charging order 7\n" in run.stderr


def test_invoke_that_fails_shows_the_users_frames(server: Running) -> None:
    run = ebl("invoke", "broken", '{"detail": {}}', "--endpoint", server.url, cwd=server.folder)
    assert (run.returncode, run.stdout) == (1, "")
    talk = run.stderr[run.stderr.index("\nKeyError: 'amount'\n") :]
    assert "functions/broken.py" in talk
    assert "in pay" in talk
    assert "emulator/" not in talk


def test_invoke_later(server: Running) -> None:
    run = ebl("invoke", "charge", '{"detail": {"id": 8}}', "--async", "--endpoint", server.url, cwd=server.folder)
    assert (run.returncode, run.stdout[:6]) == (0, "queued")


def test_invoke_what_is_not_there(server: Running) -> None:
    run = ebl("invoke", "chrage", "--endpoint", server.url, cwd=server.folder)
    assert run.returncode == 1
    assert run.stderr == (
        "ebl: ResourceNotFoundException: Function not found: "
        "arn:aws:lambda:us-east-1:000000000000:function:chrage:$LATEST\n"
        "  did you mean charge?\n"
    )
    run = ebl("invoke", "xyz", "--endpoint", server.url, cwd=server.folder)
    assert run.stderr.splitlines()[1:] == ["  in us-east-1 there is broken, charge, slow"]
    env = {"AWS_REGION": "eu-west-1", "EBL_ENDPOINT": server.url}
    run = ebl("invoke", "charge", cwd=server.folder, env=env)
    assert run.stderr.splitlines()[1:] == [
        "  there is one in us-east-1, account 000000000000: AWS_REGION=us-east-1 reaches it",
        "  in eu-west-1 there are none",
    ]


def test_invoke_says_that_the_log_is_cut(server: Running) -> None:
    long = json.dumps({"detail": {"id": "x" * 5000}})
    run = ebl("invoke", "charge", long, "--endpoint", server.url, cwd=server.folder)
    assert run.stderr.startswith("… the log is longer; this is its end (4 KB, as on AWS)")
    run = ebl("invoke", "charge", '{"detail": {"id": 1}}', "--endpoint", server.url, cwd=server.folder)
    assert "longer" not in run.stderr


def test_the_help_names_every_sample() -> None:
    assert sorted(path.stem for path in SAMPLES.glob("*.json")) == list(NAMES)


def test_health(server: Running, tmp_path: Path) -> None:
    ready = ebl("health", cwd=tmp_path, env={"EBL_ENDPOINT": server.url})
    assert (ready.returncode, ready.stdout, ready.stderr) == (0, "", "")
    nobody = ebl("health", cwd=tmp_path, env={"EBL_ENDPOINT": "http://127.0.0.1:1"})
    assert (nobody.returncode, nobody.stdout, nobody.stderr) == (1, "", "")
    nowhere = ebl("health", cwd=tmp_path, env={"EBL_ENDPOINT": "http://127.0.0.1:99999"})
    assert (nowhere.returncode, nowhere.stdout, nowhere.stderr) == (1, "", "")


def test_health_with_options(server: Running, capsys: Capture) -> None:
    assert main(["health", "--json", "--endpoint", server.url]) == 0
    assert json.loads(capsys.readouterr().out) == {"ready": True, "endpoint": server.url}


def test_commands_find_what_runs_in_their_folder(server: Running, tmp_path: Path) -> None:
    """By config.yaml alone; `ebl env` says the same."""
    port = server.url.rpartition(":")[2]
    (tmp_path / "config.yaml").write_text(f"port: {port}\nregion: eu-west-1\naccount: '123456789012'\n")
    assert ebl("health", cwd=tmp_path).returncode == 0
    put = ebl("put", "shop", "x", "--json", cwd=tmp_path)
    [way] = json.loads(put.stdout)["received"]
    assert (way["region"], way["account"]) == ("eu-west-1", "123456789012")
    said = ebl("env", cwd=tmp_path).stdout
    assert f"AWS_ENDPOINT_URL={server.url}\n" in said
    assert "AWS_REGION=eu-west-1\n" in said
    assert "AWS_ACCESS_KEY_ID=123456789012\n" in said
    found = ebl("explain", way["event_id"][:6], "--config", str(tmp_path / "config.yaml"), cwd=tmp_path.parent)
    assert "there are no rules to explain" in found.stderr
    (tmp_path / "other.yaml").write_text("port: 4601\n")
    assert "AWS_ENDPOINT_URL=http://localhost:4601\n" in ebl("env", "--config", "other.yaml", cwd=tmp_path).stdout


class _Other(BaseHTTPRequestHandler):
    """A web server that is no emulator."""

    def do_GET(self) -> None:
        kind, body = ("text/plain", b"hello") if self.path == "/_ebl/clock" else ("text/html; charset=utf-8", b"<p>")
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize(
    ("args", "kind"),
    [(["put", "a", "b"], "text/html"), (["invoke", "f"], "text/html"), (["clock"], "text/plain")],
)
def test_somebody_else_there(args: list[str], kind: str, capsys: Capture) -> None:
    with HTTPServer(("127.0.0.1", 0), _Other) as other:
        threading.Thread(target=other.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{other.server_port}"
        assert main([*args, "--endpoint", url]) == 3
        other.shutdown()
    assert capsys.readouterr().err == f"ebl: {url} is not EventBridge Local: it answered {kind}, not JSON.\n"


@pytest.mark.parametrize("name", NOT_YET)
def test_what_is_not_there_yet_says_so(name: str, capsys: Capture) -> None:
    assert main([name, "--whatever"]) == 2
    assert capsys.readouterr().err.startswith(f"ebl: `ebl {name}` is not in this version yet")


@pytest.mark.parametrize("args", [["put", "a", "b"], ["invoke", "f"], ["explain", "8f31c2"]])
def test_nobody_there(args: list[str], capsys: Capture) -> None:
    assert main([*args, "--endpoint", "http://127.0.0.1:1"]) == 3
    assert capsys.readouterr().err == (
        "ebl: no server answers at http://127.0.0.1:1 (Connection refused)."
        " Start it with `ebl`, or name another with --endpoint.\n"
    )


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["put", "a"], "Missing argument 'TYPE'"),
        (["put", "a", "b", "{x"], "DETAIL is not JSON"),
        (["put", "a", "b", "@nowhere.json"], "DETAIL: cannot read nowhere.json"),
        (["put", "a", "b", "--set", "x"], "should be PATH=VALUE"),
        (["put", "a", "b", '{"x": 1}', "--set", "x.y=1"], "there is no such place in the detail"),
        (["put", "a", "b", "--endpoint", "localhost"], "is not a URL such as http://localhost:4566."),
        (["invoke", "f", "{}", "--sample", "s3"], "give either a payload or --sample"),
        (["invoke", "f", "--sample", "no-such-sample"], "no sample events 'no-such-sample'; there are: "),
        (["invoke", "f", "--sample", "s3"], "several sample events 's3'; there are: s3-object-created, s3-records."),
        (["explain", "{}", "--pattern", "{}"], "pattern: Event pattern is not valid. Reason:"),
        (["explain", "[]", "--pattern", '{"source": ["a"]}'], "EVENT is not an event"),
        (["explain", "{}", "--pattern", "{}", "--rule", "r"], "give either --rule or --pattern"),
        (["env", "chrage"], "no function 'chrage'; known: "),
        (["no-such-command"], "No such command"),
    ],
)
def test_wrong_usage(args: list[str], said: str, tmp_path: Path, capsys: Capture, monkeypatch: Patch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(args) == 2
    assert said in capsys.readouterr().err


def test_help_lists_every_command(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"\n  {name} " in said for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_shows_examples(name: str, capsys: Capture) -> None:
    assert main([name, "--help"]) == 0
    example = "\n    ebl" if name == "start" else f"\n    ebl {name}"
    assert example in capsys.readouterr().out.replace('eval "$(', "")


def test_explain_without_a_server(project: Path, monkeypatch: Patch, capsys: Capture) -> None:
    monkeypatch.chdir(project)
    event = json.dumps({"source": "shop", "detail-type": "orderPlaced"})
    assert main(["explain", event, "--rule", "charge-on-order"]) == 4
    assert capsys.readouterr().out.splitlines() == [
        "closest  charge-on-order  1/2",
        '  source       ✓ "shop"',
        '  detail-type  ✗ want one of ["OrderPlaced"], got "orderPlaced"  (only the case differs)',
    ]
    assert main(["explain", event, "--json"]) == 4
    assert len(json.loads(capsys.readouterr().out)["rules"]) == 4
    assert main(["explain", event, "--pattern", '{"detail-type": [{"prefix": "order"}]}']) == 0
    assert main(["explain", event, "--rule", "nightly"]) == 2


def test_validate(project: Path, monkeypatch: Patch, capsys: Capture) -> None:
    monkeypatch.chdir(project)
    assert main(["validate"]) == 0
    assert capsys.readouterr().out == "config.yaml: ok (1 bus, 4 rules, 3 functions)\n"
    (project / "config.yaml").write_text("rules: {a: {patern: {}}}\nfunctions: {chrage: {}}\n")
    assert main(["validate", "config.yaml"]) == 2
    assert [line.split(": ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "config.yaml:1:13",
        "config.yaml:2:13",
    ]  # fmt: skip
    assert main(["validate", "--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["problems"][0]["key"]) == (False, "rules.a.patern")


def test_validate_warns_of_what_is_hardly_meant(project: Path, monkeypatch: Patch, capsys: Capture) -> None:
    monkeypatch.chdir(project)
    (project / "config.yaml").write_text("rules: {a: {pattern: {Source: [shop]}, targets: [slow]}}\n")
    (project / "functions" / "slow.py").write_text("def handler(:")
    assert main(["validate"]) == 0
    said = capsys.readouterr()
    assert said.out == "config.yaml: ok (0 buses, 1 rule, 3 functions)\n"
    assert said.err.splitlines() == [
        'config.yaml:1:31: warning: rules.a.pattern.Source: no event has the key Source; did you mean "source"?',
        "functions/slow.py:1:13: warning: function slow: SyntaxError: invalid syntax",
    ]
    assert main(["validate", "--json"]) == 0
    assert [each["line"] for each in json.loads(capsys.readouterr().out)["warnings"]] == [1, 1]


def test_env(project: Path, monkeypatch: Patch, capsys: Capture) -> None:
    monkeypatch.chdir(project)
    assert main(["env", "--endpoint", "http://localhost:4599/"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "export AWS_ENDPOINT_URL=http://localhost:4599"
    assert main(["env", "charge", "--json"]) == 0
    variables = json.loads(capsys.readouterr().out)
    assert variables["TABLE"] == {"value": "orders", "from": "config.yaml:10"}
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == {"value": "charge", "from": "Lambda"}
    assert variables["AWS_ACCESS_KEY_ID"]["value"] == "000000000000"
