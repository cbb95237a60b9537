"""Where the code of a function or a layer is: in the request, in S3, or in a folder on this machine."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from emulator.errors import AwsError
from emulator.runtime.home import home
from emulator.runtime.unzip import MAX_UNZIPPED, BadArchive, TooLarge
from emulator.services.call import Call
from emulator.services.lambda_.configuration import base64_of
from emulator.services.lambda_.names import invalid, unsupported
from emulator.wire.service import Members

HOT_RELOAD = "hot-reload"
"""The bucket whose keys are paths of this machine, as in LocalStack: what is changed there is seen at once."""

MAX_ZIPPED = 52_428_800
"""Bytes of a zip in a request (AWS Lambda quotas; the number recorded in 2025)."""

_EMPTY = "Uploaded file must be a non-empty zip"


class Source(NamedTuple):
    """`path` of a file or a folder, or (where it is empty) `content` of a zip, with its `digest` in hex and how many
    bytes come out of it."""

    path: str = ""
    content: bytes = b""
    digest: str = ""
    unzipped: int = 0

    @property
    def sha256(self) -> str:
        """As Lambda shows it."""
        return base64_of(self.digest)


@asynccontextmanager
async def source_of(call: Call, operation: str, code: Members) -> AsyncIterator[Source]:
    """The code that a request brings or names (members of FunctionCode), unpacked.  Within, it stays unpacked, so that
    it can be stored (`keep`).  Raises AwsError."""
    if code.get("ImageUri"):
        raise unsupported(operation, "PackageType Image (ImageUri)")
    if "ZipFile" in code:
        if len(code) > 1 and {"S3Bucket", "S3Key", "S3ObjectVersion"} & code.keys():
            raise invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.")
        content = code["ZipFile"]
        if len(content) > MAX_ZIPPED:
            text = f"Zipped size must be smaller than {MAX_ZIPPED} bytes"
            raise AwsError("RequestEntityTooLargeException", text, status=413)
    elif not code.get("S3Bucket") or not code.get("S3Key"):
        raise invalid("Please provide a source for function code.")
    elif code["S3Bucket"] == HOT_RELOAD:
        yield Source(path=_folder(code["S3Key"]))
        return
    else:
        content = await _from_s3(call, operation, code)
    async with unpacked(call, content) as source:
        yield source


@asynccontextmanager
async def unpacked(call: Call, content: bytes) -> AsyncIterator[Source]:
    """A zip, unpacked; within, it stays so."""
    if not content:
        raise invalid(_EMPTY)
    digest = (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()
    with call.packages.holding([digest]):
        try:
            package = await call.packages.unpack(digest, content)
        except TooLarge:
            raise invalid(f"Unzipped size must be smaller than {MAX_UNZIPPED} bytes") from None
        except BadArchive as error:
            text = "Could not unzip uploaded file. Please check your file, then try to upload again."
            raise invalid(f"{text} ({error})" if str(error) else text) from None
        if not any(package.folder.iterdir()):
            raise invalid(_EMPTY)
        yield Source(content=content, digest=digest, unzipped=package.size)


def keep(call: Call, source: Source) -> None:
    """Store it; in the transaction that stores who uses it."""
    if source.digest:
        call.store.archives.put(source.digest, source.content, source.unzipped)


def collect(call: Call) -> None:
    """Somebody may have used some code last: throw away what nobody uses."""
    call.packages.keep(call.store.archives.collect())


def location(call: Call, digest: str) -> str:
    """URL of an archive on our own port, at the name under which the caller knows it."""
    return f"{_own(call)}/archives/{digest}"


def location_of_function(call: Call, account: str, region: str, name: str) -> str:
    """URL of a function of the project: its zip is made when somebody wants it."""
    return f"{_own(call)}/functions/{account}/{region}/{name}"


def _own(call: Call) -> str:
    host = call.headers.get("host")
    return f"{f'http://{host}' if host else call.url}/_ebl/code/{call.packages.secret}"


def _folder(key: str) -> str:
    path = home() / key
    if not path.exists():
        raise invalid(
            f"There is no {path}: the key of the bucket {HOT_RELOAD} is the path of a folder on this machine."
        )
    return str(path)


async def _from_s3(call: Call, operation: str, code: Members) -> bytes:
    bucket, key = code["S3Bucket"], code["S3Key"]
    if call.read_object is None:
        raise unsupported(operation, f"code from S3 (s3://{bucket}/{key}), unless the bucket is {HOT_RELOAD},")
    try:
        return await call.read_object(call.account, call.region, bucket, key, code.get("S3ObjectVersion"))
    except AwsError as error:  # in Lambda's words (recorded on AWS, 2025)
        text = f"Error occurred while GetObject. S3 Error Code: {error.code}. S3 Error Message: {error.message}"
        raise invalid(text) from None
