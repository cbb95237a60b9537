"""Every example of docs/patterns.md: the events below a pattern, the refusals, and the explanation."""

import json
from collections.abc import Iterator

import pytest

from emulator.matching import InvalidPattern, compile_pattern, matches, parse_event
from tests.docs.page import ROOT, Block, blocks

PAGE = ROOT / "docs" / "patterns.md"
BLOCKS = list(blocks(PAGE))


def _examples() -> Iterator[tuple[str, str, str, str]]:
    """(pattern, mark, the JSON of the line, what follows it) for every line that claims something."""
    for block in BLOCKS:
        pattern = ""
        for line in block.text.splitlines() if _is_example(block) else ():
            mark, _, rest = line.partition(" ")
            rest = rest.strip()
            _, end = json.JSONDecoder().raw_decode(rest)
            if mark == "pattern":
                pattern = rest[:end]
            else:
                yield pattern, mark, rest[:end], rest[end:].strip()


def _is_example(block: Block) -> bool:
    return block.language == "text" and not block.text.startswith(("closest", "matches"))


@pytest.mark.parametrize(("pattern", "mark", "text", "reason"), list(_examples()))
def test_example(pattern: str, mark: str, text: str, reason: str) -> None:
    if mark == "refused":
        with pytest.raises(InvalidPattern) as refused:
            compile_pattern(text)
        assert refused.value.reason.split("\n")[0] == reason
    else:
        assert matches(compile_pattern(pattern), parse_event(text)) is {"✓": True, "✗": False}[mark]


def test_there_are_examples_of_every_operator() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for operator in ("prefix", "suffix", "equals-ignore-case", "wildcard", "numeric", "anything-but", "exists", "cidr"):
        assert f'{{"{operator}"' in page


def test_the_explanation_is_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    code, output = [block.text for block in BLOCKS if not _is_example(block)]
    exec(compile(code, PAGE, "exec"), {})
    assert capsys.readouterr().out == output
