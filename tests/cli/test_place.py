"""What a command knows without asking anybody."""

from pathlib import Path

import pytest

from emulator.cli.client import endpoint_url
from emulator.cli.exits import Failure
from emulator.cli.place import configured, default_url, own_key, region, way_to

URL = "http://localhost:4566"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("port: 4600", {"port": "4600"}),
        ("rules: {}\n'region': \"eu-west-1\"  # near\r\naccount: '012345678901'\n",
         {"region": "eu-west-1", "account": "012345678901"}),
        ("functions:\n  charge:\n    env:\n      port: 1\n", {}),
        ("port: 0\naccount: 12\n", {}),
        ("port: ${PORT}\n", {"port": "4601", "region": "us-east-1"}),
        ("# ours\n{port: 4602, region: eu-west-1}", {"port": "4602", "region": "eu-west-1"}),
        ("port: [1]\n", {}),
    ],
)  # fmt: skip
def test_what_the_file_says(text: str, expected: dict[str, str]) -> None:
    Path("config.yaml").write_text(text)
    assert configured({"PORT": "4601"}) == expected


def test_without_a_file() -> None:
    assert configured({}) == {}
    assert (default_url({}), region({}), own_key({})) == (URL, "us-east-1", "test")


def test_the_environment_wins_over_the_file_that_it_names() -> None:
    Path("other.yaml").write_text("port: 4600\nregion: eu-west-1\naccount: '123456789012'\n")
    file = {"EBL_CONFIG": "other.yaml"}
    assert (default_url(file), region(file), own_key(file)) == (
        "http://localhost:4600", "eu-west-1", "123456789012",
    )  # fmt: skip
    assert default_url(file | {"EBL_PORT": "4700"}) == "http://localhost:4700"
    assert default_url(file | {"EBL_PORT": "4700", "AWS_ENDPOINT_URL": "http://x"}) == "http://x"
    assert region(file | {"AWS_DEFAULT_REGION": "us-west-2"}) == "us-west-2"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"EBL_PORT": "abc"}, "EBL_PORT is 'abc': it should be a number from 1 to 65535."),
        ({"EBL_PORT": "99999"}, "EBL_PORT is '99999': it should be a number from 1 to 65535."),
        ({"EBL_ENDPOINT": "http://localhost:99999"}, "endpoint 'http://localhost:99999' is not a URL such as"),
        ({"EBL_ENDPOINT": "http://[::1"}, "endpoint 'http://[::1' is not a URL such as"),
    ],
)
def test_what_is_no_address(environ: dict[str, str], said: str) -> None:
    with pytest.raises(Failure) as failed:
        endpoint_url(None, environ)
    assert failed.value.code == 2
    assert failed.value.message.startswith(said)


@pytest.mark.parametrize(
    ("url", "where", "account", "environ", "expected"),
    [
        (URL, "us-east-1", "000000000000", {}, ("", "")),
        ("http://localhost:4600", "us-east-1", "000000000000", {"EBL_PORT": "4600"},
         ("", " --endpoint http://localhost:4600")),
        (URL, "eu-west-1", "123456789012", {}, ("AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=123456789012 ", "")),
        ("http://localhost:4602", "us-east-1", "000000000000", {"EBL_CONFIG": "other.yaml"},
         ("", " --endpoint http://localhost:4602")),
        (URL, "us-east-1", "000000000000", {"AWS_REGION": "eu-west-1"}, ("AWS_REGION=us-east-1 ", "")),
        ("http://localhost:4601", "eu-west-3", "111111111111", {"EBL_CONFIG": "config.yaml"}, ("", "")),
    ],
)  # fmt: skip
def test_the_way_to_a_server(
    url: str, where: str, account: str, environ: dict[str, str], expected: tuple[str, str]
) -> None:
    Path("other.yaml").write_text("port: 4602\n")
    if environ.get("EBL_CONFIG") == "config.yaml":
        Path("config.yaml").write_text("port: 4601\nregion: eu-west-3\naccount: '111111111111'\n")
    assert way_to(url, where, account, environ) == expected
