import builtins
import io
from pathlib import Path

import pytest

from tests.runtime.running import Running


@pytest.mark.parametrize(
    "expression",
    [
        "read(open('data.txt'))",
        "read(open(file='data.txt', mode='rb')).decode()",
        "read(io.open('data.txt'))",
        "Path('data.txt').read_text()",
        "read(Path('data.txt').open())",
        "read(open('./part/../data.txt'))",
    ],
)
def test_a_relative_path_is_read_from_the_functions_folder(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expression: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.txt").write_text("of the working directory")
    running.write("orders/data.txt", "mine")
    running.write("orders/part/data.txt", "mine")
    running.write("orders/app.py", READ + f"def handler(event, context): return {expression}")
    assert running.result(running.function(name="orders", code=running.folder / "orders")) == "mine"


READ = """
import io
from pathlib import Path
def read(file):
    with file:
        return file.read()
"""


def test_what_the_function_does_not_have_is_read_from_the_working_directory(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.txt").write_text("there")
    assert (
        running.result(running.function(READ + "def handler(event, context): return read(open('other.txt'))"))
        == "there"
    )
    error = running.error(running.function("def handler(event, context): open('nothing.txt')"))
    assert error["errorMessage"] == "[Errno 2] No such file or directory: 'nothing.txt'"
    assert error["stackTrace"] == [
        "  File \"functions/charge.py\", line 1, in handler\n    def handler(event, context): open('nothing.txt')\n"
    ]


@pytest.mark.parametrize("mode", ["w", "a", "r+"])
def test_writing_goes_where_it_went(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.txt").write_text("")
    mine = running.write("data.txt", "mine")
    source = f"def handler(event, context):\n    with open('data.txt', {mode!r}) as file: file.write('new')"
    running.result(running.function(source))
    assert (mine.read_text(), (tmp_path / "data.txt").read_text()) == ("mine", "new")


def test_the_process_opens_as_ever(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    running.write("data.txt", "mine")
    running.result(running.function("def handler(event, context): ..."))
    with pytest.raises(FileNotFoundError):
        open("data.txt")  # noqa: SIM115
    running.executor.close()
    assert builtins.open is io.open
    assert "emulator" not in builtins.open.__module__


def test_a_subprocess_works_in_the_functions_folder(running: Running, tmp_path: Path) -> None:
    source = f"""
        import subprocess, sys
        SHOW = [sys.executable, "-c", "import os; print(os.getcwd(), end='')"]
        def show(cwd):
            return subprocess.run(SHOW, capture_output=True, text=True, cwd=cwd).stdout
        def handler(event, context):
            found = [show(None), show({str(tmp_path)!r})]
            return [*found, subprocess.run("pwd; echo $PWD", shell=True, capture_output=True, text=True).stdout]
        """
    found = running.result(running.function(source, timeout=30.0))
    folder = str(running.folder)
    assert found == [folder, str(tmp_path), f"{folder}\n{folder}\n"]
