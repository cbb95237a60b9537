import os
from pathlib import Path

from emulator.runtime.reload import MAX_DATA_FILES, Files
from tests.runtime.running import Running

VERSION = "def handler(event, context): return {}\n"


def test_a_saved_file_is_loaded_at_the_next_invocation(running: Running) -> None:
    function = running.function(VERSION.format(1))
    assert running.result(function) == 1
    for version in range(2, 10):  # same size, same second
        running.function(VERSION.format(version))
        assert running.result(function) == version
    assert running.reloads[0] == ("charge", [f"{running.folder}/charge.py"])
    assert len(running.reloads) == 8


def test_a_helper_that_changes(running: Running) -> None:
    running.write("orders/app.py", "import lib.prices\ndef handler(event, context): return lib.prices.VAT")
    running.write("orders/lib/prices.py", "VAT = 19")
    function = running.function(name="orders", code=running.folder / "orders")
    assert running.result(function) == 19
    running.write("orders/lib/prices.py", "VAT = 7")
    assert running.result(function) == 7


def test_a_module_that_was_imported_late(running: Running) -> None:
    running.write("prices.py", "VAT = 19")
    function = running.function("def handler(event, context):\n    import prices\n    return prices.VAT")
    assert running.result(function) == 19
    running.write("prices.py", "VAT = 7")
    assert running.result(function) == 7


def test_other_files_of_a_folder_that_change(running: Running) -> None:
    running.write("orders/app.py", READ)
    running.write("orders/data/greeting.txt", "hello")
    function = running.function(name="orders", code=running.folder / "orders")
    assert running.result(function) == ["hello", 1]
    assert running.result(function) == ["hello", 2]
    running.write("orders/data/greeting.txt", "moin")
    assert running.result(function) == ["moin", 1]


READ = """
import pathlib
TEXT = (pathlib.Path(__file__).parent / "data" / "greeting.txt").read_text()
count = 0
def handler(event, context):
    global count
    count += 1
    return [TEXT, count]
"""


def test_a_broken_edit_fails_and_a_repaired_one_works(running: Running) -> None:
    function = running.function(VERSION.format(1))
    assert running.result(function) == 1
    running.write("charge.py", "def handler(event, context) return 2\n")
    outcome = running.run(function)
    assert outcome.error_type == "Runtime.UserCodeSyntaxError"
    assert outcome.where == f"{running.folder}/charge.py:1"
    assert running.reloads == []
    running.write("charge.py", "import nowhere\n")
    assert running.error(function)["errorType"] == "Runtime.ImportModuleError"
    running.write("charge.py", VERSION.format(3))
    assert running.result(function) == 3
    assert [files for _, files in running.reloads] == [[f"{running.folder}/charge.py"]]


def test_a_file_that_is_gone(running: Running) -> None:
    function = running.function(VERSION.format(1))
    assert running.result(function) == 1
    (running.folder / "charge.py").unlink()
    assert running.error(function)["errorType"] == "Runtime.ImportModuleError"


def test_nothing_changed_nothing_is_loaded(running: Running) -> None:
    function = running.function(
        "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return count"
    )
    assert [running.result(function) for _ in range(3)] == [1, 2, 3]
    assert running.reloads == []


def test_a_new_configuration_starts_anew(running: Running) -> None:
    source = "import os\nvalue = os.environ['TABLE']\ndef handler(event, context): return value"
    one = running.function(source, environment={"TABLE": "orders"})
    same = running.function(environment={"TABLE": "orders"})
    two = running.function(environment={"TABLE": "charges"})
    found = [running.run(function) for function in (one, same, two, one)]
    assert [outcome.payload for outcome in found] == [b'"orders"', b'"orders"', b'"charges"', b'"orders"']
    assert [outcome.init_ms is None for outcome in found] == [False, True, False, False]


def test_many_files_are_not_watched(tmp_path: Path) -> None:
    for number in range(MAX_DATA_FILES + 1):
        (tmp_path / f"{number}.txt").touch()
    files = Files({})
    files.watch_data(tmp_path)
    os.utime(tmp_path / "0.txt", (1, 1))
    assert files.changed() == []
    (tmp_path / "1.txt").unlink()
    files.watch_data(tmp_path)
    os.utime(tmp_path / "0.txt", (2, 2))
    assert files.changed() == [str(tmp_path / "0.txt")]


def test_hidden_files_and_caches_are_not_watched(tmp_path: Path) -> None:
    for name in (".charge.py.swp", "__pycache__/a.txt", ".git/HEAD", "node_modules/a.js", "a.pyc", "a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files = Files({})
    files.watch_data(tmp_path)
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1))
    assert files.changed() == []
