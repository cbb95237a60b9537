"""Functions made through the API, with the tools that people use: boto3, its waiters, the AWS CLI."""

import io
import json
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import Server, running

ROLE = "arn:aws:iam::000000000000:role/r"
HANDLER = """
import os
from dep.inner import VALUE

def handler(event, context):
    return {"value": VALUE, "version": context.function_version, "arn": context.invoked_function_arn, "got": event}
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip as `zip -r` makes it: a handler, and a dependency beside it."""
    path = tmp_path_factory.mktemp("package") / "function.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", HANDLER)
        archive.writestr("dep/__init__.py", "from . import inner\n")
        archive.writestr("dep/inner.py", "VALUE = 42\n")
    return path


def create(client: Any, name: str, package: Path, **members: Any) -> Any:
    return client.create_function(
        FunctionName=name, Runtime="python3.12", Handler="app.handler", Role=ROLE,
        Code={"ZipFile": package.read_bytes()}, **members,
    )  # fmt: skip


def invoke(client: Any, name: str) -> Any:
    answer = client.invoke(FunctionName=name, Payload=b'{"a": 1}')
    assert "FunctionError" not in answer
    return json.load(answer["Payload"])


def test_the_cli_makes_a_function_from_a_zip_and_runs_it(server: Server, package: Path, tmp_path: Path) -> None:
    name = ("--function-name", "from-cli")
    made = server.aws(
        "lambda", "create-function", *name, "--runtime", "python3.12", "--handler", "app.handler", "--role", ROLE,
        "--zip-file", f"fileb://{package}", "--environment", "Variables={TABLE=orders}", "--publish",
    )  # fmt: skip
    assert (made["State"], made["Version"]) == ("Pending", "1")
    server.aws("lambda", "wait", "function-active-v2", *name)
    out = tmp_path / "out.json"
    answer = server.aws("lambda", "invoke", *name, "--payload", '{"a": 1}', str(out))
    assert answer == {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
    arn = "arn:aws:lambda:us-east-1:000000000000:function:from-cli"
    assert json.loads(out.read_text()) == {"value": 42, "version": "$LATEST", "arn": arn, "got": {"a": 1}}
    server.aws("lambda", "create-alias", *name, "--name", "live", "--function-version", "1")
    server.aws("lambda", "invoke", *name, "--qualifier", "live", str(out))
    assert json.loads(out.read_text()) == {"value": 42, "version": "1", "arn": f"{arn}:live", "got": {}}
    server.aws("lambda", "delete-function", *name)


def test_the_waiters_of_boto3_do_not_wait(server: Server, package: Path) -> None:
    client = server.client("lambda")
    create(client, "waited", package)
    patient = {"Delay": 60, "MaxAttempts": 1}
    for waiter in ("function_exists", "function_active_v2", "function_updated", "function_updated_v2"):
        client.get_waiter(waiter).wait(FunctionName="waited", WaiterConfig=patient)
    client.update_function_configuration(FunctionName="waited", Timeout=9)
    client.get_waiter("function_updated_v2").wait(FunctionName="waited", WaiterConfig=patient)
    client.publish_version(FunctionName="waited")
    client.get_waiter("published_version_active").wait(FunctionName="waited", Qualifier="1", WaiterConfig=patient)
    client.delete_function(FunctionName="waited")


def test_who_does_not_wait_is_not_punished(server: Server, package: Path) -> None:
    """AWS refuses an invocation, or a change, while a function is pending; here it need not be."""
    client = server.client("lambda")
    create(client, "at-once", package)
    assert invoke(client, "at-once")["value"] == 42
    client.update_function_code(FunctionName="at-once", ZipFile=package.read_bytes(), Publish=True)
    client.update_function_configuration(FunctionName="at-once", Timeout=9)
    assert invoke(client, "at-once:1")["version"] == "1"
    client.delete_function(FunctionName="at-once")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function(FunctionName="at-once")


def test_the_code_can_be_downloaded(server: Server, package: Path) -> None:
    client = server.client("lambda")
    create(client, "downloaded", package)
    location = client.get_function(FunctionName="downloaded")["Code"]["Location"]
    assert location.startswith(server.url)
    with urllib.request.urlopen(location) as answer:
        assert answer.read() == package.read_bytes()
    location = client.get_function(FunctionName="charge")["Code"]["Location"]
    with urllib.request.urlopen(location) as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as archive:
        assert "charge.py" in archive.namelist()
    client.delete_function(FunctionName="downloaded")


def test_an_event_reaches_an_alias(server: Server, package: Path) -> None:
    client, events = server.client("lambda"), server.client("events")
    create(client, "aliased", package, Publish=True)
    arn = client.create_alias(FunctionName="aliased", Name="live", FunctionVersion="1")["AliasArn"]
    events.put_rule(Name="to-alias", EventPattern='{"source": ["test.alias"]}')
    events.put_targets(Rule="to-alias", Targets=[{"Id": "1", "Arn": arn}])
    [delivery] = server.put("test.alias", "Any", {})["deliveries"]
    assert delivery["state"] == "delivered"
    result = json.loads(delivery["attempts"][-1]["result"])
    assert (result["version"], result["arn"]) == ("1", arn)
    events.remove_targets(Rule="to-alias", Ids=["1"])
    events.delete_rule(Name="to-alias")
    client.delete_function(FunctionName="aliased")


def test_functions_outlive_a_server_that_is_killed(project: Path, package: Path) -> None:
    with running(project, "--state", "ebl.db") as server:
        client = server.client("lambda")
        create(client, "kept", package, Publish=True)
        client.publish_layer_version(LayerName="l", Content={"ZipFile": package.read_bytes()})
        assert invoke(client, "kept")["value"] == 42
        server.process.kill()
        server.process.wait()
    with running(project, "--state", "ebl.db") as server:
        client = server.client("lambda")
        assert invoke(client, "kept:1") == {
            "value": 42, "version": "1", "got": {"a": 1},
            "arn": "arn:aws:lambda:us-east-1:000000000000:function:kept:1",
        }  # fmt: skip
        assert client.get_layer_version(LayerName="l", VersionNumber=1)["Version"] == 1
        assert any("kept" in line and "a zip of" in line for line in server.screen)
