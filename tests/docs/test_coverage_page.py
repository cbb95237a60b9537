"""docs/coverage.md says what the operation tables say."""

from pathlib import Path

from scripts.coverage_page import page


def test_the_page_is_up_to_date() -> None:
    written = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text()
    assert written == page(), "run: python scripts/coverage_page.py > docs/coverage.md"
