"""Is the server there, and is it ready?"""

from typing import Any

from fastapi import FastAPI, HTTPException

from emulator import __version__
from emulator.app import Emulator


def add_health(routes: FastAPI, emulator: Emulator) -> None:
    # async: these run on the event loop's thread, which owns the state.
    @routes.get("/_ebl/health")
    @routes.get("/health", include_in_schema=False)
    async def health() -> dict[str, Any]:
        """The process answers; and how much waits to be delivered, and which targets are behind."""
        waiting = emulator.worker.backlog.waiting()
        behind = [
            {"target": each.target, "waiting": each.waiting, "oldest": each.oldest}
            for each in waiting if each.is_behind
        ]  # fmt: skip
        return {
            "status": "ok",
            "version": __version__,
            "backlog": {"waiting": sum(each.waiting for each in waiting), "behind": behind},
            "links": {"ready": "/_ebl/ready", "events": "/_ebl/events", "backlog": "/_ebl/backlog"},
        }

    @routes.get("/_ebl/ready")
    async def ready() -> dict[str, Any]:
        """200 once the configuration has been applied, 503 before."""
        if not emulator.ready:
            raise HTTPException(503, "The configuration has not been applied yet.")
        return {"ready": True, "links": {"health": "/_ebl/health"}}

    @routes.get("/_localstack/health", include_in_schema=False)
    async def localstack_health() -> dict[str, Any]:
        """The form that clients of another emulator poll."""
        return {"services": dict.fromkeys(emulator.services, "running"), "edition": "ebl", "version": __version__}
