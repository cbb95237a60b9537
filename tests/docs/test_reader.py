"""The tests of the pages can fail: what is not as the page has it, is told."""

from pathlib import Path
from subprocess import CalledProcessError

import pytest

from tests.docs.page import Block, blocks, changed
from tests.docs.reader import Reader, alike, plain


@pytest.mark.parametrize(
    ("wanted", "got", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "…"], ["a", "b", "c"], True),
        (["…", "c"], ["a", "b", "c"], True),
        (["…", "b"], ["a", "b", "c"], False),
        (["a", "…", "c"], ["a", "c"], True),
        (["a … c"], ["a b c"], True),
        (["a … c"], ["a b d"], False),
        (["a.c"], ["abc"], False),
    ],
)
def test_alike(wanted: list[str], got: list[str], same: bool) -> None:
    assert alike(wanted, got) is same


@pytest.mark.parametrize(
    ("line", "other"),
    [
        (
            "12:03:11.204  → orders  shop/OrderPlaced                 8f31c2",
            "23:59:00.001  → orders  shop/OrderPlaced    01778c",
        ),
        (
            "matched 1 rule · http://localhost:4566/_ebl/e/8f31c2",
            "matched 1 rule · http://localhost:4566/_ebl/e/a07be9",
        ),
        ("  ✓ charge  4 ms", "  ✓ charge  <1 ms"),
        ('"at": "2026-11-23T21:34:33.265Z"', '"at": "2027-01-02T03:04:05Z"'),
    ],
)
def test_lines_that_differ_only_from_run_to_run(line: str, other: str) -> None:
    assert plain(line) == plain(other)


@pytest.mark.parametrize(
    ("line", "other"), [("delivered 1", "delivered 2"), ("retry 1/2 in 60 s", "retry 1/2 in 90 s")]
)
def test_lines_that_differ(line: str, other: str) -> None:
    assert plain(line) != plain(other)


def test_a_diff_changes_the_one_place_that_it_shows() -> None:
    assert changed("a\nb\nc\n", "+++ f.py\n a\n-b\n+B\n") == ("f.py", "a\nB\nc\n")
    with pytest.raises(AssertionError, match="has 0 places"):
        changed("a\n", "+++ f.py\n-b\n")
    with pytest.raises(AssertionError, match="has 2 places"):
        changed("b\nb\n", "+++ f.py\n-b\n")


def test_the_blocks_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("text\n\n```sh exits=4\nebl put\n```\n\n```yaml\n# config.yaml\nrules: {}\n```\n")
    put, config = blocks(page)
    assert (put.exits, put.line, put.file) == (4, 3, None)
    assert (config.exits, config.line, config.file) == (0, 7, "config.yaml")


@pytest.mark.parametrize(
    "wrong",
    [
        [Block("sh", "", "false\n", 1)],
        [Block("sh", "exits=3", "true\n", 1)],
        [Block("sh", "", "false\ntrue\n", 1)],
        [Block("sh", "", "echo a\n", 1), Block("text", "", "b\n", 3)],
        [Block("text", "server", "Ready.\n", 1)],
        [Block("python", "", "print('not a file')\n", 1)],
        [Block("sh", "", "make no-such-target\n", 1)],
    ],
)
def test_what_does_not_come_out_fails(wrong: list[Block], tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    *before, last = wrong
    try:
        for block in before:
            reader.does(block)
        with pytest.raises((AssertionError, CalledProcessError)):
            reader.does(last)
    finally:
        reader.close()
