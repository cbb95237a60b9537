"""docs/config.md says of every key what the key says of itself, and its examples are configurations."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import AliasChoices

from emulator.config import parse, shapes
from emulator.config.not_yet import NOT_YET, NOT_YET_ARNS
from emulator.config.shapes import Shape

PAGE = (Path(__file__).parents[2] / "docs" / "config.md").read_text()
SHAPES = [shape for shape in vars(shapes).values() if isinstance(shape, type) and issubclass(shape, Shape)]
SENTENCES = sorted({sentence for table in (*NOT_YET.values(), NOT_YET_ARNS) for sentence in table.values()})
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def rows(shape: type[Shape]) -> Iterator[str]:
    """The lines of the page's table for one mapping."""
    for name, field in shape.model_fields.items():
        alias = field.validation_alias
        names = [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [name]
        yield f"| {', '.join(f'`{spelling}`' for spelling in names)} | {field.description} |"


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape is not Shape], ids=lambda shape: shape.__name__)
def test_every_key_stands_in_the_page(shape: type[Shape]) -> None:
    missing = [row for row in rows(shape) if row not in PAGE]
    assert not missing, "docs/config.md lacks these lines:\n" + "\n".join(missing)


def test_the_page_has_no_other_keys() -> None:
    known = {row for shape in SHAPES for row in rows(shape)}
    assert [line for line in PAGE.splitlines() if line.startswith("| `") and line not in known] == []


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_is_not_there_yet_stands_in_the_page(sentence: str) -> None:
    assert sentence in PAGE


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_configuration(example: str, tmp_path: Path) -> None:
    folder = tmp_path / "functions"
    folder.mkdir()
    for name in ("charge", "ship", "report"):
        (folder / f"{name}.py").write_text("def handler(event, context): ...\n")
    assert parse(example, tmp_path / "config.yaml", {"STAGE": "dev", "TABLE": "orders"})
