"""What can be known of the image without a container engine."""

import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.docs.image import Image, context, instructions
from tests.docs.page import ROOT, blocks
from tests.docs.reader import Lines, end, free_port

PAGE = ROOT / "docs" / "docker.md"
SHOWN = [yaml.safe_load(block.text) for block in blocks(PAGE) if block.file == "docker-compose.yml"]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SAID = list(instructions((ROOT / "Dockerfile").read_text()))


@pytest.mark.parametrize("file", [COMPOSE, *SHOWN])
def test_the_compose_file_keeps_the_emulator_to_this_machine(file: dict[str, Any]) -> None:
    service = file["services"]["aws"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert all(volume.endswith(":ro") and "docker.sock" not in volume for volume in service["volumes"])
    assert "privileged" not in service


def test_an_application_beside_it_is_answered() -> None:
    [file] = SHOWN
    aws, app = file["services"]["aws"], file["services"]["app"]
    assert aws == COMPOSE["services"]["aws"], "docs/docker.md and docker-compose.yml say the same"
    assert urlsplit(app["environment"]["AWS_ENDPOINT_URL"]).hostname in aws["environment"]["EBL_ALLOWED_HOSTS"].split(
        ","
    )
    assert app["depends_on"] == {"aws": {"condition": "service_healthy"}}


def test_the_image_is_not_root_s() -> None:
    said = dict(SAID)  # of an instruction that comes twice, the last one counts
    assert f" {said['USER']}" in next(rest for name, rest in SAID if "useradd" in rest)
    assert [name for name, _ in SAID].index("USER") > max(i for i, (name, _) in enumerate(SAID) if name == "RUN")


def test_an_image_on_top_of_it_names_places_and_users_that_are_there() -> None:
    [block] = [block for block in blocks(PAGE) if block.language == "dockerfile"]
    said = list(instructions(block.text))
    assert said[-1] == ("USER", dict(SAID)["USER"])
    assert f"--tag {dict(said)['FROM']} ." in _commands()
    assert any("/opt/ebl/bin/pip" in rest for _, rest in SAID)
    assert "/opt/ebl/bin/pip" in dict(said)["RUN"]


@pytest.mark.slow
@pytest.mark.timeout(600)  # it installs everything anew
def test_the_dockerfile_installs_and_starts_the_emulator(tmp_path: Path) -> None:
    context(ROOT, tmp_path / "context")
    shutil.copy(ROOT / "Dockerfile", tmp_path)
    image = Image(tmp_path / "root", tmp_path / "context")
    _has_every_file(image.root / "opt")
    # 0.0.0.0 is for inside of a container: here it would be this machine's network.
    environment = image.environment | {"EBL_HOST": "127.0.0.1", "EBL_PORT": str(free_port())}
    for path in (image.workdir, *image.workdir.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = sorted(tmp_path.rglob("*"))

    def run(words: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words, cwd=image.workdir, env=environment, text=True, capture_output=True, timeout=30, check=False
        )

    assert run(image.healthcheck).returncode == 1
    server = subprocess.Popen(
        image.command, cwd=image.workdir, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert server.stdout is not None
    lines = Lines(server.stdout)
    try:
        lines.wait("Ready.")
        assert run(image.healthcheck).returncode == 0
        put = run(["ebl", "put", "shop", "OrderPlaced", '{"id": 1}', "--bus", "orders", "--wait"])
        assert put.stdout.startswith("matched 1 rule · delivered 1"), put.stderr
    finally:
        end(server, lines)
    assert run(image.healthcheck).returncode == 1
    assert sorted(tmp_path.rglob("*")) == before, "it wrote into its own file system"


def _has_every_file(installed: Path) -> None:
    """The wheel takes along what is no Python: SQL, patches, templates, samples, py.typed."""
    [package] = installed.glob("ebl/lib/python*/site-packages/emulator")
    source = ROOT / "emulator"

    def files(folder: Path) -> set[str]:
        found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        return {name for name in found if "__pycache__" not in name}

    assert files(package) == files(source)
    assert {"py.typed", "store/schema.sql", "templates/config.yaml"} <= files(package)


def _commands() -> str:
    return "".join(block.text for block in blocks(PAGE) if block.language == "sh")
