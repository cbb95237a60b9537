"""The zip that a function of the project would be deployed as."""

import os
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from emulator.runtime.unzip import TooLarge
from emulator.runtime.zipping import handler_in_zip, zip_of


def names(content: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """functions/orders/ with what is packed of it, and what is not."""
    functions = tmp_path / "functions"
    for name in (
        "orders/app.py", "orders/lib/inner.py", "orders/data.json", "orders/run.sh", "orders/.hidden",
        "orders/.git/config", "orders/__pycache__/app.cpython-311.pyc", "orders/old.pyc", "orders/venv/pyvenv.cfg",
        "orders/venv/lib.py", "_shared.py", "_lib/a.py", "other.py",
    ):  # fmt: skip
        (functions / name).parent.mkdir(parents=True, exist_ok=True)
        (functions / name).write_text(name)
    (functions / "orders/run.sh").chmod(0o755)
    return functions / "orders"


def test_a_folder_is_packed_with_what_it_shares(folder: Path) -> None:
    wanted = ["_lib/a.py", "_shared.py", "app.py", "data.json", "lib/inner.py", "run.sh"]
    assert names(zip_of(folder)) == wanted


def test_a_file_is_packed_with_the_folder_that_it_lies_in(folder: Path) -> None:
    assert "other.py" in names(zip_of(folder.parent / "other.py"))
    assert "orders/app.py" in names(zip_of(folder.parent / "other.py"))


def test_what_can_be_run_stays_so(folder: Path) -> None:
    with zipfile.ZipFile(BytesIO(zip_of(folder))) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert (modes["run.sh"], modes["app.py"]) == (0o755, 0o644)


def test_the_same_files_make_the_same_bytes(folder: Path) -> None:
    before = zip_of(folder)
    os.utime(folder / "app.py", (0, 0))
    assert zip_of(folder) == before
    (folder / "app.py").write_text("other")
    assert zip_of(folder) != before


def test_a_folder_that_is_larger_than_lambda_takes_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "huge.bin").open("wb") as file:
        file.truncate(262_144_001)
    with pytest.raises(TooLarge, match="more than 262144000 bytes"):
        zip_of(tmp_path)


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ("", "app.handler"),
        ("app.run", "app.run"),
        ("app:run", "app.run"),
        ("lib/deep.run", "lib/deep.run"),
        ("functions/orders/app.py:run", "app.run"),
        ("functions/orders/lib/deep.py:run", "lib/deep.run"),
        ("functions/orders/gone.py:run", "functions/orders/gone.py:run"),
    ],
)
def test_the_handler_is_named_as_aws_names_it(tmp_path: Path, handler: str, expected: str) -> None:
    folder = tmp_path / "functions/orders"
    (folder / "lib").mkdir(parents=True)
    (folder / "app.py").write_text("def handler(event, context): ...")
    (folder / "lib/deep.py").write_text("")
    assert handler_in_zip(folder, handler) == expected
