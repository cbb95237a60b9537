"""The README does what it says: every block of it is run, in order, in a fresh folder."""

import subprocess
from pathlib import Path

import pytest

from tests.docs.page import ROOT, blocks
from tests.docs.reader import Reader

README = ROOT / "README.md"


@pytest.mark.slow
def test_every_block_does_what_the_page_says(tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    reader = Reader(folder, activated=False)
    try:
        for block in blocks(README):
            reader.does(block)
    finally:
        reader.close()


@pytest.mark.parametrize(("target", "ends_with"), [("run", "scripts/run"), ("test", "scripts/test")])
def test_make_leads_to_the_scripts(target: str, ends_with: str) -> None:
    words = ["make", "--no-print-directory", "-n", target]  # this test may itself be run by make, which says so
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ends_with


def test_make_run_installs_and_is_ebl_start() -> None:
    *_, install, start = (ROOT / "scripts" / "run").read_text().splitlines()
    assert (install, start) == ("scripts/install", 'exec .venv/bin/ebl start "$@"')
