"""The state as a whole: forget it, save it under a name, put a saved one in its place."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query

from emulator.app import Emulator
from emulator.clock import iso_millis
from emulator.errors import ConfigError
from emulator.store.opening import StateRefused
from emulator.store.snapshots import BadName, NoSnapshot, Snapshot

_KEEP_RULES = "forget only events, deliveries and invocations; keep buses, rules, targets, functions, tags, permissions"


def add_state(routes: FastAPI, emulator: Emulator) -> None:
    @routes.post("/_ebl/reset")
    async def reset(keep_rules: Annotated[bool, Query(description=_KEEP_RULES)] = False) -> dict[str, Any]:
        """Forget everything and apply config.yaml again, or with keep_rules=true forget only what happened."""
        begin = time.perf_counter()
        try:
            forgotten = emulator.reset(keep_rules=keep_rules)
        except ConfigError as error:
            raise HTTPException(409, f"Nothing was forgotten: {error}") from error
        return {
            "forgotten": {"events": forgotten.events, "unfinished_deliveries": forgotten.unfinished},
            "abandoned": forgotten.running,
            "kept_rules": keep_rules,
            "ms": round((time.perf_counter() - begin) * 1000, 3),
            "links": {"events": "/_ebl/events", "snapshots": "/_ebl/snapshots"},
        }

    @routes.get("/_ebl/snapshots")
    async def snapshots() -> dict[str, Any]:
        """Every snapshot, by name, and the folder that they are in."""
        found = [_shown(snapshot) for snapshot in emulator.snapshots.all()]
        return {"snapshots": found, "folder": str(emulator.snapshots.folder), "links": {"self": "/_ebl/snapshots"}}

    @routes.post("/_ebl/snapshots/{name}")
    async def save(name: str) -> dict[str, Any]:
        """Save everything under this name; an older snapshot of the name is replaced."""
        try:
            with _refusals():
                return _shown(emulator.snapshot(name))
        except OSError as error:
            where = f"cannot write to {emulator.snapshots.folder}: {error.strerror}"
            raise HTTPException(500, f"{where}. Start with --snapshot-dir.") from error

    @routes.post("/_ebl/snapshots/{name}/load")
    async def load(name: str) -> dict[str, Any]:
        """Replace everything by what was saved, and apply config.yaml to it; what was pending in it is delivered."""
        with _refusals():
            return _shown(emulator.restore(name))

    @routes.post("/_ebl/snapshots/{name}/delete")
    async def delete(name: str) -> dict[str, Any]:
        """Remove the snapshot."""
        with _refusals():
            emulator.snapshots.delete(name)
        return {"deleted": name, "links": {"snapshots": "/_ebl/snapshots"}}


@contextmanager
def _refusals() -> Iterator[None]:
    """What goes wrong with a snapshot, as an answer."""
    try:
        yield
    except BadName as error:
        raise HTTPException(400, str(error)) from error
    except NoSnapshot as error:
        raise HTTPException(404, str(error)) from error
    except StateRefused as error:
        raise HTTPException(409, str(error)) from error
    except ConfigError as error:
        message = f"The snapshot is loaded, but config.yaml cannot be applied to it: {error}"
        raise HTTPException(409, message) from error


def _shown(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "name": snapshot.name,
        "bytes": snapshot.size,
        "saved": iso_millis(snapshot.saved),
        "file": str(snapshot.path),
        "links": {"load": f"/_ebl/snapshots/{snapshot.name}/load", "delete": f"/_ebl/snapshots/{snapshot.name}/delete"},
    }
