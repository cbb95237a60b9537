"""What a running server does when its configuration changes, vanishes or cannot be read."""

import json
import os
import shutil
from pathlib import Path

import pytest

from emulator.cli.client import Server
from tests.cli.servers import Running, ebl, started

MOVES = "import os\n\n\ndef handler(event, context):\n    os.chdir('/')\n"


def rules(server: Running) -> list[str]:
    found = Server(server.url, {}).events("ListRules", {"EventBusName": "orders"})["Rules"]
    return [rule["Name"] for rule in found]


def told(server: Running) -> list[str]:
    """The problems of the next refusal; what was applied."""
    while True:
        step = server.json()
        if step["kind"].startswith("CONFIGURATION_"):
            return [problem["text"] for problem in step.get("problems", [])]


def test_a_handler_that_changes_the_working_directory_takes_nothing_away(project: Path) -> None:
    (project / "functions" / "slow.py").write_text(MOVES)
    before = (project / "config.yaml").read_text()
    with started(project, "--json") as server:
        server.put("slow", {})
        while server.json()["kind"] != "INVOCATION_ATTEMPT_SUCCESS":
            pass
        (project / "config.yaml").write_text(before.replace("unloaded:", "renamed:"))
        assert told(server) == []
        assert rules(server) == ["broken", "charge-on-order", "renamed", "slow"]


def test_a_file_that_vanishes_or_is_emptied_takes_nothing_away(project: Path) -> None:
    file, text = project / "config.yaml", (project / "config.yaml").read_text()
    with started(project, "--json") as server:
        before = rules(server)
        file.unlink()
        assert told(server) == ["is gone; what it made stays, and it is applied again when it is back"]
        file.write_text(text)
        assert told(server) == []
        file.write_text("# nothing\n")
        assert told(server) == ["is empty now; what it made stays. To take all of that away, write `rules: {}`"]
        assert rules(server) == before
        file.write_text("rules: {}\n")
        assert told(server) == []
        assert Server(server.url, {}).events("ListRules", {})["Rules"] == []


def test_what_cannot_be_read_is_told_and_the_next_change_is_seen(project: Path) -> None:
    broken = project / "functions" / "brk.py"
    with started(project, "--json") as server:
        broken.symlink_to("/nonexistent")
        assert told(server) == ["is a link to nowhere"]
        broken.unlink()
        assert told(server) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = " + "a." * 20_000 + "a", "Python cannot read it: an expression in it is nested too deeply"),
        ("x = " + "-" * 200_000 + "1", "Python cannot read it: an expression in it is nested too deeply"),
        ("fifo", "is no file that could be read: a pipe, socket or device"),
        ("loop", "cannot be read: Too many levels of symbolic links"),
    ],
    ids=["attributes", "minus", "fifo", "loop"],
)
def test_validate_says_what_is_no_function(source: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "functions" / "folder.py").mkdir(parents=True)
    odd = tmp_path / "functions" / "odd.py"
    if source == "fifo":
        os.mkfifo(odd)
    elif source == "loop":
        odd.symlink_to(odd)
    else:
        odd.write_text(source)
    ended = ebl("validate", cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, f"functions/odd.py:1:1: {said}\n", "")


def test_validate_takes_binary_junk_for_a_function_that_does_not_parse(tmp_path: Path) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "junk.py").write_bytes(bytes(range(256)))
    ended = ebl("validate", "--json", cwd=tmp_path)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["functions"] == 1


def test_a_folder_that_vanishes_is_seen_again(project: Path) -> None:
    with started(project, "--json") as server:
        shutil.move(project / "functions", project / "aside")
        assert told(server) != []
        shutil.move(project / "aside", project / "functions")
        assert told(server) == []
