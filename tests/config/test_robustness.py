"""Whatever stands in the file, the answer is a configuration or a list of problems with places: never a traceback."""

import random
import re
from pathlib import Path

import pytest

from emulator.config import parse
from emulator.errors import ConfigError, Problem

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "config.md").read_text()
SEEDS = [(ROOT / "config.yaml").read_text(), *re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
PIECES = [
    "[", "]", "{", "}", ":", "- ", "\n", "  ", "null", "no", "1", "'", '"', "&a ", "*a", "<<: ", "!x ", "|", "${A}",
    "${", "~", "012", "\t", "? ", "#", "é", ",", "targets", "pattern", "Arn", "arn:aws:sqs:a:1:q", "default",
    "functions", "rules",
]  # fmt: skip


def spoiled(text: str, chance: random.Random) -> str:
    """`text` after a few careless edits."""
    letters = list(text)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(letters)), chance.randint(0, 12)
        letters[at : at + length] = chance.choice([*PIECES, ""])
    return "".join(letters)


@pytest.mark.parametrize("seed", range(10))
def test_careless_edits(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        text = spoiled(chance.choice(SEEDS), chance)
        assert all(problem.line >= 1 and problem.column >= 1 and problem.text for problem in problems(text)), text


def problems(text: str) -> tuple[Problem, ...]:
    try:
        parse(text, ROOT / "config.yaml", {"A": "1"})
    except ConfigError as error:
        return error.problems
    return ()
