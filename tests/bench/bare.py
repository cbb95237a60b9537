"""What the figures are compared with: an application that reads a request and answers, on uvicorn and FastAPI."""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from fastapi import FastAPI

Message = MutableMapping[str, Any]
PAYLOAD = b"{}"


class Bare(FastAPI):
    """Raw ASGI inside a FastAPI application, like the emulator's own endpoint."""

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        while (await receive()).get("more_body", False):
            pass
        headers = [(b"content-length", b"%d" % len(PAYLOAD))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PAYLOAD})


class _Server(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        print("Ready.", flush=True)


if __name__ == "__main__":
    _Server(uvicorn.Config(Bare(), port=int(sys.argv[1]), access_log=False, log_level="warning")).run()
