"""The code of functions and layers, as zip files: where `Code.Location` of GetFunction points."""

import asyncio
import secrets
from pathlib import Path

from fastapi import FastAPI, HTTPException, Response

from emulator.app import Emulator
from emulator.runtime.unzip import TooLarge
from emulator.runtime.zipping import zip_of


def add_code(routes: FastAPI, emulator: Emulator) -> None:
    store = emulator.store

    def check(key: str) -> None:
        if not secrets.compare_digest(key.encode(), emulator.packages.secret.encode()):
            raise HTTPException(404, "This link is not, or no longer, valid: GetFunction gives a new one.")

    @routes.get("/_ebl/code/{key}/archives/{digest}")
    async def archive(key: str, digest: str) -> Response:
        """The zip of a function's version or of a layer, as it came."""
        check(key)
        content = store.archives.content(digest)
        if content is None:
            raise HTTPException(404, "No function and no layer has this code any more.")
        return _zip(content)

    @routes.get("/_ebl/code/{key}/functions/{account}/{region}/{name}")
    async def function(key: str, account: str, region: str, name: str) -> Response:
        """A function of the project, as a zip that is made now."""
        check(key)
        row = store.functions.find(account, region, name)
        if row is None or row.archive:
            raise HTTPException(404, f"There is no function {name} of the project in {region}.")
        try:
            return _zip(await asyncio.to_thread(zip_of, Path(row.code)))
        except (TooLarge, OSError) as error:
            raise HTTPException(409, f"The code of {name} cannot be packed: {error}.") from None


def _zip(content: bytes) -> Response:
    return Response(content, media_type="application/zip")
