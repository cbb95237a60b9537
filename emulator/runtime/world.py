"""What all environments of one executor share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emulator.clock import Clock
from emulator.runtime.sandbox import LineListener
from emulator.runtime.spawner import Spawner


@dataclass(frozen=True, slots=True)
class World:
    """`folder` holds everything of theirs on disk; `clock` is the real one: processes look at no other. `opt_of` makes
    one folder of layers, and may take a while."""

    loop: asyncio.AbstractEventLoop
    clock: Clock
    spawner: Spawner
    folder: Path
    on_line: LineListener | None
    opt_of: Callable[[tuple[Path, ...]], Path | None]
