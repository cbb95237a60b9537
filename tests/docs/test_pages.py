"""The pages in docs/ do what they say; see page.py for what a block is."""

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.page import PAGES, ROOT, blocks
from tests.docs.reader import Reader

# Held by tests of their own: the README here, configurations by tests/config, patterns by test_patterns_page.py.
_ELSEWHERE = {"README.md", "config.md", "patterns.md"}
_RUN = [page for page in PAGES if page.name not in _ELSEWHERE and any(blocks(page))]
_NEEDS = {"processes.md": ("node", "curl")}
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.slow
@pytest.mark.parametrize("page", _RUN, ids=lambda page: page.name)
def test_every_block_does_what_the_page_says(page: Path, tmp_path: Path) -> None:
    for program in _NEEDS.get(page.name, ()):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} on the PATH")
    reader = Reader(tmp_path)
    try:
        for block in blocks(page):
            reader.does(block)
    finally:
        reader.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        path, _, heading = link.partition("#")
        if not link.startswith("https://"):
            to = page.parent / path if path else page
            assert to.exists(), link
            assert not heading or heading in _anchors(to), link


def test_the_index_names_every_page() -> None:
    linked = set(_LINK.findall((ROOT / "docs" / "README.md").read_text()))
    assert linked == {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} | {"../README.md"}


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
