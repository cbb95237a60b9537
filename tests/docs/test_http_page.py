"""docs/http.md has every path of the emulator's own, with the sentence that describes it."""

from emulator.app import Emulator
from emulator.console.api import application
from tests.docs.page import ROOT

PAGE = (ROOT / "docs" / "http.md").read_text()


def test_every_path_stands_in_the_page() -> None:
    emulator = Emulator()
    try:
        paths = application(emulator).openapi()["paths"]
    finally:
        emulator.executor.close()
        emulator.store.close()
    rows = [
        f"| `{method.upper()} {path}` | {' '.join(operation['description'].split())} |"
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]
    written = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert written == rows, "docs/http.md should have:\n" + "\n".join(rows)
