"""Where a function's code comes from, how long it is kept, and what is refused."""

import asyncio
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.errors import AwsError
from emulator.runtime import home as home_of
from emulator.runtime.packages import Packages
from emulator.services.lambda_.code import MAX_ZIPPED
from emulator.wire.service import Members
from tests.runtime.zips import zipped
from tests.services.lambda_.api import ARN, CODE, GIVEN, NO_FUNCTION, REGION, TWO, ZIP_ERROR, Api


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ({"ZipFile": b"no zip"}, ("InvalidParameterValueException", ZIP_ERROR)),
        (
            {"ZipFile": zipped({"../evil.py": ""})},
            ("InvalidParameterValueException", f"{ZIP_ERROR} (../evil.py leads out of the archive)"),
        ),
        ({"ZipFile": b""}, ("InvalidParameterValueException", "Uploaded file must be a non-empty zip")),
        ({"ZipFile": zipped({})}, ("InvalidParameterValueException", "Uploaded file must be a non-empty zip")),
        ({}, ("InvalidParameterValueException", "Please provide a source for function code.")),
        ({"S3Bucket": "bucket"}, ("InvalidParameterValueException", "Please provide a source for function code.")),
        (
            {"ZipFile": CODE, "S3Bucket": "bucket", "S3Key": "k"},
            (
                "InvalidParameterValueException",
                "Please do not provide other FunctionCode parameters when providing a ZipFile.",
            ),
        ),
        (
            {"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/a:b"},
            ("NotImplementedException", "lambda:CreateFunction: PackageType Image (ImageUri) is not emulated."),
        ),
        (
            {"S3Bucket": "bucket", "S3Key": "k"},
            (
                "NotImplementedException",
                "lambda:CreateFunction: code from S3 (s3://bucket/k), unless the bucket is hot-reload,"
                " is not emulated.",
            ),
        ),
    ],
)
def test_code_that_cannot_be_had(api: Api, code: Members, refusal: tuple[str, str]) -> None:
    assert api.refused("CreateFunction", **GIVEN, Code=code) == refusal
    assert api.refused("GetFunction", FunctionName="f") == NO_FUNCTION


def test_a_zip_that_is_too_large_is_refused_before_it_is_looked_at(api: Api) -> None:
    code = {"ZipFile": bytes(MAX_ZIPPED + 1)}
    told = ("RequestEntityTooLargeException", "Zipped size must be smaller than 52428800 bytes")
    assert api.refused("CreateFunction", **GIVEN, Code=code) == told


@pytest.mark.slow
def test_on_the_wire_it_is_a_413(api: Api) -> None:
    sent = json.dumps(GIVEN | {"Code": {"ZipFile": "AAAA" * (MAX_ZIPPED // 3 + 1)}}).encode()
    assert api.http("POST", "/2015-03-31/functions", sent).status == 413


def test_what_unzips_to_more_than_lambda_takes_is_refused(api: Api) -> None:
    api.emulator.packages = Packages(limit=20)
    with pytest.raises(AwsError, match="Unzipped size must be smaller than 262144000 bytes"):
        api.create(code=zipped({"app.py": "x" * 21}))


def test_s3_is_asked_where_there_is_one(api: Api) -> None:
    asked: list[tuple[str, ...]] = []
    call = api.emulator.call

    async def read(account: str, region: str, bucket: str, key: str, version: str | None) -> bytes:
        asked.append((account, region, bucket, key, str(version)))
        if key == "gone":
            raise AwsError("NoSuchKey", "The specified key does not exist.")
        return CODE

    api.emulator.call = lambda *facts: replace(call(*facts), read_object=read)  # type: ignore[method-assign]
    assert api.refused("CreateFunction", **GIVEN, Code={"S3Bucket": "bucket", "S3Key": "gone"}) == (
        "InvalidParameterValueException",
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    )
    api("CreateFunction", **GIVEN, Code={"S3Bucket": "bucket", "S3Key": "k", "S3ObjectVersion": "7"})
    assert api.invoked()[0] == 1
    api("UpdateFunctionCode", FunctionName="f", S3Bucket="bucket", S3Key="k")
    assert asked[1:] == [
        ("000000000000", REGION, "bucket", "k", "7"), ("000000000000", REGION, "bucket", "k", "None"),
    ]  # fmt: skip


def test_a_folder_of_this_machine_is_run_where_it_lies(api: Api, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context): return 'one'")
    made = api("CreateFunction", **GIVEN, Code={"S3Bucket": "hot-reload", "S3Key": str(tmp_path)})
    assert made["CodeSize"] == len("def handler(event, context): return 'one'")
    assert api.invoked() == "one"
    (tmp_path / "app.py").write_text("def handler(event, context): return 'edited'")
    assert api.invoked() == "edited"
    code, told = api.refused(
        "CreateFunction", **GIVEN | {"FunctionName": "g"}, Code={"S3Bucket": "hot-reload", "S3Key": "/no/such/folder"}
    )
    assert (code, "There is no /no/such/folder" in told) == ("InvalidParameterValueException", True)


def test_a_relative_path_starts_where_the_server_was_started(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code/app.py").write_text("def handler(event, context): return 'here'")
    monkeypatch.chdir(tmp_path)
    with home_of.staying_home():
        monkeypatch.chdir("/")
        api.create(Code={"S3Bucket": "hot-reload", "S3Key": "code"})
        assert api.invoked() == "here"


def test_a_deleted_function_takes_its_code_with_it(api: Api) -> None:
    api.create(Publish=True)
    api.invoked()
    folder = api.emulator.packages.find(hashlib.sha256(CODE).hexdigest())
    assert folder is not None
    api("UpdateFunctionCode", FunctionName="f", ZipFile=TWO)
    assert folder.folder.exists()  # version 1 has it
    api("DeleteFunction", FunctionName="f", Qualifier="1")
    assert not folder.folder.exists()
    api("DeleteFunction", FunctionName="f")
    assert api.store.archives.collect() == set()


def test_code_that_is_gone_from_the_disk_comes_out_of_the_state_again(api: Api) -> None:
    api.create()

    async def remove() -> None:
        api.emulator.packages.keep(set())

    api.run(remove())
    assert api.invoked()[0] == 1


def test_what_is_made_is_there_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "ebl.db"
    first = Api(state)
    first.create(Publish=True, Environment={"Variables": {"TABLE": "t"}})
    first("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    kept = first("GetFunctionConfiguration", FunctionName="f")
    first.close()
    second = Api(state)
    assert second("GetFunctionConfiguration", FunctionName="f") == kept
    assert second.invoked("f:live") == [1, "1", f"{ARN}:live", "t"]
    second.close()


def test_one_that_was_being_made_when_the_process_ended_is_active_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "ebl.db"
    first = Api(state)
    first.create()
    with first.store.transaction():
        row = first.store.functions.find("000000000000", REGION, "f")
        assert row is not None
        first.store.functions.put(replace(row, state="Pending"))
    first.close()
    second = Api(state)
    assert second("GetFunctionConfiguration", FunctionName="f")["State"] == "Active"
    second.close()


def test_a_reset_forgets_functions_and_their_code(api: Api) -> None:
    api.create()
    api.invoked()

    async def reset(keep: bool) -> None:
        api.emulator.reset(keep_rules=keep)

    api.run(reset(True))
    assert api.invoked()[0] == 1
    api.run(reset(False))
    assert api.refused("GetFunction", FunctionName="f") == NO_FUNCTION
    assert api.store.archives.collect() == set()
    api.create(code=TWO)
    assert api.invoked() == 2


def test_a_snapshot_has_the_code(api: Api) -> None:
    api.create()

    async def scenario() -> None:
        api.emulator.snapshot("one")
        api.emulator.reset()
        api.emulator.restore("one")

    api.run(scenario())
    assert api.invoked()[0] == 1


def test_code_is_not_taken_away_from_an_invocation_that_runs(api: Api) -> None:
    """The function is deleted while its handler waits; what it imports late is still there."""
    slow = zipped({
        "app.py": """
import socket
def handler(event, context):
    with socket.create_connection(("127.0.0.1", event)) as connection:
        connection.recv(1)
    import late
    return late.VALUE
""",
        "late.py": "VALUE = 'late'",
    })  # fmt: skip
    api.create(code=slow, Timeout=60)

    async def scenario() -> Members:
        call = api.emulator.api
        began: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
        async with await asyncio.start_server(lambda _, writer: began.set_result(writer), "127.0.0.1", 0) as waiting:
            port = waiting.sockets[0].getsockname()[1]
            members = {"FunctionName": "f", "Payload": json.dumps(port).encode()}
            running = asyncio.ensure_future(call("lambda", "Invoke", members))
            writer = await began
            await call("lambda", "DeleteFunction", {"FunctionName": "f"})
            writer.close()
            return await running

    assert json.loads(api.run(scenario())["Payload"]) == "late"
    assert api.emulator.packages.find(hashlib.sha256(slow).hexdigest()) is None


def test_dependencies_in_the_zip_come_first(api: Api) -> None:
    code = zipped({
        "app.py": "import yaml, dep\ndef handler(event, context): return [yaml.WHOSE, dep.inner.VALUE]",
        "yaml.py": "WHOSE = 'mine'",
        "dep/__init__.py": "from . import inner",
        "dep/inner.py": "VALUE = 42",
    })  # fmt: skip
    api.create(code=code)
    assert api.invoked() == ["mine", 42]
