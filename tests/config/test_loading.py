from pathlib import Path

import pytest

from emulator.config import load
from emulator.errors import ConfigError

ROOT = Path(__file__).parents[2]


def test_the_example_project() -> None:
    config = load(ROOT / "config.yaml", {})
    assert [function.name for function in config.functions] == ["charge", "records", "report", "ship", "thumbnail"]
    assert [(rule.name, rule.bus, [t.label for t in rule.targets]) for rule in config.rules] == [
        ("charge-on-order", "orders", ["charge"]),
        ("ship-when-charged", "orders", ["ship"]),
        ("nightly", "default", ["report"]),
        ("thumbnail-on-upload", "default", ["thumbnail"]),
    ]
    assert (config.port, config.account, config.region) == (4566, "000000000000", "us-east-1")


def test_settings_of_the_server(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "region: eu-west-1\naccount: 000000000012\nhost: 0.0.0.0\nport: ${PORT}\n"
        "allowed_hosts: [aws]\nfunctions_dir: src\n"
    )
    config = load(tmp_path / "config.yaml", {"PORT": "0"})
    assert (config.region, config.account, config.host, config.port) == ("eu-west-1", "000000000012", "0.0.0.0", 0)
    assert (config.allowed_hosts, config.functions_dir) == (("aws",), tmp_path / "src")


def test_dotenv_lies_beside_the_file_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=1\nHOST=a\n")
    (tmp_path / "config.yaml").write_text("port: ${PORT}\nhost: ${HOST}\n")
    config = load(tmp_path / "config.yaml", {"HOST": "b"})
    assert (config.port, config.host) == (1, "b")


def test_a_mark_at_the_beginning_of_the_file_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes(b"\xef\xbb\xbfport: 1\n")
    assert load(tmp_path / "config.yaml", {}).port == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "cannot be read: No such file or directory"), (b"\xff", "is not UTF-8: invalid start byte")],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes | None, problem: str) -> None:
    file = tmp_path / "config.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        load(file, {})
    assert str(raised.value) == f"{file}:1:1: {problem}"


def test_later_problems_point_into_the_file_too(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("rules:\n  a:\n    schedule: rate(1 day)\n")
    assert str(load(file, {}).problem(("rules", "a"), "no")) == f"{file}:3:5: rules.a: no"
