from pathlib import Path

import pytest

from emulator.runtime.function import defines_handler, discover, handler_of, main_file
from emulator.runtime.home import shown

HANDLER = "def handler(event, context): ...\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_files_and_folders_with_a_handler_are_functions(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "charge.py": HANDLER,
            "orders/app.py": "from .core import lambda_handler",
            "orders/core.py": "",
            "resize-image/resize-image.py": "handle = print",
            "broken.py": "def handler(",
            "utils.py": "def helper(): ...",
            "shared/money.py": HANDLER,
            "_private.py": HANDLER,
            "test_charge.py": "from charge import handler",
            "conftest.py": HANDLER,
            "__pycache__/charge.py": HANDLER,
            "two words.py": HANDLER,
            "notes.txt": HANDLER,
        },
    )
    assert discover(tmp_path) == [
        ("broken", tmp_path / "broken.py"),
        ("charge", tmp_path / "charge.py"),
        ("orders", tmp_path / "orders"),
        ("resize-image", tmp_path / "resize-image"),
    ]


def test_a_missing_folder_has_no_functions(tmp_path: Path) -> None:
    assert discover(tmp_path / "functions") == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"app.py": HANDLER, "main.py": HANDLER}, "app.py"),
        ({"app.py": "", "handler.py": HANDLER}, "handler.py"),
        ({"lambda_function.py": HANDLER, "index.py": HANDLER}, "lambda_function.py"),
        ({"orders.py": HANDLER, "__init__.py": HANDLER}, "orders.py"),
        ({"__init__.py": HANDLER}, "__init__.py"),
        ({"other.py": HANDLER}, None),
    ],
)
def test_the_main_file_of_a_folder(tmp_path: Path, files: dict[str, str], expected: str | None) -> None:
    folder = tmp_path / "orders"
    folder.mkdir()
    write(folder, files)
    assert main_file(folder) == (expected and folder / expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def handler(event, context): ...", True),
        ("async def handle(event, context): ...", True),
        ("class lambda_handler: ...", True),
        ("handler = make()", True),
        ("handler: Callable = make()", True),
        ("from core import run as handler", True),
        ("try:\n    import fast\nexcept ImportError:\n    def handler(event, context): ...", True),
        ("if True:\n    handler = 1", True),
        ("def make():\n    def handler(event, context): ...", False),
        ("class App:\n    def handler(self): ...", False),
        ("handler: Callable", False),
        ("handlers = []", False),
    ],
)
def test_what_defines_a_handler(tmp_path: Path, source: str, expected: bool) -> None:
    path = tmp_path / "code.py"
    path.write_text(source)
    assert defines_handler(path) is expected


@pytest.mark.parametrize(
    ("code", "files", "named", "expected"),
    [
        ("charge.py", {"charge.py": HANDLER}, "", "charge.handler"),
        ("charge.py", {"charge.py": HANDLER}, "charge.other", "charge.other"),
        ("charge.py", {"charge.py": "handle = lambda_handler = print"}, "", "charge.lambda_handler"),
        ("charge.py", {"charge.py": "def handler("}, "", "charge.handler"),
        ("charge.py", {"charge.py": "value = 1"}, "", ""),
        ("charge.py", {}, "", ""),
        (
            "orders",
            {"orders/lambda_function.py": "from core import lambda_handler"},
            "",
            "lambda_function.lambda_handler",
        ),
        ("orders", {"orders/app.py": "value = 1", "orders/main.py": HANDLER}, "", "main.handler"),
        ("orders", {"orders/notes.txt": ""}, "", ""),
    ],
)
def test_the_handler_as_aws_spells_it(
    tmp_path: Path, code: str, files: dict[str, str], named: str, expected: str
) -> None:
    assert handler_of(write(tmp_path, files) / code, named) == expected


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    code = write(tmp_path, {"charge.py": HANDLER}) / "charge.py"
    assert handler_of(code, "") == "charge.handler"
    write(tmp_path, {"charge.py": "lambda_handler = 1"})
    assert handler_of(code, "") == "charge.lambda_handler"


def test_paths_are_shown_as_the_user_knows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "functions" / "charge.py") == "functions/charge.py"
    assert shown(tmp_path.parent / "elsewhere.py") == str(tmp_path.parent / "elsewhere.py")
