"""/_ebl/docs names every endpoint, and loads nothing from anywhere."""

import asyncio
import re

from emulator.app import Emulator
from emulator.console.api import application
from emulator.console.docs import page


def test_every_endpoint_is_on_the_page_and_nothing_comes_from_elsewhere() -> None:
    async def main() -> None:
        emulator = Emulator()
        try:
            schema = application(emulator).openapi()
        finally:
            await emulator.stop()
        shown = page(schema)
        for path, methods in schema["paths"].items():
            for method in methods:
                assert f"{method.upper()} {path}" in shown
        assert not re.search(r"(?:src|href)=\"(?!/_ebl)", shown)
        assert "://" not in shown

    asyncio.run(main())
