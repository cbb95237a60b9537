"""Published versions: they keep their code and configuration, and their numbers."""

from pathlib import Path

import pytest

from emulator.store.functions import FunctionRow
from tests.runtime.zips import zipped
from tests.services.lambda_.api import ACCOUNT, ARN, REGION, TWO, Api


def test_a_version_is_a_copy_that_does_not_change(api: Api) -> None:
    api.create(Description="of the function", Environment={"Variables": {"TABLE": "t1"}})
    latest = api("GetFunctionConfiguration", FunctionName="f")
    version = api("PublishVersion", FunctionName="f")
    assert version == {**latest, "Version": "1", "FunctionArn": f"{ARN}:1", "RevisionId": version["RevisionId"]}
    assert version["RevisionId"] != latest["RevisionId"]
    assert api("GetFunctionConfiguration", FunctionName="f") == latest
    api("UpdateFunctionConfiguration", FunctionName="f", Environment={"Variables": {"TABLE": "t2"}})
    assert (api.invoked()[3], api.invoked("f:1")[3]) == ("t2", "t1")
    api("UpdateFunctionCode", FunctionName="f", ZipFile=TWO)
    assert (api.invoked(), api.invoked("f:1")) == (2, [1, "1", f"{ARN}:1", "t1"])
    assert api("GetFunctionConfiguration", FunctionName="f:1") == version


def test_nothing_changed_is_no_new_version(api: Api) -> None:
    api.create()
    first = api("PublishVersion", FunctionName="f", Description="first")
    assert api("PublishVersion", FunctionName="f", Description="again") == first
    assert first["Description"] == "first"
    api("UpdateFunctionConfiguration", FunctionName="f", Timeout=5)
    assert api("PublishVersion", FunctionName="f")["Version"] == "2"
    api("UpdateFunctionConfiguration", FunctionName="f", Timeout=3)
    assert api("PublishVersion", FunctionName="f")["Version"] == "3"


def test_numbers_are_not_used_again(api: Api) -> None:
    api.create(Publish=True)
    api("DeleteFunction", FunctionName="f", Qualifier="1")
    assert api("PublishVersion", FunctionName="f")["Version"] == "2"
    versions = api("ListVersionsByFunction", FunctionName="f")["Versions"]
    assert [(entry["Version"], entry["FunctionArn"]) for entry in versions] == [
        ("$LATEST", f"{ARN}:$LATEST"), ("2", f"{ARN}:2"),
    ]  # fmt: skip
    assert len({entry["RevisionId"] for entry in versions}) == 2
    assert not any({"State", "LastUpdateStatus", "RuntimeVersionConfig"} & entry.keys() for entry in versions)


def test_versions_are_listed_by_their_number_a_page_at_a_time(api: Api) -> None:
    api.create()
    for timeout in range(1, 12):
        api("UpdateFunctionConfiguration", FunctionName="f", Timeout=timeout)
        api("PublishVersion", FunctionName="f")
    seen: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = api("ListVersionsByFunction", FunctionName="f", MaxItems=5, **marker)
        seen += [entry["Version"] for entry in page["Versions"]]
        if "NextMarker" not in page:
            break
        marker = {"Marker": page["NextMarker"]}
    assert seen == ["$LATEST", *map(str, range(1, 12))]


def test_the_code_that_is_expected_has_to_be_there(api: Api) -> None:
    sha256 = api.create()["CodeSha256"]
    assert api.refused("PublishVersion", FunctionName="f", CodeSha256="other") == (
        "InvalidParameterValueException",
        f"CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ({sha256})."
        " Please try again with the CodeSHA256 in $LATEST.",
    )
    assert api("PublishVersion", FunctionName="f", CodeSha256=sha256)["Version"] == "1"


def test_a_version_that_is_not_there(api: Api) -> None:
    api.create()
    for operation in ("GetFunction", "GetFunctionConfiguration", "Invoke"):
        for asked in ({"FunctionName": "f:7"}, {"FunctionName": "f", "Qualifier": "7"}):
            refusal = api.refused(operation, **asked)
            assert refusal == ("ResourceNotFoundException", f"Function not found: {ARN}:7")
    assert api.refused("ListVersionsByFunction", FunctionName="gone")[1] == f"Function not found: {ARN[:-1]}gone"


def test_instances_of_its_own_are_not_emulated(api: Api) -> None:
    api.create()
    refusal = api.refused("PublishVersion", FunctionName="f", PublishTo="LATEST_PUBLISHED")
    assert refusal == ("NotImplementedException", "lambda:PublishVersion: PublishTo is not emulated.")


def of_the_project(api: Api, code: Path, handler: str = "") -> None:
    row = FunctionRow(ACCOUNT, REGION, "p", str(code), handler, revision_id="1")
    with api.store.transaction():
        api.store.functions.put(row)


@pytest.mark.parametrize("handler", ["", "app.handler", "app:handler", "p/app.py:handler"])
def test_a_version_of_a_function_of_the_project_does_not_change_with_its_files(
    api: Api, tmp_path: Path, handler: str
) -> None:
    folder = tmp_path / "functions" / "p"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text("import _shared, helper\ndef handler(event, context): return [helper.V, _shared.V]")
    (folder / "helper.py").write_text("V = 1")
    (folder.parent / "_shared.py").write_text("V = 'shared'")
    (folder.parent / "other.py").write_text("")
    of_the_project(api, folder, handler)
    version = api("PublishVersion", FunctionName="p")
    assert (version["Version"], version["Handler"]) == ("1", "app.handler")
    assert version["CodeSha256"] == api("GetFunctionConfiguration", FunctionName="p")["CodeSha256"]
    assert api("PublishVersion", FunctionName="p")["Version"] == "1"
    (folder / "helper.py").write_text("V = 'two'")
    (folder.parent / "_shared.py").write_text("V = 'changed'")
    assert (api.invoked("p"), api.invoked("p:1")) == (["two", "changed"], [1, "shared"])
    assert api("PublishVersion", FunctionName="p")["Version"] == "2"
    assert api.invoked("p:2") == ["two", "changed"]


def test_a_function_of_one_file_is_published_with_what_lies_beside_it(api: Api, tmp_path: Path) -> None:
    (tmp_path / "my-function.py").write_text("import utils\ndef lambda_handler(event, context): return utils.V")
    (tmp_path / "utils.py").write_text("V = 1")
    of_the_project(api, tmp_path / "my-function.py")
    assert api("PublishVersion", FunctionName="p")["Handler"] == "my-function.lambda_handler"
    (tmp_path / "utils.py").write_text("V = 'two'")
    assert (api.invoked("p"), api.invoked("p:1")) == ("two", 1)


def test_a_folder_of_this_machine_can_be_made_and_published_at_once(api: Api, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context): return 1")
    made = api.create(Code={"S3Bucket": "hot-reload", "S3Key": str(tmp_path)}, Publish=True)
    assert (made["Version"], made["FunctionArn"]) == ("1", ARN)
    (tmp_path / "app.py").write_text("def handler(event, context): return 'two'")
    assert (api.invoked(), api.invoked("f:1")) == ("two", 1)


def test_what_cannot_be_packed_is_not_published(api: Api, tmp_path: Path) -> None:
    of_the_project(api, tmp_path / "gone" / "app.py")
    code, told = api.refused("PublishVersion", FunctionName="p")
    assert code == "InvalidParameterValueException"
    assert "non-empty zip" in told


def test_zips_of_versions_are_kept_once(api: Api) -> None:
    api.create(Publish=True)
    api.create("g", code=zipped({"app.py": "def handler(event, context): return 'g'"}))
    api("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
    api("PublishVersion", FunctionName="f")
    assert len(api.store.archives.collect()) == 2
