from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.servers import Running, started

CONFIG = """\
rules:
  charge-on-order:
    bus: orders
    pattern: {source: [shop], detail-type: [OrderPlaced]}
    targets: [charge]
  broken: {bus: orders, pattern: {source: [broken]}, targets: [broken]}
  slow: {bus: orders, pattern: {source: [slow]}, targets: [slow]}
  unloaded: {bus: orders, pattern: {source: [nowhere]}}
functions:
  charge: {env: {TABLE: orders}, timeout: 10s}
"""
HANDLERS = {
    "charge": """\
import os


def handler(event, context):
    print("charging order", event["detail"]["id"])
    return {"ok": True, "table": os.environ["TABLE"]}
""",
    "broken": """\
def handler(event, context):
    return pay(event)


def pay(event):
    return event["detail"]["amount"]
""",
    "slow": """\
import threading


def handler(event, context):
    print("waiting")
    threading.Event().wait(event["detail"]["seconds"])
""",
}


def make_project(folder: Path, config: str = CONFIG) -> Path:
    (folder / "functions").mkdir(parents=True)
    (folder / "config.yaml").write_text(config)
    for name, source in HANDLERS.items():
        (folder / "functions" / f"{name}.py").write_text(source)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for a module, with the project's rules; the folder is `server.folder`."""
    folder = make_project(tmp_path_factory.mktemp("cli") / "shop")
    with started(folder, "--json", "--no-reload") as running:
        running.folder = folder
        yield running
