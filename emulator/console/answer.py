"""How the console answers with an event in it."""

from typing import Any

from fastapi.responses import JSONResponse


def answer(content: Any, status: int = 200) -> JSONResponse:
    """JSON, written by the standard library alone: FastAPI's own way gives up on a value that nests 250 deep, and an
    event may nest deeper."""
    return JSONResponse(content, status)
