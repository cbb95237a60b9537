"""Published versions: copies of `$LATEST`, code and configuration, that do not change any more."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from emulator.ids import new_id
from emulator.runtime.unzip import TooLarge
from emulator.runtime.zipping import handler_in_zip, zip_of
from emulator.services.call import Call
from emulator.services.lambda_ import code as codes
from emulator.services.lambda_.code import Source
from emulator.services.lambda_.configuration import arn_of, code_sha256, code_size, described, listed
from emulator.services.lambda_.names import check_revision, invalid, named, required, unqualified, unsupported
from emulator.services.lambda_.pages import paged, version_key
from emulator.services.lambda_.service import lambda_api
from emulator.services.lambda_.states import changeable, check_unchanged
from emulator.store.functions import FunctionRow
from emulator.wire.service import Members

# What two equal publications may differ in.
_ASIDE = {"version": "", "state": "", "last_update": "", "modified": 0.0, "revision_id": "", "content": ""}


@lambda_api.operation("PublishVersion")
async def publish_version(
    call: Call,
    *,
    function_name: str,
    code_sha256: str | None = None,
    description: str | None = None,
    revision_id: str | None = None,
    publish_to: str | None = None,
) -> Members:
    """The version that was published last, when nothing has changed since."""
    if publish_to is not None:
        raise unsupported("PublishVersion", "PublishTo")
    row = changeable(call, unqualified(call, function_name))
    check_revision(revision_id, row.revision_id)
    _check_sha256(code_sha256, row)
    async with frozen(call, row) as latest:
        check_unchanged(call, row)
        with call.store.transaction():
            version = latest.publish(call, description)
    return described(version, arn_of(version))


@lambda_api.operation("ListVersionsByFunction")
def list_versions_by_function(
    call: Call, *, function_name: str, marker: str | None = None, max_items: int | None = None
) -> Members:
    name = named(call, function_name)
    versions = call.store.functions.versions(*required(call, name).key)
    page, more = paged(
        call, ("ListVersionsByFunction", name.unqualified), versions, lambda row: version_key(row.version),
        max_items, marker,
    )  # fmt: skip
    return {"Versions": [listed(row, arn_of(row)) for row in page], **more}


@dataclass(frozen=True, slots=True)
class Frozen:
    """`$LATEST` with its code as an archive, which `source` brings when it is not stored yet."""

    row: FunctionRow
    source: Source

    def publish(self, call: Call, description: str | None = None, *, settled: bool = True) -> FunctionRow:
        """A version of it, or the last one that is equal.  In a transaction; `settled`: Active at once."""
        functions = call.store.functions
        last, content = functions.last_published(*self.row.key), _content(self.row)
        if last is not None and last.content == content:
            return last
        codes.keep(call, self.source)
        version = replace(
            self.row,
            version=functions.next_version(*self.row.key),
            description=self.row.description if description is None else description,
            state="Active" if settled else "Pending",
            last_update="Successful",
            revision_id=new_id(),
            content=content,
        )
        functions.put(version)
        return version


@asynccontextmanager
async def frozen(call: Call, row: FunctionRow) -> AsyncIterator[Frozen]:
    """Of a function of the project the archive is made now: what its files are later is no matter of the version."""
    if row.archive:
        yield Frozen(row, Source())
        return
    path = Path(row.code)
    try:
        content = await asyncio.to_thread(zip_of, path)
    except (TooLarge, OSError) as error:
        raise invalid(f"The code of {row.name} cannot be published: {error}") from None
    async with codes.unpacked(call, content) as source:
        yield Frozen(
            replace(
                row, code="", archive=source.digest, handler=handler_in_zip(path, row.handler),
                code_sha256=code_sha256(row), code_size=code_size(row),
            ),
            source,
        )  # fmt: skip


def _content(row: FunctionRow) -> str:
    told = json.dumps(asdict(replace(row, **_ASIDE)), sort_keys=True)  # type: ignore[arg-type]
    return hashlib.sha256(told.encode()).hexdigest()


def _check_sha256(given: str | None, row: FunctionRow) -> None:
    if given is not None and given != code_sha256(row):
        raise invalid(
            f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({code_sha256(row)})."
            " Please try again with the CodeSHA256 in $LATEST."
        )
