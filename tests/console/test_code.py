"""/_ebl/code: where `Code.Location` of GetFunction points."""

import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from emulator.store.functions import FunctionRow
from tests.console.looking import Looking, looking
from tests.runtime.zips import zipped

CODE = zipped({"app.py": "def handler(event, context): return 1"})
GIVEN = {
    "Runtime": "python3.12", "Handler": "app.handler", "Role": "arn:aws:iam::000000000000:role/r",
    "Code": {"ZipFile": CODE},
}  # fmt: skip


async def location(look: Looking, name: str) -> str:
    answer = await look.emulator.api("lambda", "GetFunction", {"FunctionName": name})
    location: str = answer["Code"]["Location"]
    return urlsplit(location).path


def test_code_comes_back_as_it_was_sent(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.emulator.api("lambda", "CreateFunction", {"FunctionName": "f", **GIVEN})
        path = await location(look, "f")
        answer = await look.client.get(path)
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "application/zip", CODE)
        await look.emulator.api("lambda", "DeleteFunction", {"FunctionName": "f"})
        assert "has this code any more" in (await look.get(path, status=404))["detail"]

    looking(tmp_path, scenario)


def test_a_function_of_the_project_is_packed_when_it_is_asked_for(tmp_path: Path) -> None:
    code = tmp_path / "code" / "app.py"
    code.parent.mkdir()
    code.write_text("x = 1")

    async def scenario(look: Looking) -> None:
        look.emulator.store.functions.put(FunctionRow("000000000000", "us-east-1", "p", str(code)))
        path = await location(look, "p")
        code.write_text("x = 2")
        answer = await look.client.get(path)
        with zipfile.ZipFile(BytesIO(answer.content)) as archive:
            assert archive.read("app.py") == b"x = 2"
        assert (await look.get(path + "q", status=404))["detail"].startswith("There is no function pq")

    looking(tmp_path, scenario)


def test_nobody_finds_code_by_guessing(tmp_path: Path) -> None:
    async def scenario(look: Looking) -> None:
        await look.emulator.api("lambda", "CreateFunction", {"FunctionName": "f", **GIVEN})
        path = await location(look, "f")
        assert "valid" in (await look.get(path.replace(look.emulator.packages.secret, "0" * 48), status=404))["detail"]
        other = path.replace(look.emulator.packages.secret, "ü").partition("/archives")[0] + "/functions/0/r/f"
        assert "valid" in (await look.get(other, status=404))["detail"]

    looking(tmp_path, scenario)
